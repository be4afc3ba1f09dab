"""The board of a day as it was published, to be cited; see render/files/dated_boards.py."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from render.board import TimelinePoint
from render.files.dated_boards import DatedBoard
from render.lookup import Lookup
from render.pages.index import FIRST_NEED


@dataclass(frozen=True, slots=True)
class Row:
    """One model: its name then, and its point in each role, None where it has none."""

    canonical_id: str
    display_name: str
    points: tuple[TimelinePoint | None, ...]


def dated_board_pages(lookup: Lookup, boards: list[DatedBoard]) -> dict[str, dict[str, Any]]:
    """Address → context of every day's page; `boards` has the latest first."""
    days = [board.day for board in boards]
    return {
        f"{board.folder}/index.html": {
            "board": board,
            "first": board.points[0],
            "rows": rows(lookup, board),
            "has_places": any(point.status is not None for point in board.points),
            "earlier": _beside(days, board.day, 1),
            "later": _beside(days, board.day, -1),
        }
        for board in boards
    }


def rows(lookup: Lookup, board: DatedBoard) -> list[Row]:
    """The models by their place in what the leaderboard answers first, then by their rank there."""
    points: dict[str, dict[str, TimelinePoint]] = defaultdict(dict)
    for point in board.points:
        points[point.canonical_id][point.role_id] = point

    def order(row: Row) -> tuple[Any, ...]:
        first = points[row.canonical_id].get(FIRST_NEED)
        if first is None:
            return 2, 0, row.canonical_id
        return int(first.place is None), first.place or first.rank, row.canonical_id

    return sorted(
        (
            Row(
                canonical_id,
                next(iter(of_model.values())).display_name,
                tuple(of_model.get(role.role_id) for role in lookup.board.roles),
            )
            for canonical_id, of_model in points.items()
        ),
        key=order,
    )


def _beside(days: list[date], day: date, step: int) -> date | None:
    place = days.index(day) + step
    return days[place] if 0 <= place < len(days) else None
