"""Whether a board's data tests hold: `ops.build_verdicts`, to which every build adds a row.

dbt does it itself (`macros/build_verdicts.sql`, at the end of each of its commands); whoever runs
dbt's statements without dbt calls `write_verdict`. docs/decisions/0053-verdicts.md says what a
verdict takes from the builds before it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import duckdb

from base.errors import InvariantError, IpbrError
from base.sql import connected, first_line
from base.text import shown_path

# The verdicts of so many builds are kept, as macros/build_verdicts.sql has it.
VERDICTS_KEPT = 100
SHOWN_TESTS = 5
LANDED = (
    *("previous_history", "previous_ranks", "previous_sources"),
    *("raw_records", "raw_responses", "runs", "source_runs"),
)
# As in macros/build_verdicts.sql; tests compare both.
SCHEMA = """
create schema if not exists ops;
create table if not exists ops.build_verdicts (
    invocation_id varchar not null primary key,
    ended_at timestamp not null,
    configuration_hash varchar,
    landed_hash varchar not null,
    n_tests_enabled integer not null,
    n_tests_run integer not null,
    n_tests_failed integer not null,
    n_tests_warned integer not null,
    n_nodes_stale integer not null
);
create table if not exists ops.test_results (
    test_id varchar not null primary key,
    status varchar not null,
    n_failures bigint not null
);
create table if not exists ops.stale_nodes (node_id varchar not null primary key);
"""
CONFIGURATION_HASH = """
select sha256(string_agg(file_id || ' ' || sha256, chr(10) order by file_id))
from staging.stg_config__files
"""
LANDED_HASH = (
    "select sha256(string_agg(name || ' ' || contents, chr(10) order by name)) from ("
    + " union all ".join(
        f"select '{name}' as name, count(*) || ' ' "
        f"|| coalesce(bit_xor(hash(landed)), 0) as contents from raw.{name} as landed"
        for name in LANDED
    )
    + ")"
)
NEWEST = """
select configuration_hash, landed_hash, n_tests_enabled, n_tests_run, n_tests_failed
from ops.build_verdicts
order by ended_at desc, rowid desc
limit 1
"""


@dataclass(frozen=True)
class Result:
    """What one data test came to: pass, warn, fail or error, and the rows that it found."""

    test_id: str
    status: str
    n_failures: int


def write_verdict(
    connection: duckdb.DuckDBPyConnection, results: Iterable[Result], n_enabled: int
) -> None:
    """Adds the verdict of a build of everything, outside dbt, to the database in use.

    `results` are those of every data test that was run or would have come out the same,
    `n_enabled` how many the project has.
    """
    connection.execute(SCHEMA)
    connection.execute("delete from ops.stale_nodes")
    found = [(result.test_id, result.status, result.n_failures) for result in results]
    connection.execute(
        "delete from ops.test_results where not list_contains($kept, test_id)",
        {"kept": [test_id for test_id, *_ in found]},
    )
    if found:
        connection.executemany("insert or replace into ops.test_results values (?, ?, ?)", found)
    connection.execute(
        f"""
        insert into ops.build_verdicts
        select
            $invocation_id,
            make_timestamp(epoch_us(now())),
            ({CONFIGURATION_HASH}),
            ({LANDED_HASH}),
            $n_enabled,
            count(*),
            count(*) filter (where status in ('fail', 'error')),
            count(*) filter (where status = 'warn'),
            (select count(*) from ops.stale_nodes)
        from ops.test_results
        """,
        {"invocation_id": str(uuid4()), "n_enabled": n_enabled},
    )
    connection.execute(
        "delete from ops.build_verdicts where invocation_id not in (select invocation_id "
        "from ops.build_verdicts order by ended_at desc, rowid desc limit ?)",
        [VERDICTS_KEPT],
    )


def require_tested(database: Path) -> None:
    """Raises unless all data tests hold for the board in `database`, as it stands there.

    InvariantError if one does not, IpbrError if that is not known.
    """
    place = shown_path(database)
    try:
        with connected(database, "judged", "read_only") as connection:
            _require(connection, place)
    except duckdb.Error as error:
        raise IpbrError(
            f"{place}: cannot find out whether the data tests of this board passed: DuckDB says: "
            f"{first_line(error)}; build the board again with `ipbr-rank score`"
        ) from error


def _require(connection: duckdb.DuckDBPyConnection, place: str) -> None:
    verdict = None
    if connection.execute(
        "select 1 from duckdb_tables() where database_name = current_database() "
        "and schema_name = 'ops' and table_name = 'build_verdicts'"
    ).fetchone():
        verdict = connection.execute(NEWEST).fetchone()
    if verdict is None:
        raise IpbrError(
            f"{place}: There is no record that the data tests of this board passed. "
            "Run `dbt test`, then render."
        )
    configuration, landed, n_enabled, n_run, n_failed = verdict
    if connection.execute(f"select ({CONFIGURATION_HASH}), ({LANDED_HASH})").fetchone() != (
        configuration,
        landed,
    ):
        raise IpbrError(
            f"{place}: The responses or the configuration in the database have changed since this "
            "board was built. Run `dbt build`, then render."
        )
    if n_failed:
        failing = connection.execute(
            "select split_part(test_id, '.', 3), status, n_failures from ops.test_results "
            "where status in ('fail', 'error') order by test_id"
        ).fetchall()
        told = [
            f"\n  {name}: " + ("the test could not run" if status == "error" else f"{n_rows} rows")
            for name, status, n_rows in failing
        ]
        more = f"\n  and {len(told) - SHOWN_TESTS} more" if len(told) > SHOWN_TESTS else ""
        raise InvariantError(
            f"{place}: In the last build of this board, {n_failed} of {n_enabled} data tests "
            "failed. Fix the cause, run `dbt build`, then render."
            + "".join(told[:SHOWN_TESTS])
            + more
        )
    stale = connection.execute(
        "select count(*), min(split_part(node_id, '.', 3)) from ops.stale_nodes"
    ).fetchone()
    if stale and stale[0]:
        raise IpbrError(
            f"{place}: The last build of this board is incomplete: {stale[0]} tables are older "
            f"than their inputs (for example {stale[1]}). Run `dbt build`, then render."
        )
    if n_run < n_enabled:
        raise IpbrError(
            f"{place}: This board was built without its tests (dbt run). Run `dbt test`, then "
            f"render.\n  {n_run} of {n_enabled} data tests have been run on the board as it is now"
        )
