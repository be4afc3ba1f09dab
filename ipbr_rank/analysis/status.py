"""`status`: the last run, its sources, their ages and when they are due. For people and cron."""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import duckdb

from base.errors import IpbrError
from base.output import as_table, document, width_of
from base.sql import require_database
from base.text import printable
from base.times import in_largest_unit, moment_text
from ingest.fetch.cache import seconds_since_renewal
from ingest.fetch.download import SKEW_SECONDS

# Something to look at; a source that is due is not.
ATTENTION = 1
UNFIT = ("stale", "failed")


def status(database: Path, cache: Path, now: datetime, form: str) -> int:
    """Prints how things stand, as a table or JSON; returns the exit code.

    0 if the last run found every source, 1 if one is stale or failed. IpbrError without a database.
    """
    found = _read(database, cache, now)
    is_json = form == "json"
    click.echo(document(found) if is_json else _table(found, width_of(sys.stdout)), nl=False)
    return ATTENTION if found["n_unfit"] else 0


def _read(database: Path, cache: Path, now: datetime) -> dict[str, Any]:
    require_database(database)
    try:
        with duckdb.connect(str(database), read_only=True) as connection:
            run = connection.execute(
                "select generated_at, generator, edition from marts.dim_runs"
            ).fetchone()
            sources = connection.execute(
                "select source_id, status, fetched_at, ttl_hours, cache_file, message "
                "from marts.dim_sources order by source_id"
            ).fetchall()
            stages = _last_stages(connection)
    except duckdb.Error as error:
        raise IpbrError(
            f"cannot read the last run from {database}: {error}; run `ipbr-rank all` again"
        ) from error
    if run is None:
        raise IpbrError(f"{database} has no run; run `ipbr-rank all` again")
    entries = [_source(row, cache, now) for row in sources]
    due = [entry["due_at"] for entry in entries if entry["due_at"]]
    return {
        "run_id": stages[0][0] if stages else None,
        "generated_at": moment_text(run[0]),
        "generator": run[1],
        "edition": run[2],
        "started_at": moment_text(stages[0][3]) if stages else None,
        "seconds": {name: round(seconds, 3) for _, name, seconds, _ in stages},
        "next_due_at": min(due, default=None),
        "n_unfit": sum(entry["status"] in UNFIT for entry in entries),
        "sources": entries,
    }


def _last_stages(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    """Run, name, seconds and start of the last run's stages; none where dbt alone built it."""
    try:
        return connection.execute(
            """
            select run_id, stage, seconds, started_at from ops.ops_runs
            where run_id = (select max_by(run_id, (started_at, run_id)) from ops.ops_runs)
            order by stage_order
            """
        ).fetchall()
    except duckdb.CatalogException:
        return []


def _source(row: tuple[Any, ...], cache: Path, now: datetime) -> dict[str, Any]:
    source_id, state, fetched_at, ttl_hours, cache_file, message = row
    checked_at = None
    if fetched_at is not None:
        checked_at = fetched_at.replace(tzinfo=UTC)
        # An answer that was confirmed since then is as good as new.
        seconds = seconds_since_renewal(cache / cache_file)
        if seconds is not None and seconds >= -SKEW_SECONDS:
            renewed_at = datetime.now(UTC) - timedelta(seconds=seconds)
            checked_at = max(checked_at, min(renewed_at, now))
    due_at = checked_at + timedelta(hours=ttl_hours) if checked_at else None
    return {
        "source_id": source_id,
        "status": state,
        "checked_at": moment_text(checked_at) if checked_at else None,
        "age_hours": _hours(now - checked_at) if checked_at else None,
        "due_at": moment_text(due_at) if due_at else None,
        "is_due": due_at is not None and due_at <= now,
        "message": message,
    }


def _hours(age: timedelta) -> float:
    return round(max(age, timedelta()) / timedelta(hours=1), 1)


def _table(found: dict[str, Any], width: int | None) -> str:
    total = sum(found["seconds"].values())
    took = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in found["seconds"].items())
    lines = [
        f"last run   {found['generated_at']}, {found['edition']} edition, {found['generator']}",
        f"run id     {found['run_id'] or 'not known: dbt built the database'}",
        f"took       {total:.1f} s: {took}" if took else "took       not known",
        f"next due   {found['next_due_at'] or 'nothing: no source has been read'}",
        "",
        "",
    ]
    table = as_table(
        ["source", "status", "checked", "age", "due"],
        [
            (
                entry["source_id"],
                entry["status"],
                entry["checked_at"] or "–",
                "–"
                if entry["age_hours"] is None
                else in_largest_unit(timedelta(hours=entry["age_hours"])),
                "now" if entry["is_due"] else entry["due_at"] or "–",
            )
            for entry in found["sources"]
        ],
        width=width,
    )
    notes = [
        f"{entry['source_id']}: {printable(entry['message'])}"
        for entry in found["sources"]
        if entry["status"] in UNFIT and entry["message"]
    ]
    return "\n".join(lines) + table + "".join(f"{note}\n" for note in notes)
