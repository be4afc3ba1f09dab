"""How scores and places moved: a small curve per model and role, and the page of the timeline.

Points are the last board of each day. Where a source's scale had another version than the board
before, curves are cut: what moved there has moved with the scale. Nothing is scored here; what is
computed is where to draw.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from render import show
from render.board import PopulationChange, Role, TimelinePoint
from render.changes import change_of, has_changes
from render.charts.scatter import Dot, Scatter, by_day
from render.lookup import Lookup

SPARK_WIDTH, SPARK_HEIGHT, SPARK_MARGIN = 200, 40, 4
# A curve that hardly moves should look like one: at least so many points from bottom to top.
SMALLEST_SPAN = 5.0
PLACES_SHOWN = 10
CHART_LEFT, CHART_RIGHT = 30, 280
CHART_TOP, ROW_HEIGHT = 14, 26
DAYS_IN_TABLE = 6


@dataclass(frozen=True, slots=True)
class Sparkline:
    """One model's scores in one role. `segments` are paths; a gap is a day without the model."""

    role: Role
    segments: tuple[str, ...]
    bands: tuple[str, ...]
    marks: tuple[str, ...]
    end: tuple[str, str]
    words: str
    first: TimelinePoint
    last: TimelinePoint


class Timeline:
    """The points of a board by model and role, and where each day stands from left to right."""

    def __init__(self, lookup: Lookup) -> None:
        points = lookup.board.timeline or ()
        self.roles = lookup.board.roles
        self.days = sorted({point.scored_on for point in points})
        self.hashes = {point.scored_on: point.coefficients_sha256 for point in points}
        self.scales = {point.scored_on: point.scale_versions for point in points}
        self.of: dict[tuple[str, str], dict[date, TimelinePoint]] = defaultdict(dict)
        for point in points:
            self.of[point.canonical_id, point.role_id][point.scored_on] = point

    @property
    def has_course(self) -> bool:
        """Whether there are two days, so that something can have moved."""
        return len(self.days) > 1

    @property
    def changes_of_coefficients(self) -> list[date]:
        """The days whose board has other coefficients than the one drawn before it."""
        return [
            day
            for before, day in zip(self.days, self.days[1:], strict=False)
            if self.hashes[day] != self.hashes[before]
        ]

    @property
    def changes_of_scales(self) -> list[tuple[date, list[tuple[str, str, str]]]]:
        """The days with other versions of scales than before: source, version then and now.

        A board of which no version is known is compared with none.
        """
        found = []
        for before, day in zip(self.days, self.days[1:], strict=False):
            then, now = _versions(self.scales[before]), _versions(self.scales[day])
            changed = [
                (source_id, then[source_id], now[source_id])
                for source_id in sorted(then.keys() & now.keys())
                if then[source_id] != now[source_id]
            ]
            if changed:
                found.append((day, changed))
        return found

    @cached_property
    def cuts(self) -> set[date]:
        """The days before which curves are cut."""
        return {day for day, _ in self.changes_of_scales}

    def x(self, day: date, left: float, right: float) -> float:
        """Where a day stands."""
        span = (self.days[-1] - self.days[0]).days
        return left + (right - left) * (day - self.days[0]).days / span

    def runs(self, points: dict[date, TimelinePoint]) -> list[list[TimelinePoint]]:
        """The points cut where a board lacks the model, and where a scale is another one."""
        found: list[list[TimelinePoint]] = [[]]
        for day in self.days:
            if day in self.cuts and found[-1]:
                found.append([])
            if day in points:
                found[-1].append(points[day])
            elif found[-1]:
                found.append([])
        return [run for run in found if run]

    def sparklines(self, canonical_id: str) -> list[Sparkline]:
        """One per role; none where there is only one day."""
        if not self.has_course:
            return []
        return [
            self._sparkline(role, self.of[canonical_id, role.role_id])
            for role in self.roles
            if self.of.get((canonical_id, role.role_id))
        ]

    def _sparkline(self, role: Role, points: dict[date, TimelinePoint]) -> Sparkline:
        scores = [point.score for point in points.values()]
        bounds = [
            bound
            for point in points.values()
            for bound in (point.score_p05, point.score_p95)
            if bound is not None
        ]
        low, high = min(scores + bounds), max(scores + bounds)
        spare = max(0.0, SMALLEST_SPAN - (high - low)) / 2
        low, high = low - spare, high + spare

        def x(point: TimelinePoint) -> str:
            return show.coordinate(
                self.x(point.scored_on, SPARK_MARGIN, SPARK_WIDTH - SPARK_MARGIN)
            )

        def y(score: float) -> str:
            share = (score - low) / (high - low)
            return show.coordinate(
                SPARK_HEIGHT - SPARK_MARGIN - share * (SPARK_HEIGHT - 2 * SPARK_MARGIN)
            )

        runs = self.runs(points)
        bands = []
        for run in runs:
            edge = [(x(p), p.score_p95, p.score_p05) for p in run]
            if len(run) > 1 and all(None not in entry for entry in edge):
                upper = [f"{left} {y(above or 0)}" for left, above, _ in edge]
                lower = [f"{left} {y(below or 0)}" for left, _, below in reversed(edge)]
                bands.append("M" + "L".join(upper + lower) + "Z")
        first, last = points[min(points)], points[max(points)]
        return Sparkline(
            role=role,
            # A lone day is drawn as a dot: a line of no length with round ends.
            segments=tuple(
                "M"
                + "L".join(f"{x(point)} {y(point.score)}" for point in run)
                + ("h0" if len(run) == 1 else "")
                for run in runs
            ),
            bands=tuple(bands),
            marks=tuple(
                show.coordinate(self.x(day, SPARK_MARGIN, SPARK_WIDTH - SPARK_MARGIN))
                for day in self.changes_of_coefficients
            ),
            end=(x(last), y(last.score)),
            words=(
                f"{role.display_name}: {show.number(first.score, 1)} on {first.scored_on}, "
                f"{show.number(last.score, 1)} on {last.scored_on}; lowest "
                f"{show.number(min(scores), 1)}, highest {show.number(max(scores), 1)}, best rank "
                f"{show.ordinal(min(point.rank for point in points.values()))}"
            ),
            first=first,
            last=last,
        )


def _versions(text: str | None) -> dict[str, str]:
    """Version by source, of `source_id version` joined by commas."""
    parts = (part.partition(" ") for part in (text or "").split(", ") if part)
    return {source_id: version for source_id, _, version in parts}


@dataclass(frozen=True, slots=True)
class Line:
    """One model's places in a chart; `label` is the height of its name at the right."""

    point: TimelinePoint
    has_moved: bool
    segments: tuple[str, ...]
    end: tuple[str, str]
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """The places of one role over the days, and the same as a table."""

    role: Role
    height: str
    ticks: tuple[tuple[int, str], ...]
    days: tuple[tuple[date, str, str], ...]
    marks: tuple[str, ...]
    cuts: tuple[str, ...]
    since: date
    lines: tuple[Line, ...]
    table_days: tuple[date, ...]
    table: tuple[tuple[TimelinePoint, tuple[TimelinePoint | None, ...]], ...]


def timeline_context(lookup: Lookup) -> dict[str, Any]:
    """What timeline.html shows."""
    timeline = Timeline(lookup)
    board = lookup.board
    arrivals, departures = arrivals_and_departures(lookup)
    charts = [_chart(timeline, role) for role in board.roles] if timeline.has_course else []
    return {
        "days": timeline.days,
        "releases": [(role, drawn) for role in board.roles if (drawn := _releases(lookup, role))],
        "names": {row.slug: row.display_name for row in board.scoreboard},
        "n_without_date": sum(row.release_date is None for row in board.scoreboard),
        "charts": [chart for chart in charts if chart is not None],
        "has_lines": any(line.has_moved for chart in charts if chart for line in chart.lines),
        "changes_of_coefficients": timeline.changes_of_coefficients,
        "changes_of_scales": timeline.changes_of_scales,
        "compared_at": board.run.compared_at if has_changes(board) else None,
        "movers": _movers(lookup),
        "arrivals": arrivals,
        "departures": departures,
        "is_from_marts": board.timeline is not None,
    }


def arrivals_and_departures(
    lookup: Lookup,
) -> tuple[list[PopulationChange], list[PopulationChange]]:
    """Who has come to the board and who has left it, the best rank first."""
    changes = sorted(
        lookup.board.population_changes or (),
        key=lambda change: (change.best_rank, change.canonical_id),
    )
    return (
        [change for change in changes if change.change_kind == "arrival"],
        [change for change in changes if change.change_kind == "departure"],
    )


def _movers(lookup: Lookup) -> list[tuple[Any, list[Any]]]:
    """Row and change in each role of every model whose place has moved, in balanced order."""
    if not has_changes(lookup.board):
        return []
    changes: dict[str, dict[str, Any]] = defaultdict(dict)
    for score in lookup.board.role_scores:
        change = change_of(score, lookup)
        if change and score.previous_rank is not None:
            changes[score.canonical_id][score.role_id] = change
    return [
        (row, [changes[row.canonical_id].get(role.role_id) for role in lookup.board.roles])
        for row in lookup.ranked
        if row.canonical_id in changes
    ]


def _releases(lookup: Lookup, role: Role) -> Scatter | None:
    """Ranked models of a role by the day of their release, with the best score so far."""
    return by_day(
        [
            Dot(row.slug, row.display_name, row.release_date.toordinal(), row.score_of(role), True)
            for row in sorted(lookup.board.scoreboard, key=lambda row: row.slug)
            if row.release_date is not None
            and (evidence := lookup.evidence.get((row.canonical_id, role.role_id))) is not None
            and evidence.is_ranked
        ]
    )


def _height(rank: int) -> float:
    return CHART_TOP + (rank - 1) * ROW_HEIGHT


def _chart(timeline: Timeline, role: Role) -> Chart | None:
    """The first ten of today; None without two days whose boards say who had a place."""
    placed: dict[str, dict[date, tuple[TimelinePoint, int]]] = {
        canonical_id: {
            day: (point, point.place) for day, point in points.items() if point.place is not None
        }
        for (canonical_id, role_id), points in timeline.of.items()
        if role_id == role.role_id
    }
    days = sorted({day for points in placed.values() for day in points})
    if len(days) < 2 or days[-1] != timeline.days[-1]:
        return None

    def x(day: date) -> str:
        share = (day - days[0]).days / (days[-1] - days[0]).days
        return show.coordinate(CHART_LEFT + (CHART_RIGHT - CHART_LEFT) * share)

    shown = sorted(
        (points[days[-1]] for points in placed.values() if days[-1] in points),
        key=lambda entry: (entry[1], entry[0].canonical_id),
    )[:PLACES_SHOWN]
    lines = []
    for point, place in shown:
        visible = {
            day: entry
            for day, entry in placed[point.canonical_id].items()
            if entry[1] <= PLACES_SHOWN
        }
        runs = timeline.runs({day: entry[0] for day, entry in visible.items()})
        lines.append(
            Line(
                point=point,
                has_moved=any(other != place for _, other in placed[point.canonical_id].values()),
                segments=tuple(
                    "M"
                    + "L".join(
                        f"{x(p.scored_on)} {show.coordinate(_height(visible[p.scored_on][1]))}"
                        for p in run
                    )
                    + ("h0" if len(run) == 1 else "")
                    for run in runs
                ),
                end=(x(days[-1]), show.coordinate(_height(place))),
                label=show.coordinate(_height(place)),
            )
        )
    picked = _picked(days)
    ends = {days[0]: "start", days[-1]: "end"}
    return Chart(
        role=role,
        height=show.coordinate(_height(len(shown)) + 34),
        ticks=tuple((place, show.coordinate(_height(place))) for place in range(1, len(shown) + 1)),
        days=tuple((day, x(day), ends[day]) for day in ends),
        marks=tuple(x(day) for day in timeline.changes_of_coefficients if day in days),
        cuts=tuple(x(day) for day in sorted(timeline.cuts) if day in days),
        since=days[0],
        lines=tuple(lines),
        table_days=tuple(picked),
        table=tuple(
            (
                point,
                tuple(timeline.of[point.canonical_id, role.role_id].get(day) for day in picked),
            )
            for point, _ in shown
        ),
    )


def _picked(days: list[date]) -> list[date]:
    """At most so many days for a table, evenly spread, the first and the last among them."""
    if len(days) <= DAYS_IN_TABLE:
        return days
    steps = DAYS_IN_TABLE - 1
    return [days[round(step * (len(days) - 1) / steps)] for step in range(DAYS_IN_TABLE)]
