"""`query` and `shell`: reading the built database, never writing it.

Also the one place that knows how a result is printed, so that the tables in the documentation and
those of the command line are the same.
"""

import csv
import json
import math
import os
import shutil
import signal
import sys
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NoReturn

from ingest.database import first_line
from ingest.errors import ConfigurationError, IpbrError
from ipbr_rank.words import printable, shown_path

if TYPE_CHECKING:
    import duckdb

HOW_TO_BUILD = "build one with `ipbr-rank all --offline --cache data/fixtures`"
HOW_TO_USE_FILES = "SQL is run on the database alone; --allow-files lets it use other files, too"
PROMPT, CONTINUATION = "ipbr> ", "  ... "
SHELL_HELP = """\
End a statement with a semicolon. The public tables are in the schema marts.
.tables   lists them
.help     shows this
.quit     leaves, as does Ctrl-D"""
# Read-only in truth: read_only alone keeps this database from being written, and nothing else.
SEALED = {"enable_external_access": "false", "lock_configuration": "true"}
# The same for DuckDB's own program, whose dot commands reach files as well; its safe mode has both
# settings and refuses those. Not `-safe`, with which it cannot open a file.
SEALED_SHELL = ("-cmd", "set enable_external_access = false", "-cmd", ".safe_mode")
TABLES = """\
select schema_name || '.' || table_name as table_name, estimated_size as n_rows
from duckdb_tables()
where schema_name in ('marts', 'seeds', 'intermediate', 'raw')
order by schema_name != 'marts', 1"""


def query(
    database: Path,
    statement: str,
    form: str,
    out: IO[str] | None = None,
    *,
    may_use_files: bool = False,
) -> None:
    """Runs `statement` ("-" reads it from standard input) and writes its last result.

    Only with `may_use_files` it may read or write another file than the database.
    """
    if statement == "-":
        statement = sys.stdin.read()
    if not statement.strip():
        raise ConfigurationError(
            'no statement: give one, as in `ipbr-rank query "select * from marts.rpt_scoreboard"`, '
            "or pipe one in with `ipbr-rank query -`"
        )
    with open_read_only(database, may_use_files=may_use_files) as connection:
        header, rows = run(connection, statement)
    WRITERS[form](header, rows, out or sys.stdout)


def shell(database: Path, *, may_use_files: bool = False) -> None:
    """DuckDB's own command line where it is installed, else a small prompt. Read-only."""
    # Opened first in either case: the message of a missing or locked database is ours.
    with open_read_only(database, may_use_files=may_use_files) as connection:
        program = shutil.which("duckdb")
        if not program:
            _prompt(connection, database)
            return
    sealed = () if may_use_files else SEALED_SHELL
    os.execv(program, [program, "-readonly", *sealed, str(database)])


def open_read_only(database: Path, *, may_use_files: bool = True) -> "duckdb.DuckDBPyConnection":
    """A connection that cannot write the database.

    Without `may_use_files` it cannot read or write any other file, nor load an extension. IpbrError
    if there is no database, or it is being written or corrupt.
    """
    import duckdb

    if not database.is_file():
        raise IpbrError(f"there is no database {shown_path(database)}; {HOW_TO_BUILD}")
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
                f"file away and {HOW_TO_BUILD}"
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


def as_table(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Columns side by side, two blanks apart; an empty text where there are no columns."""
    from rich.cells import cell_len

    if not header:
        return ""
    cells = [list(header), *([_shown_cell(value) for value in row] for row in rows)]
    widths = [max(map(cell_len, column)) for column in zip(*cells, strict=True)]
    return "".join(
        "  ".join(
            cell + " " * (width - cell_len(cell)) for cell, width in zip(line, widths, strict=True)
        ).rstrip()
        + "\n"
        for line in cells
    )


def as_json(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """One object per row. What JSON cannot hold becomes text; NaN and infinities become null."""
    names = _unique(header)
    records = [
        {name: _json_value(value) for name, value in zip(names, row, strict=True)} for row in rows
    ]
    return json.dumps(records, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _write_table(header: Sequence[str], rows: Iterable[Sequence[Any]], out: IO[str]) -> None:
    out.write(as_table(header, rows))


def _write_json(header: Sequence[str], rows: Iterable[Sequence[Any]], out: IO[str]) -> None:
    out.write(as_json(header, rows))


def _write_csv(header: Sequence[str], rows: Iterable[Sequence[Any]], out: IO[str]) -> None:
    """Null is an empty field; lists and structures are JSON."""
    writer = csv.writer(out, lineterminator="\n")
    if header:
        writer.writerow(header)
    for row in rows:
        writer.writerow("" if value is None else _plain(value) for value in row)


WRITERS = {"table": _write_table, "json": _write_json, "csv": _write_csv}


def _shown_cell(value: object) -> str:
    """A value on one line, safe for a terminal; null is empty."""
    return printable(_plain(value)).replace("\n", " ") if value is not None else ""


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple | dict):
        return json.dumps(_json_value(value), ensure_ascii=False)
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


def _json_value(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _json_value(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_json_value(entry) for entry in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Decimal):
        return _json_value(float(value))
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if value is None or isinstance(value, bool | int | str):
        return value
    return value.hex() if isinstance(value, bytes) else str(value)


def _unique(names: Sequence[str]) -> list[str]:
    """Two columns may share a name, two keys of an object may not: the later get a number."""
    taken: set[str] = set()
    result = []
    for name in names:
        candidate, number = name, 2
        while candidate in taken:
            candidate, number = f"{name}_{number}", number + 1
        taken.add(candidate)
        result.append(candidate)
    return result


def _prompt(connection: "duckdb.DuckDBPyConnection", database: Path) -> None:
    """Reads statements until the input ends. A wrong one is told and the prompt goes on."""
    import readline  # noqa: F401  gives input() its line editing

    # Ctrl-C gives up the statement being typed, not the shell.
    signal.signal(signal.SIGINT, _interrupt)
    if sys.stdin.isatty():
        print(f"{shown_path(database)}, read-only. .help helps, .quit leaves.")
    pending = ""
    while True:
        try:
            line = input(CONTINUATION if pending else PROMPT) if sys.stdin.isatty() else input()
        except EOFError:
            # What is piped in may end without a semicolon.
            if pending.strip():
                _answer(connection, pending)
            return
        except KeyboardInterrupt:
            print()
            pending = ""
            continue
        if not pending and line.strip() in (".quit", ".exit"):
            return
        if not pending and line.strip() == ".help":
            print(SHELL_HELP)
        elif not pending and line.strip() == ".tables":
            _answer(connection, TABLES)
        elif pending or line.strip():
            pending += line + "\n"
            if line.rstrip().endswith(";"):
                _answer(connection, pending)
                pending = ""


def _answer(connection: "duckdb.DuckDBPyConnection", statement: str) -> None:
    try:
        sys.stdout.write(as_table(*run(connection, statement)))
    except IpbrError as error:
        print(f"error: {printable(str(error))}", file=sys.stderr)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)


def _interrupt(number: int, frame: object) -> NoReturn:
    raise KeyboardInterrupt
