"""`fetch`, and the stage of `all` that does the same: the cache is brought up to date."""

import os
from collections.abc import Callable, Collection
from pathlib import Path

from ingest.errors import ConfigurationError
from ingest.fetch import FetchedSource, fetch_sources, transport_settings
from ingest.secrets import Secrets, hide_in_tracebacks, load_secrets
from ingest.source import load_sources
from ipbr_rank import REPOSITORY, __version__
from ipbr_rank.disk import explained
from ipbr_rank.progress import Display, Stage
from ipbr_rank.settings import Settings
from ipbr_rank.summary import fetch_table, show_notes

FETCHING = "Fetching"
USER_AGENT = f"ipbr-rank/{__version__} (+{REPOSITORY})"


def fetch(settings: Settings, verbosity: str) -> None:
    """Brings the cache up to date. What a source lacks is told and fails nothing."""
    if settings.offline:
        raise ConfigurationError("fetch asks the live sources; leave out --offline")
    secrets = secrets_of(settings)
    with Display([FETCHING], verbosity) as display:
        rows = fetch_into_cache(settings, secrets, display)
    display.print()
    display.print(fetch_table(rows.values(), is_narrow=display.console.width < 80))
    show_notes(display, rows.values())


def fetch_into_cache(
    settings: Settings,
    secrets: Secrets,
    display: Display,
    cache: Path | None = None,
    withheld: Collection[str] = (),
) -> dict[str, FetchedSource]:
    """The stage that all commands share; rows by source id. `cache` is another than --cache.

    `withheld` are sources that the edition leaves out; they are not asked.
    """
    cache = cache or settings.cache
    only = settings.only
    if withheld:
        asked = only or [s.source_id for s in load_sources(settings.project).values()]
        only = [source_id for source_id in asked if source_id not in withheld]
    with display.stage(FETCHING) as stage, explained(f"writing --cache {cache}"):
        rows = fetch_sources(
            settings.project,
            cache,
            now=settings.now,
            settings=transport_settings(USER_AGENT, os.environ),
            secrets=secrets,
            only=only,
            progress=_teller(settings, display, stage),
        )
        stage.said = _counted(rows)
    return {row.source_id: row for row in rows}


def secrets_of(settings: Settings) -> Secrets:
    """The secrets that the sources name: file option, else environment, else .env.

    The .env file is that of the working directory, else the project's.
    """
    sources = load_sources(settings.project).values()
    here = Path.cwd() / ".env"
    secrets = load_secrets(
        [source.secret_variable for source in sources if source.secret_variable],
        files=settings.secret_files,
        environment=os.environ,
        dotenv=here if here.is_file() else settings.project / ".env",
    )
    hide_in_tracebacks(secrets)
    return secrets


def _teller(settings: Settings, display: Display, stage: Stage) -> Callable[[str, str], None]:
    """Moves the bar with every source that has ended."""
    sources = [s for s in load_sources(settings.project).values() if s.cache_file]
    total = len(settings.only or sources)
    done = 0

    def tell(source_id: str, text: str) -> None:
        nonlocal done
        if text != "asking":
            done += 1
        stage.advance(min(done, total), total, source_id)
        display.detail(f"{source_id}: {text}")

    return tell


def _counted(rows: list[FetchedSource]) -> str:
    counts = {}
    for row in rows:
        counts[row.status] = counts.get(row.status, 0) + 1
    transferred = sum(row.transferred for row in rows)
    told = ", ".join(f"{count} {status}" for status, count in counts.items())
    return f"{told}; {transferred} transferred"
