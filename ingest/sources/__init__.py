"""One module per source. Each has `parse(body) -> {part: records}` and raises only SourceError.

The records are the source's own JSON objects: Python finds them, SQL reads meaning into them. Each
has `FIELDS`, by part (or `ANY_PART`) where a record's name and figures stand: a record without is
carried, but is no row that would make a response whole.
What is special about fetching a source stands there, too; each of these may be left out:
- `fetch(client, source, pages) -> body` of a source that takes more than one request;
- `secret_headers(secret)`, if the secret is not sent as a bearer token;
- `SECRET_HOSTS`, which get the secret besides the endpoint's own host;
- `is_final(error)`, for errors that waiting will not mend although their status says so.
"""

import importlib
from collections.abc import Callable
from types import ModuleType

from base.errors import SourceError
from ingest.contract import Record, is_filled
from ingest.registry import SOURCES_FILE, RemoteSource

Parts = dict[str, list[Record]]

# The key in FIELDS for parts that are named by the response.
ANY_PART = "*"


def module_of(source_id: str) -> ModuleType:
    """Return the module that is named like the source."""
    return importlib.import_module(f"{__name__}.{source_id}")


def parser_of(source_id: str) -> Callable[[bytes], Parts]:
    """Return `parse` of the module that is named like the source."""
    parse: Callable[[bytes], Parts] = module_of(source_id).parse
    return parse


def parse_whole(source: RemoteSource, body: bytes) -> Parts:
    """Parse a response; SourceError also if it holds fewer rows than the source always has."""
    parts = parser_of(source.source_id)(body)
    count = count_filled(source.source_id, parts)
    if count < source.minimum_rows:
        empty = count_records(parts) - count
        raise SourceError(
            source.source_id,
            f"at least {source.minimum_rows} records (minimum_rows in {SOURCES_FILE})",
            f"{count} with a name and a value, and {empty} without" if empty else str(count),
        )
    return parts


def count_records(parts: Parts) -> int:
    """Records over all parts, empty ones too."""
    return sum(map(len, parts.values()))


def count_filled(source_id: str, parts: Parts) -> int:
    """Records over all parts that have a name and a figure."""
    fields = module_of(source_id).FIELDS
    return sum(
        is_filled(record, fields.get(part) or fields[ANY_PART])
        for part, records in parts.items()
        for record in records
    )
