"""`query`: SQL on the built database."""

from pathlib import Path
from typing import Unpack

import click

from ipbr_rank.cli import options
from ipbr_rank.run.settings import Place, database_of


class Sql(options.Command):
    """A command whose argument may begin with a comment of SQL."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """A comment begins like an option, but with a blank."""
        return super().parse_args(
            ctx, [f" {arg}" if arg.startswith("-- ") else arg for arg in args]
        )


class Parameter(click.ParamType[tuple[str, str]]):
    """A value of a parameter of the SQL, as in vendor=openai."""

    name = "parameter"

    def convert(
        self, value: str, param: options.Parameter, ctx: options.Context
    ) -> tuple[str, str]:
        """Name and value."""
        name, equals, content = value.partition("=")
        if not equals or not name.isidentifier():
            self.fail(f"expected name=value, found {value!r}", param, ctx)
        return name, content


@options.command(
    "query",
    click.Argument(["sql"], metavar="[SQL]", required=False),
    options.file_option("--file", help="Read the SQL from this file."),
    click.Option(
        ["-p", "--parameter", "parameters"],
        type=Parameter(),
        multiple=True,
        metavar="NAME=VALUE",
        help="Value of $NAME in the SQL, as text.",
    ),
    options.form_of("table", "json", "csv", "markdown"),
    options.path_option("--output", help="Write the result to this file."),
    options.ALLOW_FILES,
    example="ipbr-rank query 'from scoreboard limit 5'",
    cls=Sql,
)
def command(
    sql: str | None,
    file: Path | None,
    parameters: tuple[tuple[str, str], ...],
    form: str,
    output: Path | None,
    allow_files: bool,
    **place: Unpack[Place],
) -> None:
    """Run SQL on the built database, read-only.

    Pass - to read the SQL from standard input.
    """
    import io

    from base.output import write_file
    from ipbr_rank.analysis.query import query

    if (sql is None) == (file is None):
        raise click.UsageError(
            "give the SQL in one way: as an argument, with - (standard input), or with --file"
        )
    statement = file.read_text(encoding="utf-8") if file else str(sql)
    out = io.StringIO() if output else None
    query(
        database_of(place),
        statement,
        form,
        out,
        values=dict(parameters),
        may_use_files=allow_files,
    )
    if output and out:
        write_file(output, out.getvalue())
