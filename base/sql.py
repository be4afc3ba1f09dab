"""What everything that talks to DuckDB shares: one instance of it, texts within SQL, its errors."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from base.errors import IpbrError
from base.text import shown_path

if TYPE_CHECKING:
    import duckdb


def literal(value: object) -> str:
    """A text or path as SQL writes it, for statements that take no parameters, such as attach."""
    return "'" + str(value).replace("'", "''") + "'"


def quoted(name: str) -> str:
    """A name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def require_database(database: Path) -> None:
    """IpbrError if there is no such file, which says how to make it."""
    place = shown_path(database)
    if database.is_dir():
        raise IpbrError(f"{place} is a directory; a DuckDB file was expected")
    if not database.is_file():
        raise IpbrError(
            f"there is no database {place}; `ipbr-rank all --database {place}` builds it, and "
            "`make demo` builds data/ipbr.duckdb from the recorded responses"
        )


def first_line(error: Exception) -> str:
    """DuckDB's message without the statement it quotes below."""
    return str(error).strip().split("\n", 1)[0]


@contextmanager
def connected(
    database: Path | None = None, name: str = "attached", options: str = ""
) -> Iterator["duckdb.DuckDBPyConnection"]:
    """A connection of one's own, with a database file attached as `name` and in use, if given.

    All share one instance: to start another takes DuckDB longer than most of what is asked of it.
    `options` are those of attach. Raises duckdb.Error if the file cannot be attached.
    """
    connection = _instance().cursor()
    try:
        if database is None:
            yield connection
        else:
            with attached(connection, database, name, options):
                connection.execute(f"use {quoted(name)}")
                yield connection
    finally:
        connection.close()


@contextmanager
def attached(
    connection: "duckdb.DuckDBPyConnection", database: Path, name: str, options: str = ""
) -> Iterator[None]:
    """A database file attached to the instance of a connection for a while."""
    import duckdb

    connection.execute(
        f"attach {literal(database)} as {quoted(name)} (type duckdb{options and ', '}{options})"
    )
    try:
        yield
    except BaseException:
        # The first fault is the one to be told.
        with suppress(duckdb.Error):
            _detach(connection, name)
        raise
    _detach(connection, name)


def _detach(connection: "duckdb.DuckDBPyConnection", name: str) -> None:
    # Not on the connection itself: it may be in a transaction, and have the file in use.
    with connection.cursor() as other:
        other.execute(f"detach {quoted(name)}")


def spill_into(folder: Path) -> None:
    """Where DuckDB puts what does not fit into memory; else it would be the working directory.

    From here on with an instance of its own: where one has put something it cannot be told again.
    """
    _instance.cache_clear()
    _instance().execute(f"set temp_directory = {literal(folder)}")


@cache
def _instance() -> "duckdb.DuckDBPyConnection":
    import duckdb

    return duckdb.connect()
