"""`query`: SQL on the built database."""

from typing import Unpack

import click

from ipbr_rank.cli import options
from ipbr_rank.run.settings import Place, database_of


@options.command(
    "query",
    click.Argument(["sql"], metavar="SQL"),
    options.form_of("table", "json", "csv"),
    options.ALLOW_FILES,
    example="ipbr-rank query 'from scoreboard limit 5'",
)
def command(sql: str, form: str, allow_files: bool, **place: Unpack[Place]) -> None:
    """Run SQL on the built database, read-only.

    With - the SQL is read from standard input.
    """
    from ipbr_rank.analysis import query

    query.query(database_of(place), sql, form, may_use_files=allow_files)
