"""Pages that help to choose: compare, trade-offs, what-if. They show marts, and score nothing."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import tomli_w

from render import show
from render.board import Role, ScoreboardRow
from render.lookup import Lookup
from render.toml_export import coefficients_document

TOP = 10
# Contributions in the page of comparisons: enough for sums of thirty to agree to four decimals.
DECIMALS = 6


# Compare


def compare_context(lookup: Lookup) -> dict[str, Any]:
    """All pairs among the first ten, and for the script every contribution of every model."""
    top = lookup.ranked[:TOP]
    return {
        "top": top,
        "gaps": [
            (role, [(row, [_score(row, role) - _score(other, role) for other in top])
                    for row in top])
            for role in lookup.board.roles
        ],
        "payload": _compare_payload(lookup) if lookup.board.group_contributions else None,
    }  # fmt: skip


def _score(row: ScoreboardRow, role: Role) -> float:
    return getattr(row, role.score_key.lower())


def _compare_payload(lookup: Lookup) -> str:
    """Models with their contributions to each group, in the order of the group's metrics."""
    weights = lookup.weights or {"role": [], "group": []}
    metric_ids = {
        group_id: [child_id for child_id, _ in children] for group_id, children in weights["group"]
    }
    role_ids = {role.score_key: role.role_id for role in lookup.board.roles}
    return json.dumps(
        {
            "roles": [
                [role.role_id, role.letter, role.display_name,
                 next(children for key, children in weights["role"]
                      if role_ids.get(key) == role.role_id)]
                for role in lookup.board.roles
            ],
            "groups": {
                group_id: [lookup.groups[group_id].display_name,
                           [lookup.metric_name(metric_id) for metric_id in children]]
                for group_id, children in metric_ids.items()
            },
            "models": [
                [row.slug, row.display_name, [_score(row, role) for role in lookup.board.roles],
                 [getattr(row, f"{role.role_id}_rank") for role in lookup.board.roles],
                 {group_id: _group_parts(lookup, row, group_id, children)
                  for group_id, children in metric_ids.items()}]
                for row in lookup.ranked
            ],
        },
        separators=(",", ":"),
    )  # fmt: skip


def _group_parts(
    lookup: Lookup, row: ScoreboardRow, group_id: str, metric_ids: list[str]
) -> list[float | None]:
    """What each metric adds to a group, None where it is missing; the pull to 50 comes last."""
    parts = {
        step.metric_id: round(step.contribution, DECIMALS)
        for step in lookup.group_contributions[row.canonical_id, group_id]
    }
    return [*(parts.get(metric_id) for metric_id in metric_ids), parts.get(None, 0.0)]


# Trade-offs


@dataclass(frozen=True, slots=True)
class Against:
    """A figure that a score is held against, on a logarithmic scale."""

    axis_id: str
    name: str
    column: str
    is_higher_better: bool
    steps: tuple[float, ...]
    show: Any


AXES = (
    Against("price", "US dollars per million tokens", "blended_cost_usd", False,
            (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100), lambda x: f"{x:g}"),
    Against("speed", "output tokens per second", "output_speed_tokens_per_second", True,
            (5, 10, 20, 50, 100, 200, 500, 1000, 2000), lambda x: f"{x:g}"),
    Against("context", "context window in tokens", "context_window_tokens", True,
            (8_000, 32_000, 64_000, 128_000, 256_000, 512_000, 1_000_000, 2_000_000, 10_000_000),
            show.tokens),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Point:
    """One model in a drawing; places are in hundredths from the top left."""

    row: ScoreboardRow
    x: float
    y: float
    left: str
    top: str
    is_on_frontier: bool
    is_label_left: bool


def tradeoffs_context(lookup: Lookup) -> dict[str, Any]:
    """One drawing for each role and axis."""
    return {
        "axes": AXES,
        "plots": [_plot(lookup, role, axis) for role in lookup.board.roles for axis in AXES],
    }


def frontier(points: list[tuple[float, float]], *, is_higher_better: bool) -> set[int]:
    """Positions of the points that no other beats: as good in one way, better in the other."""
    sign = 1 if is_higher_better else -1
    kept: set[int] = set()
    best = -math.inf
    # From the best x on; of the same x the best y first. Equal points stand together.
    order = sorted(range(len(points)), key=lambda n: (-sign * points[n][0], -points[n][1]))
    for position in order:
        x, y = points[position]
        if y > best or any(points[other] == (x, y) for other in kept):
            kept.add(position)
            best = max(best, y)
    return kept


def _plot(lookup: Lookup, role: Role, axis: Against) -> dict[str, Any]:
    rows = [row for row in lookup.ranked if (getattr(row, axis.column) or 0) > 0]
    pairs = [(getattr(row, axis.column), _score(row, role)) for row in rows]
    plot = {"role": role, "axis": axis, "without": len(lookup.ranked) - len(rows), "points": []}
    if not pairs:
        return plot
    low, high = (f(math.log(x) for x, _ in pairs) for f in (min, max))
    margin = (high - low) * 0.03 or 0.5
    low, high = low - margin, high + margin
    floor = 10 * math.floor((min(y for _, y in pairs) - 1) / 10)
    ceiling = 10 * math.ceil((max(y for _, y in pairs) + 1) / 10)

    def across(x: float) -> float:
        return 100 * (math.log(x) - low) / (high - low)

    def down(y: float) -> float:
        return 100 * (ceiling - y) / (ceiling - floor)

    kept = frontier(pairs, is_higher_better=axis.is_higher_better)
    points = [
        Point(row, x, y, show.coordinate(across(x)), show.coordinate(down(y)), position in kept,
              is_label_left=across(x) > (75 if axis.is_higher_better else 12))
        for position, (row, (x, y)) in enumerate(zip(rows, pairs, strict=True))
    ]  # fmt: skip
    listed = sorted((point for point in points if point.is_on_frontier), key=lambda p: (-p.y, p.x))
    return plot | {
        "points": points,
        "listed": listed,
        "labelled": _labelled(listed),
        "steps": _staircase(listed),
        "x_ticks": [
            (show.coordinate(across(step)), axis.show(step))
            for step in axis.steps
            if 0 <= across(step) <= 100
        ],
        "y_ticks": [(show.coordinate(down(y)), y) for y in range(floor, ceiling + 1, 10)],
    }


def _labelled(listed: list[Point]) -> list[Point]:
    """Points of the frontier whose names do not run into one another; the table names all."""
    labelled: list[Point] = []
    for point in listed:
        if all(
            abs(float(point.top) - float(other.top)) > 3.5
            or abs(float(point.left) - float(other.left)) > 22
            for other in labelled
        ):
            labelled.append(point)
    return labelled


def _staircase(listed: list[Point]) -> list[tuple[str, str, str, str]]:
    """The frontier as lines x1, y1, x2, y2: along at the height of the worse, then up."""
    lines = []
    for better, worse in pairwise(listed):
        lines.append((better.left, better.top, better.left, worse.top))
        lines.append((better.left, worse.top, worse.left, worse.top))
    return lines


# What-if


def what_if_context(lookup: Lookup) -> dict[str, Any]:
    """Values, weights and thresholds for the script, or None where the board lacks them."""
    board = lookup.board
    weights = lookup.weights
    if weights is None or board.settings is None or board.metrics is None:
        return {"payload": None}
    settings = {setting.setting_id: setting.value for setting in board.settings}
    used = sorted({child_id for _, children in weights["group"] for child_id, _ in children})
    place = {metric_id: number for number, metric_id in enumerate(used)}
    role_weights = dict(weights["role"])
    tables = coefficients_document(board)
    rest = {
        name: table
        for name, table in tables.items()
        if name not in ("group_weights", "final_score_weights")
    }
    return {
        "payload": json.dumps(
            {
                "settings": {
                    "threshold": settings["aggregation.trust_threshold"],
                    "width": settings["aggregation.trust_transition_width"],
                },
                "metrics": [[metric_id, lookup.metric_name(metric_id)] for metric_id in used],
                "groups": {
                    group_id: [[place[child_id], weight] for child_id, weight in children]
                    for group_id, children in weights["group"]
                },
                "groupNames": {
                    group_id: group.display_name for group_id, group in lookup.groups.items()
                },
                "roles": [
                    {
                        "id": role.role_id,
                        "key": role.score_key,
                        "name": role.display_name,
                        "groups": role_weights[role.score_key],
                    }
                    for role in board.roles
                ],
                "models": [
                    {
                        "slug": row.slug,
                        "name": row.display_name,
                        "scores": [round(_score(row, role), 6) for role in board.roles],
                        "values": [_value(lookup, row, metric_id) for metric_id in used],
                    }
                    for row in lookup.ranked
                ],
                "rest": tomli_w.dumps(rest),
            },
            separators=(",", ":"),
        )
    }


def _value(lookup: Lookup, row: ScoreboardRow, metric_id: str) -> float | None:
    figure = lookup.measurements[row.canonical_id].get(metric_id)
    return None if figure is None or figure.value is None else round(figure.value, 8)
