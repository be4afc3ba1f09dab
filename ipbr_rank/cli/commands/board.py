"""`board`: the leaderboard in the terminal."""

import sys
from typing import TYPE_CHECKING, Unpack

import click

from ipbr_rank.cli import options
from ipbr_rank.run.settings import Place, database_of

if TYPE_CHECKING:
    from ipbr_rank.analysis.leaderboard import Leaderboard

SHOWN = 15


@options.command(
    "board",
    options.ROLE,
    click.Option(
        ["--top"], type=options.Whole(1), metavar="N", help=f"Show the first N models.  [{SHOWN}]"
    ),
    *options.WANTED,
    options.flag("--all", "is_all", help="Include models without a place."),
    options.form_of("table", "json", "csv", "markdown"),
    example="ipbr-rank board --role building --max-price 3",
)
def command(
    role: str | None,
    top: int | None,
    is_all: bool,
    form: str,
    max_price: float | None,
    only_open: bool,
    own_evidence: float | None,
    **place: Unpack[Place],
) -> None:
    """Show the leaderboard: places, scores, evidence and prices."""
    from base.output import WRITERS
    from ipbr_rank.analysis.leaderboard import Wanted, leaderboard

    share = None if own_evidence is None else own_evidence / 100
    board = leaderboard(database_of(place), role, Wanted(max_price, only_open, share))
    rows = board.rows if is_all else [row for row in board.rows if row["place"] is not None]
    shown = rows[: top or (None if is_all else SHOWN)]
    if form == "table":
        _draw(board, shown)
    else:
        header = list(board.rows[0]) if board.rows else []
        WRITERS[form](header, [tuple(row.values()) for row in shown], sys.stdout)


def _draw(board: "Leaderboard", shown: list[dict[str, object]]) -> None:
    """The rows as a table that fits 80 columns, and what is not among them."""
    from rich.table import Table
    from rich.text import Text

    from base.output import span
    from base.text import printable
    from ipbr_rank.cli.drawn import ROLE_STYLES, bar, console, digits

    out = console(sys.stdout)
    style = ROLE_STYLES.get(board.role_id, "bold")
    title = Text(board.role_name, style=f"bold {style}")
    note = f", {board.mark}" if board.mark else ""
    title.append(f"  board of {board.board_of}, {board.edition} edition{note}", style="dim")
    table = Table(box=None, padding=(0, 1), header_style="bold", pad_edge=False)
    table.add_column("Place", justify="right", no_wrap=True)
    table.add_column("Model", no_wrap=True, overflow="ellipsis", max_width=26)
    is_one = board.role_id in ROLE_STYLES
    if is_one:
        table.add_column("Score", justify="right")
        table.add_column("90 %", no_wrap=True)
        table.add_column("", no_wrap=True)
    else:
        for name in ("Idea", "Plan", "Build", "Review"):
            table.add_column(name, justify="right")
    for name in ("Own", "$ / 1M"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in shown:
        has_place = row["place"] is not None
        if is_one:
            middle: list[str | Text] = [
                Text(digits(row["score"], 1), style=f"bold {style}"),
                span(row["score_p05"], row["score_p95"]),
                bar(row["score"], style),
            ]
        else:
            names = ("idea", "planning", "building", "reviewing")
            middle = [
                Text(digits(row[name], 1), style=hue)
                for name, hue in zip(names, ROLE_STYLES.values(), strict=True)
            ]
        table.add_row(
            span(row["place_p05"] or row["place"], row["place_p95"] or row["place"]),
            printable(str(row["name"])),
            *middle,
            digits(row["own_share"], 0, 100) + " %",
            digits(row["price_usd"], 2),
            style="" if has_place else "dim",
        )
    out.print(title)
    out.print(table)
    n_placed = sum(row["place"] is not None for row in board.rows)
    n_open = len(board.rows) - n_placed
    out.print(
        Text(
            f"{len(shown)} of {len(board.rows)} models; {n_open} provisional: too little own "
            "evidence for a place (--all)",
            style="dim",
        )
    )
