"""Trade-offs: score against price, speed and wait. Shows marts, and scores nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from render import show
from render.board import Role, ScoreboardRow
from render.lookup import Lookup


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
    pairs = [(getattr(row, axis.column), row.score_of(role)) for row in rows]
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
