"""A database that holds nothing of a board but what tells whether its data tests hold."""

from datetime import datetime
from pathlib import Path

import duckdb

from ingest.landing.land import SCHEMA
from ipbr_rank.engine.verdicts import Result, write_verdict

PASSED = [Result("test.ipbr.assert_a", "pass", 0), Result("test.ipbr.warn_b", "warn", 2)]


def write_tested(
    database: Path, generated_at: datetime, results: list[Result] | None = None
) -> Path:
    """Writes the database of a board of that time, built with two tests."""
    with duckdb.connect(str(database)) as connection:
        connection.execute(SCHEMA)
        connection.execute(
            "create schema marts; create schema staging; "
            "create table staging.stg_config__files as "
            "select 'aliases' as file_id, 'abc' as sha256 union all select 'overrides', 'def'; "
            "create table marts.dim_runs (generated_at timestamp)"
        )
        moment = generated_at.replace(tzinfo=None)
        connection.execute("insert into marts.dim_runs values (?)", [moment])
        connection.execute(
            "insert into raw.runs values (?, 'test', true, 'full', false, false)", [moment]
        )
        write_verdict(connection, PASSED if results is None else results, len(PASSED))
    return database
