"""The boards of earlier days, to be cited: each as JSON and CSV that no later run changes.

The bytes follow from the rows of the history alone, so that every run writes the same ones.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from base.times import moment_text
from render.board import Board, TimelinePoint
from render.files.tables import LICENCE, write_csv, write_json

FOLDER = "boards"
# Of older boards the last one of each month is kept.
DAYS_KEPT = 60
COLUMNS = (
    "canonical_id",
    "display_name",
    "role_id",
    "status",
    "place",
    "rank",
    "score",
    "score_p05",
    "score_p95",
    "own_share",
)


@dataclass(frozen=True, slots=True)
class DatedBoard:
    """The last board of a day, its rows by model and role, and the SHA-256 of its files."""

    day: date
    points: tuple[TimelinePoint, ...]
    json_sha256: str
    csv_sha256: str

    @property
    def folder(self) -> str:
        """Where it stands in the site."""
        return f"{FOLDER}/{self.day}"


def kept_days(days: list[date]) -> list[date]:
    """The days within DAYS_KEPT of the last one, and the last day of each month before them."""
    if not days:
        return []
    since = max(days) - timedelta(days=DAYS_KEPT)
    last_of_month = {(day.year, day.month): day for day in sorted(days)}
    return [day for day in sorted(days) if day > since or day in last_of_month.values()]


def write_dated_boards(board: Board, out_dir: Path) -> list[DatedBoard]:
    """Write board.json and board.csv of every day that is kept; the latest day first."""
    points: dict[date, list[TimelinePoint]] = defaultdict(list)
    for point in board.timeline or ():
        points[point.scored_on].append(point)
    order = {role.role_id: role.role_order for role in board.roles}
    boards = []
    for day in reversed(kept_days(list(points))):
        rows = sorted(points[day], key=lambda row: (row.canonical_id, order[row.role_id]))
        folder = out_dir / FOLDER / day.isoformat()
        folder.mkdir(parents=True)
        records = [_record(row) for row in rows]
        files = (folder / "board.json", folder / "board.csv")
        write_json(_document(board, rows[0]) | {"rows": records}, files[0])
        write_csv(records, COLUMNS, files[1])
        digests = [hashlib.sha256(file.read_bytes()).hexdigest() for file in files]
        boards.append(DatedBoard(day, tuple(rows), *digests))
    return boards


def _document(board: Board, first: TimelinePoint) -> dict[str, Any]:
    return {
        "generated_at": moment_text(first.generated_at),
        # These two are the same in every board of a history.
        "methodology": board.run.methodology,
        "edition": board.run.edition,
        "coefficients_sha256": first.coefficients_sha256,
        "scale_versions": first.scale_versions,
        "licence": LICENCE,
    }


def _record(row: TimelinePoint) -> dict[str, Any]:
    """One model and role, scores as scoreboard.toml rounds them."""
    values = {name: getattr(row, name) for name in COLUMNS}
    return {
        name: round(value, 6) if isinstance(value, float) else value
        for name, value in values.items()
    }
