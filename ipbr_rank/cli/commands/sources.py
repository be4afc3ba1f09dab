"""`sources`: where the values come from, and what is due."""

import sys
from datetime import UTC, datetime
from typing import Unpack

from ipbr_rank.cli import options
from ipbr_rank.run.settings import Given, make_settings


@options.command(
    "sources",
    options.CACHE,
    options.form_of("table", "json", "csv", "markdown"),
    example="ipbr-rank sources",
)
def command(form: str, **given: Unpack[Given]) -> None:
    """List the sources with their cache state, age and terms."""
    from base.output import WRITERS
    from base.times import moment_text
    from ingest.fetch.cache import seconds_since_renewal
    from ingest.fetch.download import is_fresh
    from ingest.registry import load_sources

    settings = make_settings(given)
    rows = []
    for source in load_sources(settings.project).values():
        if source.cache_file is None:
            continue
        seconds = seconds_since_renewal(settings.cache / source.cache_file)
        if seconds is None:
            state, age, checked_at = "not cached", None, None
        else:
            state = "fresh" if is_fresh(seconds, source) else "due"
            age = round(seconds / 86400, 1)
            moment = datetime.fromtimestamp(datetime.now(UTC).timestamp() - seconds, UTC)
            checked_at = moment_text(moment)
        key = f" ({source.secret_variable})" if source.is_secret_required else ""
        row = [source.source_id, state + key, age, source.redistribution, source.licence]
        if form != "table":
            row += [checked_at, source.ttl_hours, source.display_name, source.endpoint]
        rows.append(row)
    header = ["source", "cache", "days", "redistribution", "licence"]
    if form != "table":
        header += ["checked_at", "ttl_hours", "name", "endpoint"]
    WRITERS[form](header, rows, sys.stdout)
