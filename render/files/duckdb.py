"""The marts as one DuckDB file to download: no raw response, and the same bytes each time."""

from __future__ import annotations

from pathlib import Path

import duckdb

from base.errors import RenderError
from base.sql import literal, quoted
from render.from_marts import MARTS_SCHEMA

# Small blocks, since most tables are small. DuckDB 1.2 and later read this version; the later ones
# give each file a random identifier.
ATTACH_OPTIONS = "storage_version 'v1.2.0', block_size 16384"


def write_marts(database: Path, path: Path) -> None:
    """Copy every table of the marts, with its comments, from a built database into a new file.

    Compression is off: its unused space is filled with whatever the memory held, which is neither
    the same each time nor meant for readers.
    """
    try:
        with duckdb.connect(config={"threads": 1}) as connection:
            connection.execute("set force_compression = 'uncompressed'")
            connection.execute(f"attach {literal(str(database))} as built (read_only)")
            connection.execute(f"attach {literal(str(path))} as copy ({ATTACH_OPTIONS})")
            connection.execute(f"create schema copy.{MARTS_SCHEMA}")
            for table in _names(connection):
                place = f"{MARTS_SCHEMA}.{quoted(table)}"
                connection.execute(
                    f"create table copy.{place} as select * from built.{place} order by all"  # noqa: S608 names of our own, paths quoted
                )
            connection.execute(_comments(connection))
            connection.execute("checkpoint copy")
            connection.execute("detach copy")
    except duckdb.Error as error:
        raise RenderError(
            f"cannot copy the marts of {database} into a file for download: DuckDB says: {error}"
        ) from error


def write_history(database: Path, path: Path) -> None:
    """Write every board of the history as one Parquet file; the same bytes for the same rows."""
    try:
        # One thread: the rows are cut into groups in one order.
        with duckdb.connect(config={"threads": 1}) as connection:
            connection.execute(f"attach {literal(str(database))} as built (read_only)")
            connection.execute(
                f"copy (select * from built.{MARTS_SCHEMA}.fct_score_history order by all) "  # noqa: S608 names of our own, paths quoted
                f"to {literal(str(path))} (format parquet, compression zstd)"
            )
    except duckdb.Error as error:
        raise RenderError(
            f"cannot write the history in {database} as {path.name}: DuckDB says: {error}"
        ) from error


def _names(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute(
        "select table_name from information_schema.tables "
        "where table_catalog = 'built' and table_schema = ? order by table_name",
        [MARTS_SCHEMA],
    ).fetchall()
    return [name for (name,) in rows]


def _comments(connection: duckdb.DuckDBPyConnection) -> str:
    """Statements that describe tables and columns as the built database does."""
    tables = connection.execute(
        "select table_name, comment from duckdb_tables() where database_name = 'built' "
        "and schema_name = ? and comment is not null order by table_name",
        [MARTS_SCHEMA],
    ).fetchall()
    columns = connection.execute(
        "select table_name, column_name, comment from duckdb_columns() "
        "where database_name = 'built' and schema_name = ? and comment is not null "
        "order by table_name, column_index",
        [MARTS_SCHEMA],
    ).fetchall()
    schema = f"copy.{MARTS_SCHEMA}"
    return "begin;" + "".join(
        [
            *(f"comment on table {schema}.{quoted(table)} is {literal(comment)};"
              for table, comment in tables),
            *(f"comment on column {schema}.{quoted(table)}.{quoted(column)} is {literal(comment)};"
              for table, column, comment in columns),
            "commit;",
        ]
    )  # fmt: skip
