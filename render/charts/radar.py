"""The first three models as one drawing: an axis per role, a line per model."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from render import show
from render.board import ScoreboardRow
from render.lookup import Lookup

LINES = ("solid", "dashed", "dotted")
WIDTH, HEIGHT = 184, 172
CENTRE = (92, 86)
RADIUS = 68
# How far outside the rim the letters stand, and by how much their baseline is below their middle.
LETTER_GAP, LETTER_DROP = 12, 4
STEP = 10


@dataclass(frozen=True, slots=True)
class Outline:
    """One model's line: `points` as SVG has them, `corners` one by one."""

    row: ScoreboardRow
    kind: str
    points: str
    corners: tuple[tuple[str, str], ...]


def radar(lookup: Lookup) -> dict[str, Any]:
    """What the drawing needs. The centre is a round score below the lowest, the rim is 100."""
    roles = lookup.board.roles
    rows = lookup.ranked[: len(LINES)]
    scores = {row.canonical_id: [row.score_of(role) for role in roles] for row in rows}
    lowest = min(min(values) for values in scores.values())
    floor = max(0, STEP * (math.floor(lowest / STEP) - 1))
    middle = (floor + 100) // 2

    def corner(position: int, score: float) -> tuple[float, float]:
        angle = 2 * math.pi * position / len(roles) - math.pi / 2
        reach = RADIUS * (score - floor) / (100 - floor)
        return CENTRE[0] + reach * math.cos(angle), CENTRE[1] + reach * math.sin(angle)

    def outline(values: list[float]) -> tuple[tuple[str, str], ...]:
        corners = (corner(position, value) for position, value in enumerate(values))
        return tuple((show.coordinate(x), show.coordinate(y)) for x, y in corners)

    outside = 100 + LETTER_GAP * (100 - floor) / RADIUS
    letters = outline([outside] * len(roles))
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "centre": CENTRE,
        "floor": floor,
        "rings": [(ring, _points(outline([ring] * len(roles)))) for ring in (middle, 100)],
        "axes": outline([100] * len(roles)),
        "letters": [
            (role, x, show.coordinate(float(y) + LETTER_DROP))
            for role, (x, y) in zip(roles, letters, strict=True)
        ],
        "outlines": [
            Outline(row, kind, _points(outline(scores[row.canonical_id])),
                    outline(scores[row.canonical_id]))
            for row, kind in zip(rows, LINES, strict=False)
        ],
        "words": "; ".join(
            f"{row.display_name[:80]}{', mostly synthesised' if row.synthesis_dominant else ''}: "
            + ", ".join(
                f"{role.display_name} {show.number(score, 1)}"
                for role, score in zip(roles, scores[row.canonical_id], strict=True)
            )
            for row in rows
        ),
    }  # fmt: skip


def _points(corners: tuple[tuple[str, str], ...]) -> str:
    return " ".join(f"{x} {y}" for x, y in corners)
