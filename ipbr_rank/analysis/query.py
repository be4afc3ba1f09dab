"""`query` and `shell`: reading the built database, never writing it."""

import os
import queue
import shutil
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from base.errors import ConfigurationError, IpbrError
from base.output import WRITERS
from base.sql import first_line, require_database
from base.text import shown_path

if TYPE_CHECKING:
    import duckdb

HOW_TO_BUILD = "build it again with `ipbr-rank all`, or `make demo`"
HOW_TO_USE_FILES = "the SQL may use only the database; --allow-files also allows other files"
HOW_TO_INSTALL = "https://duckdb.org/install"
# Read-only in truth: read_only alone keeps this database from being written, and nothing else.
SEALED = {"enable_external_access": "false", "lock_configuration": "true"}
# The same for DuckDB's own program, whose dot commands reach files as well; its safe mode has both
# settings and refuses those. Not `-safe`, with which it cannot open a file.
SEALED_SHELL = ("-cmd", "set enable_external_access = false", "-cmd", ".safe_mode")


def query(
    database: Path,
    statement: str,
    form: str,
    out: IO[str] | None = None,
    *,
    values: Mapping[str, str] | None = None,
    may_use_files: bool = False,
) -> None:
    """Runs `statement` ("-" reads it from standard input) and writes its last result.

    Only with `may_use_files` it may read or write another file than the database.
    """
    if statement == "-":
        statement = sys.stdin.read()
    if not statement.strip():
        raise ConfigurationError(
            "found no SQL statement; give one, as in "
            '`ipbr-rank query "select * from marts.rpt_scoreboard"`, '
            "or pipe one in with `ipbr-rank query -`"
        )
    with open_read_only(database, may_use_files=may_use_files) as connection:
        header, rows = _run_interruptibly(connection, statement, values)
    WRITERS[form](header, rows, out or sys.stdout)


def _run_interruptibly(
    connection: "duckdb.DuckDBPyConnection", statement: str, values: Mapping[str, str] | None
) -> tuple[list[str], list[tuple[Any, ...]]]:
    """As `run`, in a thread: within a statement DuckDB does not let a signal through for long."""
    ended: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def work() -> None:
        try:
            ended.put(run(connection, statement, dict(values) if values else None))
        except BaseException as error:
            ended.put(error)

    threading.Thread(target=work, daemon=True).start()
    try:
        result = ended.get()
    except BaseException:
        connection.interrupt()
        # It may take its time; the process then ends without it.
        with suppress(queue.Empty):
            ended.get(timeout=1)
        raise
    if isinstance(result, BaseException):
        raise result
    return cast("tuple[list[str], list[tuple[Any, ...]]]", result)


def shell(database: Path, *, may_use_files: bool = False) -> None:
    """DuckDB's own command line, read-only. IpbrError where it is not installed."""
    # Opened first: the message of a missing or locked database is ours.
    open_read_only(database, may_use_files=may_use_files).close()
    program = shutil.which("duckdb")
    if not program:
        raise IpbrError(
            "`shell` needs DuckDB's command-line program, but there is no `duckdb` on the PATH; "
            f"install it ({HOW_TO_INSTALL}), or run a statement with "
            '`ipbr-rank query "select …"`'
        )
    sealed = () if may_use_files else SEALED_SHELL
    os.execv(program, [program, "-readonly", *sealed, str(database)])  # noqa: S606 no shell is meant


def open_read_only(database: Path, *, may_use_files: bool = True) -> "duckdb.DuckDBPyConnection":
    """A connection that cannot write the database.

    Without `may_use_files` it cannot read or write any other file, nor load an extension. IpbrError
    if there is no database, or it is being written or corrupt.
    """
    import duckdb

    require_database(database)
    try:
        return duckdb.connect(
            str(database), read_only=True, config={} if may_use_files else {**SEALED}
        )
    except duckdb.Error as error:
        if "could not set lock" in str(error).lower():
            raise IpbrError(
                f"the database {shown_path(database)} is open for writing in another program; "
                "close it there and try again"
            ) from error
        if "corrupt" in str(error).lower():
            raise IpbrError(
                f"the database {shown_path(database)} is corrupt: {first_line(error)}; move the "
                f"file to another folder and {HOW_TO_BUILD}"
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
        told = f"the query failed: {str(error).strip()}"
        if isinstance(error, duckdb.PermissionException) or "has been locked" in str(error):
            told += f"\n{HOW_TO_USE_FILES}"
        raise IpbrError(told) from error
