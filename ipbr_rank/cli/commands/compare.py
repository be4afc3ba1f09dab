"""`compare`: what accounts for the gap between two models."""

from typing import Unpack

import click

from ipbr_rank.cli import options
from ipbr_rank.run.settings import Place, database_of


@options.command(
    "compare",
    click.Argument(["first"], type=options.A_MODEL, metavar="A"),
    click.Argument(["second"], type=options.A_MODEL, metavar="B"),
    options.ROLE,
    options.form_of("table", "json", "csv"),
    example="ipbr-rank compare gpt-5.5 claude-opus-4.7",
)
def command(first: str, second: str, role: str | None, form: str, **place: Unpack[Place]) -> None:
    """Show which values account for the gap between two models."""
    from ipbr_rank.analysis import explain

    explain.compare(database_of(place), first, second, role, form)
