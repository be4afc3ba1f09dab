"""The leaderboard: the table of models, the first three of each role, what to filter by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from render import show
from render.board import Role, RoleScore, ScoreboardRow, ScoreInterval, Source
from render.changes import Change, change_of, has_changes
from render.lookup import Lookup
from render.pages.timeline import arrivals_and_departures

LEADERS_PER_ROLE = 3
PRICE_CEILINGS_USD = (0.5, 1, 2, 5, 10, 20)
COVERAGE_FLOORS_PCT = (50, 60, 70, 80, 90)


@dataclass(frozen=True)
class ScoreCell:
    """One score in the table: `letter` picks the hue."""

    letter: str
    role_name: str
    score: float
    rank: int
    interval: ScoreInterval | None

    @property
    def width(self) -> str:
        return show.coordinate(self.score)

    @property
    def whisker(self) -> tuple[str, str] | None:
        """Both ends of the interval, as far along the bar as the score."""
        if self.interval is None:
            return None
        return show.coordinate(self.interval.p05_score), show.coordinate(self.interval.p95_score)

    @property
    def heat(self) -> int:
        """How strong the tint of the cell is: 0 to 9, by tens of the score."""
        return min(9, int(self.score // 10))


@dataclass(frozen=True)
class Leader:
    """One of a role's first three."""

    row: ScoreboardRow
    score: RoleScore
    change: Change | None
    tier: int | None
    is_edge: bool

    @property
    def width(self) -> str:
        return show.coordinate(self.score.score)


def index_context(lookup: Lookup) -> dict[str, Any]:
    """What index.html shows."""
    board = lookup.board
    arrivals, departures = arrivals_and_departures(lookup)
    rows = sorted(board.scoreboard, key=lambda row: (row.balanced_rank, row.canonical_id))
    is_compared = has_changes(board)
    sources_used = [source for source in board.sources if source.status in ("verified", "stale")]
    vendors = sorted({(row.vendor_name, row.vendor) for row in rows}, key=_by_lower_name)
    return {
        "rows": [
            {
                "row": row,
                "scores": [_score_cell(row, role, lookup.intervals) for role in board.roles],
                "evidence": _evidence_segments(row),
                "n_missing": len(row.missing_metrics),
            }
            for row in rows
        ],
        "leaders": [(role, _leaders(lookup, role, is_compared)) for role in board.roles],
        "n_figures": sum(row.n_direct + row.n_reported for row in rows),
        "n_sources": len(sources_used),
        "n_unfit_sources": sum(source.status in ("stale", "failed") for source in board.sources),
        "vendors": vendors,
        "price_ceilings": _useful_ceilings(rows),
        "coverage_floors": COVERAGE_FLOORS_PCT,
        "has_changes": is_compared,
        "has_intervals": bool(lookup.intervals),
        "arrivals": arrivals,
        "departures": departures,
        "has_coverage": any(row.coverage_share is not None for row in rows),
        "has_open_weights": any(row.open_weights is not None for row in rows),
        "settings": lookup.settings,
        "sources": [_source_entry(source, board.run.generated_at) for source in board.sources],
        "is_from_marts": board.group_contributions is not None,
    }


def _by_lower_name(vendor: tuple[str, str]) -> tuple[str, str]:
    return vendor[0].lower(), vendor[1]


def _score_cell(
    row: ScoreboardRow, role: Role, intervals: dict[tuple[str, str], ScoreInterval]
) -> ScoreCell:
    return ScoreCell(
        interval=intervals.get((row.canonical_id, role.role_id)),
        letter=role.role_id,
        role_name=role.display_name,
        score=row.score_of(role),
        rank=row.rank_of(role),
    )


def _leaders(lookup: Lookup, role: Role, is_compared: bool) -> list[Leader]:
    scores = sorted(
        (score for score in lookup.board.role_scores if score.role_id == role.role_id),
        key=lambda score: (score.rank, score.canonical_id),
    )
    leaders, begun = [], 1
    for score in scores[:LEADERS_PER_ROLE]:
        interval = lookup.intervals.get((score.canonical_id, role.role_id))
        tier = None if interval is None else interval.tier
        leaders.append(
            Leader(
                row=lookup.rows[score.canonical_id],
                score=score,
                change=change_of(score) if is_compared else None,
                tier=tier,
                # The first one of another tier; the best of all begins the first.
                is_edge=tier is not None and tier > begun,
            )
        )
        begun = max(begun, tier or 1)
    return leaders


def _evidence_segments(row: ScoreboardRow) -> list[tuple[str, str, str]]:
    """The bar of coverage, cut by kind of evidence: kind, start and end in hundredths."""
    counts = (
        ("direct", row.n_direct),
        ("reported", row.n_reported),
        ("synthesised", row.n_synthesised),
    )
    total = sum(count for _, count in counts)
    if row.coverage_share is None or total == 0:
        return []
    segments, start = [], 0.0
    for kind, count in counts:
        end = start + 100 * row.coverage_share * count / total
        if count:
            segments.append((kind, show.coordinate(start), show.coordinate(end)))
        start = end
    return segments


def _useful_ceilings(rows: list[ScoreboardRow]) -> list[float]:
    """The price steps that leave something out and something in."""
    prices = [row.blended_cost_usd for row in rows if row.blended_cost_usd is not None]
    return [step for step in PRICE_CEILINGS_USD if prices and min(prices) <= step < max(prices)]


def _source_entry(source: Source, now: datetime) -> dict[str, Any]:
    return {
        "source": source,
        "age": None if source.fetched_at is None else show.age(now - source.fetched_at),
    }
