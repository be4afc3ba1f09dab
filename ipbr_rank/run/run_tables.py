"""How the runs went: `ops.ops_runs` and `ops.ops_sources` in the database, kept from run to run.

They are no part of the board: nothing reads them but `status`, and no output holds them. What else
is in the schema `ops` is written by every build (`ipbr_rank.engine.verdicts`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from base.errors import IpbrError
from base.sql import attached, connected
from base.times import utc
from ingest.fetch.download import FetchedSource
from ingest.landing.land import LandedSource
from ipbr_rank.run.run_log import LOG
from ipbr_rank.run.settings import Settings

# A week of a run every ten minutes, and what was built by hand.
RUNS_KEPT = 1000
SCHEMA = """
create schema if not exists ops;
drop table if exists ops.ops_runs;
drop table if exists ops.ops_sources;
create table ops.ops_runs (
    run_id varchar not null,
    stage varchar not null,
    stage_order integer not null,
    seconds double not null,
    said varchar not null,
    started_at timestamp not null,
    generated_at timestamp not null,
    edition varchar not null,
    is_offline boolean not null,
    primary key (run_id, stage)
);
create table ops.ops_sources (
    run_id varchar not null,
    source_id varchar not null,
    status varchar not null,
    message varchar,
    n_records bigint not null,
    n_bytes bigint not null,
    n_tries integer not null,
    is_transferred boolean not null,
    seconds double not null,
    fetched_at timestamp,
    primary key (run_id, source_id)
);
comment on table ops.ops_runs is
    'One row per run and stage that ended before the database was published; key run_id, stage';
comment on column ops.ops_runs.seconds is 'How long the stage took';
comment on column ops.ops_runs.started_at is 'When the process began, UTC, by the clock';
comment on column ops.ops_runs.generated_at is 'Time of the run, UTC, as --now says';
comment on table ops.ops_sources is
    'One row per run and source: its status and what it cost; key run_id, source_id';
comment on column ops.ops_sources.seconds is 'How long fetching took; 0 if it was not asked';
comment on column ops.ops_sources.n_bytes is 'Size of the cached body';
comment on column ops.ops_sources.fetched_at is 'When the body was fetched, UTC';
"""


@dataclass(frozen=True)
class StageTime:
    """One stage that has ended."""

    name: str
    seconds: float
    said: str


@dataclass(frozen=True)
class Ran:
    """How the sources of a run fared: landed, and fetched by source id if they were asked for."""

    landed: list[LandedSource]
    fetched: Mapping[str, FetchedSource]


def record_run(database: Path, settings: Settings, stages: list[StageTime], ran: Ran) -> None:
    """Writes this run into the database that is about to be published, after the runs before it."""
    try:
        with connected(database, "built") as connection:
            connection.begin()
            connection.execute(SCHEMA)
            run = [utc(LOG.started_at), utc(settings.now), settings.edition, settings.offline]
            connection.executemany(
                "insert into ops.ops_runs values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    [LOG.run_id, stage.name, order, stage.seconds, stage.said, *run]
                    for order, stage in enumerate(stages, start=1)
                ],
            )
            connection.executemany(
                "insert into ops.ops_sources values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [_source_row(source, ran.fetched.get(source.source_id)) for source in ran.landed],
            )
            connection.commit()
            _carry_over(connection, settings.database)
    except duckdb.Error as error:
        raise IpbrError(f"cannot write the record of the run into {database}: {error}") from error


def _source_row(source: LandedSource, fetched: FetchedSource | None) -> list[object]:
    response = source.response
    return [
        LOG.run_id,
        source.source_id,
        source.status,
        source.message,
        source.n_records,
        len(response.body) if response else 0,
        fetched.tries if fetched else 0,
        fetched.transferred if fetched else False,
        fetched.seconds if fetched else 0,
        utc(response.fetched_at) if response else None,
    ]


def _carry_over(connection: duckdb.DuckDBPyConnection, published: Path) -> None:
    """Brings in the runs of the database that will be replaced, if it has any that can be read."""
    if not published.is_file():
        return
    try:
        with attached(connection, published, "earlier", "read_only"):
            connection.begin()
            for table in ("ops_runs", "ops_sources"):
                connection.execute(
                    f"insert into ops.{table} by name select * from earlier.ops.{table} "  # noqa: S608 names of our own
                    "where run_id in (select run_id from (select distinct run_id, started_at "
                    "from earlier.ops.ops_runs) "
                    f"order by started_at desc, run_id limit {RUNS_KEPT})"
                )
            connection.commit()
    except duckdb.Error:
        # A damaged file, which is about to be replaced, or one without these tables.
        return
