"""`verify-sources`: every source against its live endpoint, as far as the names of its models."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from rich.console import Console

from base.errors import IpbrError
from base.output import document
from base.sql import literal
from base.text import shown_path
from ingest.fetch.download import MINIMUM_SHARE_KEPT, FetchedSource
from ipbr_rank.analysis.resolution import land_names, resolve
from ipbr_rank.config import read_configuration
from ipbr_rank.run.fetching import (
    FETCHING,
    asked_for,
    facts,
    fetch_into_cache,
    log_sources,
)
from ipbr_rank.run.inputs import Asked, read_asked
from ipbr_rank.run.progress import Display
from ipbr_rank.run.run_log import LOG
from ipbr_rank.run.settings import Settings
from ipbr_rank.run.summary import fetch_table, show_notes
from ipbr_rank.run.workspace import Workspace

RESOLVING = "Names"
SHOWN_MODELS = 10
# What the names of a source resolve to, by dbt, and everything that it takes.
RESOLVED = "int_observations_resolved"

# Models of the last board that are not ranked any more are nobody's loss.
COMPARED = f"""
with resolved as (
    select distinct source_id, canonical_id
    from intermediate.{RESOLVED}
    where resolution = 'resolved'
),
-- Names of ranked models that were read, and refused since they are of another build.
refused as (
    select source_id, count(*) as n_refused
    from intermediate.{RESOLVED}
    where refusal is not null
    group by source_id
),
known as (
    select distinct source_id, canonical_id
    from {{known}}
    where
        resolution = 'resolved'
        and canonical_id in (select canonical_id from staging.stg_config__models)
)
select
    source_id,
    count(resolved.canonical_id),
    count(known.canonical_id),
    coalesce(
        list(known.canonical_id order by known.canonical_id)
            filter (where resolved.canonical_id is null and known.canonical_id is not null),
        []
    ),
    coalesce(max(n_refused), 0)
from resolved
full join known using (source_id, canonical_id)
full join refused using (source_id)
group by source_id
"""


@dataclass(frozen=True)
class Resolved:
    """To which ranked models the names of one source resolve, compared with the last board."""

    n_models: int = 0
    n_known: int = 0
    """On the last board; 0 if there is none."""
    lost: tuple[str, ...] = ()
    """Canonical ids that were found in the source then, and are not now."""
    n_refused: int = 0
    """Rows whose name is a ranked model's, of another build of it."""


def verify(settings: Settings, form: str) -> None:
    """Prints one table, or JSON; IpbrError if any source fails."""
    asked = read_asked(settings)
    with Display([FETCHING, RESOLVING], settings.verbosity) as display:
        rows, resolved = check_sources(asked, display)
    n_models = {source_id: found.n_models for source_id, found in resolved.items()}
    n_lost = {source_id: len(found.lost) for source_id, found in resolved.items()}
    log_sources(rows, n_models=n_models, n_models_lost=n_lost)
    asked_rows = asked_for(rows)
    if form == "json":
        found = [
            {
                **facts(row),
                "n_models": n_models.get(row.source_id),
                "n_models_lost": n_lost.get(row.source_id),
            }
            for row in asked_rows
        ]
        click.echo(document(found), nl=False)
    elif not LOG.is_json:
        console = Console(highlight=False, markup=False, emoji=False, width=display.console.width)
        models = {source_id: (n_models[source_id], n_lost[source_id]) for source_id in n_models}
        console.print(fetch_table(asked_rows, is_narrow=console.width < 80, models=models))
    show_notes(display, rows)
    failed = [row.source_id for row in rows if row.status == "failed"]
    if failed:
        raise IpbrError(f"{len(failed)} of {len(asked_rows)} sources failed: {', '.join(failed)}")


def check_sources(
    asked: Asked, display: Display
) -> tuple[list[FetchedSource], dict[str, Resolved]]:
    """One row per source, and what the names of those that could be read resolve to.

    `verified`: it can be reached, parses, has its minimum of records, and its names resolve to
    ranked models: to at least one, and to most of those of the last board. Else `failed`, or
    `skipped` without its secret. Cache and database are not touched. IpbrError if dbt fails.
    """
    settings = asked.settings
    configuration = read_configuration(settings.files, settings.project, asked.sources)
    with TemporaryDirectory(prefix="ipbr-verify-") as name:
        cache = Path(name) / "cache"
        rows = fetch_into_cache(asked, display, cache)
        readable = [row for row in rows.values() if row.status == "verified"]
        if not readable:
            return list(rows.values()), {}
        with (
            display.stage(RESOLVING) as stage,
            Workspace(Path(name) / "verify.duckdb") as workspace,
        ):
            land_names(workspace, asked, cache, fetched=rows)
            resolve(workspace, settings.project, configuration, f"+{RESOLVED}", display, stage)
            found = _compare(workspace.database, settings.database)
            resolved = {row.source_id: found.get(row.source_id, Resolved()) for row in readable}
            stage.said = _summary(resolved, settings.database)
    return [judged(row, resolved) for row in rows.values()], resolved


def judged(row: FetchedSource, resolved: Mapping[str, Resolved]) -> FetchedSource:
    """The row of a source, failed if its names do not resolve; models that are lost are named."""
    found = resolved.get(row.source_id)
    if found is None:
        return row
    remedy = "look for new spellings with `ipbr-rank triage` after a run"
    if not found.n_models and not found.n_refused:
        message = (
            f"{row.source_id}: expected at least one name of a listed model, found none in "
            f"{row.n_records:,} records; {remedy}"
        )
        return replace(row, status="failed", message=message)
    if not found.lost:
        return row
    shown = ", ".join(found.lost[:SHOWN_MODELS])
    if len(found.lost) > SHOWN_MODELS:
        shown += f" and {len(found.lost) - SHOWN_MODELS} more"
    message = (
        f"{row.source_id}: {len(found.lost)} of {found.n_known} models of the last board are no "
        f"longer found: {shown}"
    )
    if found.n_known - len(found.lost) < MINIMUM_SHARE_KEPT * found.n_known:
        return replace(row, status="failed", message=f"{message}; {remedy}")
    return replace(row, message="; ".join(text for text in (row.message, message) if text))


def _compare(database: Path, published: Path) -> dict[str, Resolved]:
    """By source. Without a published database that can be read there is nothing to compare with."""
    import duckdb

    with duckdb.connect(str(database), read_only=True) as connection:
        try:
            connection.execute(f"attach {literal(published)} as published (read_only)")
            known = "published.marts.fct_observation_ledger"
            connection.execute(f"from {known} limit 0")
        except duckdb.Error:
            known = f"(from intermediate.{RESOLVED} limit 0)"
        rows = connection.execute(COMPARED.format(known=known)).fetchall()
    return {
        source_id: Resolved(n_models, n_known, tuple(lost), n_refused)
        for source_id, n_models, n_known, lost, n_refused in rows
    }


def _summary(resolved: Mapping[str, Resolved], published: Path) -> str:
    if not any(found.n_known for found in resolved.values()):
        return f"resolved; no board in {shown_path(published)} to compare with"
    n_lost = sum(len(found.lost) for found in resolved.values())
    return f"resolved; {n_lost} lost since the board in {shown_path(published)}"
