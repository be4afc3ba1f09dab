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
        help="Show the board as it was at DATE. Without a time of day, DATE means the end of that "
        "day.",
    ),
    click.Option(
        ["--drop"],
        type=options.Time(),
        metavar="TIME",
        help="Remove the board of this time from the history.",
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
    """Show a model's history, a past board, or a list of all boards."""
    from ipbr_rank.analysis import board_history

    if drop is not None:
        if model or at:
            raise click.UsageError("--drop cannot be combined with MODEL or --at")
        n_rows = board_history.drop(database_of(place), drop)
        click.echo(
            f"Removed the board of {drop:%Y-%m-%d %H:%M:%S} UTC from the history ({n_rows} rows). "
            "Run `ipbr-rank all` to rebuild the files and pages without it.",
            err=True,
        )
        return
    board_history.history(database_of(place), model, at, form)
