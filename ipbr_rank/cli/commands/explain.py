"""`explain`: what the scores of a model are made of."""

from typing import Unpack

import click

from ipbr_rank.cli import options
from ipbr_rank.run.settings import Place, database_of


@options.command(
    "explain",
    click.Argument(["model"], type=options.A_MODEL, metavar="MODEL"),
    options.ROLE,
    options.form_of("table", "json", "csv"),
    example="ipbr-rank explain gpt-5.5 --role building",
)
def command(model: str, role: str | None, form: str, **place: Unpack[Place]) -> None:
    """Break a model's scores down to the individual values."""
    from ipbr_rank.analysis import explain

    explain.explain(database_of(place), model, role, form)
