"""`history`: boards as they were, and how a model moved."""

from datetime import datetime
from typing import Unpack

import click

from ipbr_rank.cli import options
from ipbr_rank.run.settings import Place, database_of


@options.command(
    "history",
    click.Argument(["model"], type=options.A_MODEL, metavar="[MODEL]", required=False),
    click.Option(
        ["--at"],
        type=options.DayOrTime(),
        metavar="DATE",
        help="The board as it was published then; a day means its end.",
    ),
    click.Option(
        ["--drop"],
        type=options.Time(),
        metavar="TIME",
        help="Take the board of this time out of the history.",
    ),
    options.form_of("table", "json", "csv"),
    example="ipbr-rank history gpt-5.5",
)
def command(
    model: str | None,
    at: datetime | None,
    drop: datetime | None,
    form: str,
    **place: Unpack[Place],
) -> None:
    """Show how a model moved, a board as published, or all boards."""
    from ipbr_rank.analysis import board_history

    if drop is not None:
        if model or at:
            raise click.UsageError("--drop takes a board out: give it without MODEL and --at")
        n_rows = board_history.drop(database_of(place), drop)
        click.echo(
            f"The board of {drop:%Y-%m-%d %H:%M:%S} UTC is out of the history ({n_rows} rows); "
            "`ipbr-rank score` builds pages and files without it.",
            err=True,
        )
        return
    board_history.history(database_of(place), model, at, form)
