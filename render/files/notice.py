"""Whose figures a page or file shows, and on what terms: attribution lines and NOTICE."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from base.times import moment_text
from render.board import Board, Measurement, Source
from render.files.tables import LICENCE, LICENCE_URL
from render.lookup import Lookup


def credited(lookup: Lookup, figures: Iterable[Measurement]) -> list[Source]:
    """The sources of these figures, in the order of the list of sources."""
    used = {figure.source_id for figure in figures if figure.is_present}
    return [source for source in lookup.board.sources if source.source_id in used]


def write_notice(board: Board, path: Path) -> None:
    """Write NOTICE: the licence of the board, and one entry per source that a figure comes from."""
    used = {entry.source_id for entry in board.measurements if entry.is_present}
    lines = [
        f"ipbr, {board.run.edition} edition of {moment_text(board.run.generated_at)}",
        "",
        f"Scores, ranks, points and their arrangement: {LICENCE}, {LICENCE_URL}",
        "Values remain under the terms of their sources:",
    ]
    for source in board.sources:
        if source.source_id in used:
            lines += [
                "",
                f"{source.source_id}: {source.attribution or source.display_name}",
                f"  terms: {source.licence or 'not known'}",
                f"  redistribution: {source.redistribution or 'unknown'}",
            ]
            if source.home_page:
                lines.append(f"  {source.home_page}")
    left_out = [source for source in board.sources if source.status == "withheld"]
    if left_out:
        lines += ["", "Left out of this edition, because their terms restrict redistribution:"]
        lines += [f"  {source.source_id}: {source.display_name}" for source in left_out]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
