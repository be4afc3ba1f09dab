"""Scores with their intervals below one another, the most honest picture of a ranking."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from render import show

SHOWN = 12
ROW_HEIGHT = 19


@dataclass(frozen=True, slots=True)
class Line:
    """One model: slug and name, its score, and both ends of its interval where it has one."""

    slug: str
    name: str
    score: float
    low: float | None
    high: float | None
    tier: int | None


@dataclass(frozen=True, slots=True)
class Forest:
    """Lines as (line, top, left, low, high) and every other band as (top, height)."""

    height: int
    lines: list[tuple[Line, int, str, str | None, str | None]]
    tiers: list[tuple[int, int]]
    ticks: list[tuple[str, int]]


def forest(lines: Sequence[Line]) -> Forest | None:
    """The first models in the given order; None without any."""
    shown = list(lines[:SHOWN])
    if not shown:
        return None
    lowest = min(line.score if line.low is None else line.low for line in shown)
    highest = max(line.score if line.high is None else line.high for line in shown)
    # With a little room, for a bar that begins at the edge looks cut.
    floor = max(0, 10 * math.floor((lowest - 1) / 10))
    ceiling = max(floor + 10, 10 * math.ceil(highest / 10))

    def across(score: float) -> str:
        return show.coordinate(100 * (score - floor) / (ceiling - floor))

    # A band ends where none of its tier is left below, so that all below are behind its leader.
    begun: list[int] = []
    for line in reversed(lines):
        begun.append(min([line.tier or 1, *begun[-1:]]))
    begun = begun[::-1][: len(shown)]
    bands = [
        (place * ROW_HEIGHT, begun.count(tier) * ROW_HEIGHT)
        for place, tier in enumerate(begun)
        if begun.index(tier) == place and sorted(set(begun)).index(tier) % 2 == 0
    ]
    step = 10 if ceiling - floor <= 60 else 20
    return Forest(
        height=len(shown) * ROW_HEIGHT,
        lines=[
            (
                line,
                place * ROW_HEIGHT + ROW_HEIGHT // 2,
                across(line.score),
                None if line.low is None else across(line.low),
                None if line.high is None else across(line.high),
            )
            for place, line in enumerate(shown)
        ],
        tiers=bands if len(set(begun)) > 1 else [],
        ticks=[(across(score), score) for score in range(floor, ceiling + 1, step)],
    )
