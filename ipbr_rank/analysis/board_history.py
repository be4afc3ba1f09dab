"""`history`: how a model's scores and ranks moved, and the board as it was published at a time."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING

from base.errors import ConfigurationError, IpbrError
from base.output import WRITERS
from base.text import shown_path
from base.times import utc
from ipbr_rank.analysis.query import open_read_only, run
from ipbr_rank.run.workspace import Workspace

if TYPE_CHECKING:
    import duckdb

HAS_HISTORY = """
select count(*) from duckdb_tables() where schema_name = 'marts'
and table_name = 'fct_score_history'"""
IS_EMPTY = "select 1 where not exists (from marts.fct_score_history)"
BOARDS = """
select
    strftime(generated_at, '%Y-%m-%dT%H:%M:%SZ') as generated_at,
    count(distinct canonical_id) as n_models,
    any_value(methodology) as methodology,
    any_value(coefficients_sha256) as coefficients_sha256
from marts.fct_score_history
group by all
order by generated_at"""
ROWS = """
select
    strftime(history.generated_at, '%Y-%m-%dT%H:%M:%SZ') as generated_at,
    history.canonical_id as model,
    history.display_name as name,
    roles.display_name as role_name,
    history.score,
    history.rank,
    history.score_p05,
    history.score_p95
from marts.fct_score_history as history
inner join marts.dim_roles as roles on history.role_id = roles.role_id
where
    coalesce(history.generated_at = $generated_at, true)
    and coalesce(history.canonical_id = $canonical_id, true)
order by history.generated_at, roles.role_order, history.rank, history.canonical_id"""
BOARD_AT = """
select max(generated_at), (select min(generated_at) from marts.fct_score_history)
from marts.fct_score_history
where generated_at <= ?"""
TO_DROP = """
select
    (select max(generated_at) from marts.dim_runs),
    (select count(*) from marts.fct_score_history where generated_at = ?)"""
HOLDING_HISTORY = ("raw.previous_history", "marts.fct_score_history")
# A key counts before a name, and the name of today before an earlier one.
MODEL_CALLED = """
select canonical_id
from marts.fct_score_history
where lower($name) in (lower(canonical_id), lower(display_name))
order by lower(canonical_id) = lower($name) desc, generated_at desc, canonical_id
limit 1"""


def history(
    database: Path, model: str | None, at: datetime | None, form: str, out: IO[str] | None = None
) -> None:
    """Writes the rows of one model, of the board at a time, or the list of boards.

    Raises IpbrError without a history, ConfigurationError for an unknown model or a time before
    the first board.
    """
    with open_read_only(database) as connection:
        if run(connection, HAS_HISTORY)[1] == [(0,)]:
            raise IpbrError(
                f"{shown_path(database)} has no history; build it again with `ipbr-rank score`"
            )
        if run(connection, IS_EMPTY)[1]:
            raise IpbrError(
                f"{shown_path(database)} has no history: its board is an experiment, and "
                "experiments are not added to the history"
            )
        if model is None and at is None:
            header, rows = run(connection, BOARDS)
        else:
            wanted = {
                "generated_at": at and _board_at(connection, at),
                "canonical_id": model and _called(connection, model),
            }
            header, rows = run(connection, ROWS, wanted)
    WRITERS[form](header, rows, out or sys.stdout)


def drop(database: Path, moment: datetime) -> int:
    """Takes the board of a time out of the history; how many rows it had.

    ConfigurationError for a time of which there is no board, and for the board itself.
    """
    import duckdb

    naive = utc(moment)
    with Workspace(database), open_read_only(database) as connection:
        newest, n_rows = run(connection, TO_DROP, [naive])[1][0]
    if not n_rows:
        raise ConfigurationError(
            f"--drop {naive}: there is no board of that time; `ipbr-rank history` lists all boards"
        )
    if newest == naive:
        raise ConfigurationError(
            f"--drop {naive}: this is the current board; build a new board first"
        )
    try:
        with duckdb.connect(str(database)) as connection:
            connection.begin()
            for table in HOLDING_HISTORY:
                connection.execute(f"delete from {table} where generated_at = ?", [naive])
            connection.commit()
    except duckdb.Error as error:
        raise IpbrError(f"cannot remove a board from {shown_path(database)}: {error}") from error
    return int(n_rows)


def _board_at(connection: "duckdb.DuckDBPyConnection", at: datetime) -> datetime:
    naive = at.astimezone(UTC).replace(tzinfo=None)
    found: datetime | None
    found, first = run(connection, BOARD_AT, [naive])[1][0]
    if found is None:
        raise ConfigurationError(
            f"--at {naive} UTC: there was no board yet; the first board is from {first} UTC"
        )
    return found


def _called(connection: "duckdb.DuckDBPyConnection", model: str) -> str:
    found = run(connection, MODEL_CALLED, {"name": model})[1]
    if not found:
        raise ConfigurationError(
            f"no board in the history has the model {model!r}; `ipbr-rank list-models` lists the "
            "ids, and `ipbr-rank history --at DATE` shows a whole board"
        )
    return str(found[0][0])
