"""`query` and `shell`: reading the built database, never writing it."""

import os
import shutil
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from ingest.database import first_line
from ingest.errors import ConfigurationError, IpbrError
from ipbr_rank.output import WRITERS
from ipbr_rank.words import shown_path

if TYPE_CHECKING:
    import duckdb

HOW_TO_BUILD = "build one with `ipbr-rank all --offline --cache data/fixtures`"
HOW_TO_INSTALL = "https://duckdb.org/install"


def query(database: Path, statement: str, form: str, out: IO[str] | None = None) -> None:
    """Runs `statement` ("-" reads it from standard input) and writes its last result."""
    if statement == "-":
        statement = sys.stdin.read()
    if not statement.strip():
        raise ConfigurationError(
            'no statement: give one, as in `ipbr-rank query "select * from marts.rpt_scoreboard"`, '
            "or pipe one in with `ipbr-rank query -`"
        )
    with open_read_only(database) as connection:
        header, rows = run(connection, statement)
    WRITERS[form](header, rows, out or sys.stdout)


def shell(database: Path) -> None:
    """DuckDB's own command line, read-only. IpbrError where it is not installed."""
    # Opened first: the message of a missing or locked database is ours.
    open_read_only(database).close()
    program = shutil.which("duckdb")
    if not program:
        raise IpbrError(
            "`shell` opens DuckDB's own command line, and no program `duckdb` is on the PATH; "
            f"install it ({HOW_TO_INSTALL}), or run single statements with "
            '`ipbr-rank query "select …"`'
        )
    os.execv(program, [program, "-readonly", str(database)])  # noqa: S606 the shell is what was asked for


def open_read_only(database: Path) -> "duckdb.DuckDBPyConnection":
    """A connection that cannot write. IpbrError if there is no database or it is being written."""
    import duckdb

    if not database.is_file():
        raise IpbrError(f"there is no database {shown_path(database)}; {HOW_TO_BUILD}")
    try:
        return duckdb.connect(str(database), read_only=True)
    except duckdb.Error as error:
        if "lock" in str(error).lower():
            raise IpbrError(
                f"the database {shown_path(database)} is open for writing in another program; "
                "close it there and try again"
            ) from error
        raise IpbrError(
            f"{shown_path(database)} cannot be read as a DuckDB database: "
            f"{first_line(error)}; {HOW_TO_BUILD}"
        ) from error


def run(
    connection: "duckdb.DuckDBPyConnection", statement: str, values: Any = None
) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Column names and rows of the last statement; both empty where it gives none.

    `values` are those of its parameters. Raises IpbrError with DuckDB's own message, which marks
    the place in the statement.
    """
    import duckdb

    try:
        result = connection.execute(statement, values)
        if result is None or result.description is None:
            return [], []
        return [column[0] for column in result.description], result.fetchall()
    except duckdb.Error as error:
        raise IpbrError(f"the query failed: {str(error).strip()}") from error
