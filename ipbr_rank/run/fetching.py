"""`fetch`, and the stage of `all` that does the same: the cache is brought up to date."""

import os
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

import click

from base.errors import IpbrError
from base.files import explained
from base.output import document
from base.text import shown_path
from ingest.fetch.download import FetchedSource, fetch_sources, transport_settings
from ingest.registry import NOT_ASKED_FOR
from ipbr_rank import REPOSITORY, __version__
from ipbr_rank.run.inputs import Asked, read_asked
from ipbr_rank.run.progress import Display, Stage
from ipbr_rank.run.run_log import LOG
from ipbr_rank.run.settings import Settings
from ipbr_rank.run.summary import common_silence, fetch_table, show_notes

FETCHING = "Fetching"
USER_AGENT = f"ipbr-rank/{__version__} (+{REPOSITORY})"


# A source of these could not be fetched; of the latter there is no earlier response either.
UNFETCHED = ("stale", "failed")


def fetch(settings: Settings, form: str, *, is_strict: bool = False) -> None:
    """Brings the cache up to date; with the form json, standard output says how each source fared.

    IpbrError if nothing was fetched and nothing is cached, and, if it `is_strict`, if any source
    was not fetched.
    """
    asked = read_asked(settings)
    with Display([FETCHING], settings.verbosity) as display:
        rows = fetch_into_cache(asked, display)
    log_sources(rows.values())
    if form == "json":
        click.echo(document(list(map(facts, asked_for(rows.values())))), nl=False)
    failed = [row.source_id for row in rows.values() if row.status in UNFETCHED]
    if is_nothing(rows.values()):
        raise IpbrError(told_nothing(rows.values(), settings.cache))
    display.print()
    display.print(fetch_table(asked_for(rows.values()), is_narrow=display.console.width < 80))
    show_notes(display, rows.values())
    if is_strict and failed:
        raise IpbrError(
            f"--strict: {len(failed)} sources could not be fetched: {', '.join(failed)}"
        )


def is_nothing(rows: Collection[FetchedSource]) -> bool:
    """Whether no source that was asked for could be fetched, and none is cached."""
    asked = asked_for(rows)
    return bool(asked) and not any(row.n_bytes for row in asked)


def told_nothing(rows: Collection[FetchedSource], cache: Path) -> str:
    """The message for that: one line, with the reason that most have in common."""
    asked = asked_for(rows)
    wanted = [row for row in asked if row.status == "failed"] or asked
    if silence := common_silence(rows):
        reason = f"no host answered: {silence}; are you offline?"
    else:
        reason = wanted[0].message or wanted[0].status
        if len(wanted) > 1:
            reason += f"; and {len(wanted) - 1} more, which --verbose shows"
        elif wanted[0].silence:
            reason += "; are you offline?"
    if len(wanted) > 1:
        what, held = f"none of {len(wanted)} sources could be fetched", "has none of them"
    else:
        what, held = f"{wanted[0].source_id} could not be fetched", "does not have it"
    return f"{what}, and --cache {shown_path(cache)} {held}: {reason}"


def log_sources(rows: Collection[FetchedSource], **more: Mapping[str, Any]) -> None:
    """One event per source, if the log is JSON. `more` are further facts, by source id."""
    for row in rows:
        LOG.event(
            "source",
            "warning" if row.status in UNFETCHED else "info",
            **facts(row),
            **{name: of.get(row.source_id) for name, of in more.items()},
        )


def facts(row: FetchedSource) -> dict[str, Any]:
    """How a source fared, as JSON has it."""
    return {
        "source_id": row.source_id,
        "status": row.status,
        "message": row.message,
        "n_records": row.n_records,
        "n_bytes": row.n_bytes,
        "n_tries": row.tries,
        "is_transferred": row.transferred,
        "seconds": round(row.seconds, 3),
    }


def asked_for(rows: Iterable[FetchedSource]) -> list[FetchedSource]:
    """Without the sources that --only or --except leave out."""
    return [row for row in rows if row.message != NOT_ASKED_FOR]


def fetch_into_cache(
    asked: Asked, display: Display, cache: Path | None = None
) -> dict[str, FetchedSource]:
    """The stage that all commands share; rows by source id. `cache` is another than --cache."""
    settings = asked.settings
    cache = cache or settings.cache
    transport = transport_settings(USER_AGENT, os.environ)
    if transport.base_url_override:
        display.print(f"IPBR_BASE_URL: all sources are fetched from {transport.base_url_override}")
    with display.stage(FETCHING) as stage, explained(f"writing --cache {cache}"):
        rows = fetch_sources(
            asked.sources,
            cache,
            now=settings.now,
            settings=transport,
            secrets=asked.secrets,
            only=asked.only,
            progress=_teller(asked, display, stage),
        )
        stage.said = _counted(rows)
    return {row.source_id: row for row in rows}


def _teller(asked: Asked, display: Display, stage: Stage) -> Callable[[str, str], None]:
    """Moves the bar with every source that has ended."""
    total = len(asked.only or [one for one in asked.sources.values() if one.cache_file])
    done = 0

    def tell(source_id: str, text: str) -> None:
        nonlocal done
        if text != "asking":
            done += 1
        stage.advance(min(done, total), total, source_id)
        display.detail(f"{source_id}: {text}")

    return tell


def _counted(rows: list[FetchedSource]) -> str:
    counts: dict[str, int] = {}
    for row in rows:
        counts[row.status] = counts.get(row.status, 0) + 1
    transferred = sum(row.transferred for row in rows)
    told = ", ".join(f"{count} {status}" for status, count in counts.items())
    return f"{told}; {transferred} transferred"
