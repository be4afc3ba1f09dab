"""What a source is: one row of seeds/sources.csv."""

import csv
import re
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from base.errors import ConfigurationError

SOURCES_FILE = Path("seeds/sources.csv")
# Why a source is left out of an offline run that was not fetched before.
NOT_RECORDED = "not in the cache, and there is no recorded response; an online run fetches it"
# Why a source is left out that --only does not name.
NOT_ASKED_FOR = "not selected (--only)"


@dataclass(frozen=True)
class Source:
    """One row of seeds/sources.csv, a field per column; an empty cell is None.

    A source without a cache file (`overrides`) is read from the configuration, not landed; the
    others are each a RemoteSource.
    """

    source_id: str
    display_name: str
    family: str
    home_page: str | None
    endpoint: str | None
    cache_file: str | None
    ttl_hours: int | None
    minimum_rows: int | None
    secret_variable: str | None
    is_secret_required: bool
    licence: str
    redistribution: str
    attribution: str
    is_recorded: bool
    """Whether a response is on record; an offline run goes without the others, if need be."""


@dataclass(frozen=True)
class RemoteSource(Source):
    """A source that is fetched into a cache file and landed from there."""

    endpoint: str
    cache_file: str
    ttl_hours: int
    minimum_rows: int


@dataclass(frozen=True)
class FetchStatus:
    """How fetching a source went: verified, stale, skipped or failed, and what to know about it."""

    source_id: str
    status: str
    message: str | None = None


def load_sources(project_directory: Path) -> dict[str, Source]:
    """Read all sources in file order, by source_id; ConfigurationError for a file not like that."""
    path = Path(project_directory) / SOURCES_FILE
    expected = [field.name for field in fields(Source)]
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            header = reader.fieldnames or []
            rows = list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigurationError(
            f"{SOURCES_FILE}: cannot read the list of sources: {error}"
        ) from error
    if header != expected:
        raise ConfigurationError(
            f"{SOURCES_FILE}: expected the columns {', '.join(expected)}, found {', '.join(header)}"
        )
    sources: dict[str, Source] = {}
    for number, row in enumerate(rows, start=1):
        source = _source(row, f"{SOURCES_FILE}, row {number}")
        if source.source_id in sources:
            raise ConfigurationError(
                f"{SOURCES_FILE}, row {number}: source_id {source.source_id!r} occurs twice"
            )
        sources[source.source_id] = source
    return sources


def _source(row: dict[str, str], place: str) -> Source:
    # Cells too many stand under no name, cells too few hold nothing.
    cells: list[object] = [*row, *row.values()]
    if None in cells:
        raise ConfigurationError(f"{place}: expected one cell per column, found more or fewer")
    # The id names a Python module and a staging model.
    if not re.fullmatch(r"[a-z][a-z0-9_]*", row["source_id"]):
        raise ConfigurationError(
            f"{place}: expected a source_id in lower snake case, found {row['source_id']!r}"
        )
    values: dict[str, Any] = {name: text or None for name, text in row.items()}
    for name in ("display_name", "family", "licence", "redistribution", "attribution"):
        if values[name] is None:
            raise ConfigurationError(f"{place}: {name} is empty")
    for name in ("endpoint", "ttl_hours", "minimum_rows") if values["cache_file"] else ():
        if values[name] is None:
            raise ConfigurationError(f"{place}: {name} is empty, but the source has a cache_file")
    for name in ("ttl_hours", "minimum_rows"):
        if row[name] and not re.fullmatch(r"[0-9]+", row[name]):
            raise ConfigurationError(
                f"{place}: expected a whole number as {name}, found {row[name]!r}"
            )
        values[name] = int(row[name]) if row[name] else None
    values |= {name: _flag(row, name, place) for name in ("is_secret_required", "is_recorded")}
    return (RemoteSource if values["cache_file"] else Source)(**values)


def _flag(row: dict[str, str], name: str, place: str) -> bool:
    if row[name] not in ("true", "false"):
        raise ConfigurationError(f"{place}: expected true or false as {name}, found {row[name]!r}")
    return row[name] == "true"
