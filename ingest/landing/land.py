"""The only writer of the `raw` schema: parses every cached response, lands all or nothing."""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import duckdb

from base.editions import FULL
from base.errors import ConfigurationError, IpbrError, SourceError
from base.files import hash_of
from base.scoreboard import ROLES, Compared
from base.sql import connected
from base.times import utc
from ingest.fetch.cache import CachedResponse, read_cached
from ingest.fetch.drift import content_hash, fingerprint
from ingest.landing.past_boards import EarlierHistory, attached_earlier, land_history
from ingest.registry import (
    NOT_ASKED_FOR,
    NOT_RECORDED,
    SOURCES_FILE,
    FetchStatus,
    RemoteSource,
    Source,
)
from ingest.sources import Parts, count_records, parse_whole

# What the database is attached as.
LANDING = "landing"

# Times are UTC.
SCHEMA = """
drop schema if exists raw cascade;
create schema raw;
create table raw.raw_responses (
    source_id varchar not null,
    request_key varchar not null,
    url varchar,
    fetched_at timestamp not null,
    content_changed_at timestamp not null,
    http_status integer,
    etag varchar,
    sha256 varchar not null,
    body blob not null,
    content_sha256 varchar not null,
    fingerprint json not null,
    parsed_by varchar not null,
    records_hash varchar not null,
    is_partial boolean not null,
    primary key (source_id, request_key)
);
create table raw.raw_records (
    source_id varchar not null,
    part varchar not null,
    position bigint not null,
    record json not null,
    primary key (source_id, part, position)
);
create table raw.source_runs (
    source_id varchar not null primary key,
    status varchar not null check (
        status in ('verified', 'stale', 'skipped', 'failed', 'withheld')
    ),
    message varchar
);
create table raw.runs (
    generated_at timestamp not null,
    generator varchar not null,
    is_offline boolean not null,
    edition varchar not null,
    is_experiment boolean not null,
    is_demo boolean not null
);
create table raw.previous_sources (
    source_id varchar not null primary key,
    n_rows_ingested bigint not null,
    scale_version varchar
);
create table raw.previous_figures (
    canonical_id varchar not null,
    metric_id varchar not null,
    source_id varchar not null,
    raw_value double not null,
    primary key (canonical_id, metric_id)
);
create table raw.previous_ranks (
    canonical_id varchar not null,
    display_name varchar,
    role_id varchar not null,
    rank integer not null,
    status varchar,
    place bigint,
    generated_at timestamp not null,
    primary key (canonical_id, role_id)
);
create table raw.previous_history (
    generated_at timestamp not null,
    methodology varchar not null,
    edition varchar not null,
    coefficients_sha256 varchar not null,
    canonical_id varchar not null,
    display_name varchar not null,
    role_id varchar not null,
    score double not null,
    rank bigint not null,
    score_p05 double,
    score_p95 double,
    status varchar,
    place bigint,
    own_share double,
    scale_versions varchar
);
"""

# What a source's records are told by, as DuckDB sees them: their number and all that is in them.
RECORDS_HASH = """
count(*) || ' ' || sum(cast(hash(part, position, cast(record as varchar)) as hugeint))
"""


@dataclass(frozen=True)
class LandedSource:
    """How one source went: its status, why (if not verified), and the records of each part."""

    source_id: str
    status: str
    message: str | None = None
    response: CachedResponse | None = field(default=None, repr=False)
    parts: Parts | None = field(default=None, repr=False)
    """None if there is no response, or the database holds its records already."""
    n_records: int = 0
    """Records over all parts."""


def land(  # noqa: PLR0913 all that a run knows of its sources
    database: Path,
    sources: Mapping[str, Source],
    cache: Path,
    *,
    generated_at: datetime,
    generator: str,
    offline: bool,
    only: list[str] | None = None,
    with_rest: bool = False,
    previous: Compared | None = None,
    history: EarlierHistory | None = None,
    fetched: Mapping[str, FetchStatus] | None = None,
    edition: str = FULL,
    is_experiment: bool = False,
    is_demo: bool = False,
    withheld: Mapping[str, str] | None = None,
    progress: Callable[[str, str], None] = lambda _source_id, _text: None,
) -> list[LandedSource]:
    """Replace the `raw` schema of `database` by what `cache` holds, in one transaction.

    All responses are parsed before the database is changed, but for those whose records it holds
    from before, of the same bytes and made by the same code: they stay. Offline, a source without a
    readable cache file raises SourceError; else it is landed as failed. `fetched` is how fetching
    went, by source: what was skipped or has failed is not read, what is stale is landed as such.
    What the `edition` leaves out is in `withheld`, with the reason; no byte of it is read.
    A source that `only` does not name is left out; `with_rest` it is read all the same if it is
    cached, and is landed as failed if that does not read. `is_experiment` and `is_demo` (the
    responses are recorded ones) are noted of the run.
    `history` is where the boards of earlier runs are. `progress(source_id, text)` is called when a
    source has been read. Raises ConfigurationError for an unknown id in `only`, IpbrError if the
    database cannot be written.
    """
    check_only(only, sources)
    code = code_hash()
    parsed_by = {
        source_id: hash_of([code, repr(source)], {}) for source_id, source in sources.items()
    }
    held = _held(database, parsed_by)
    landed = []
    for source in sources.values():
        if reason := (withheld or {}).get(source.source_id):
            landed.append(LandedSource(source.source_id, "withheld", reason))
        else:
            status = (fetched or {}).get(source.source_id)
            before = held.get(source.source_id)
            is_asked = only is None or source.source_id in only
            if is_asked or not isinstance(source, RemoteSource):
                is_needed = offline and (source.is_recorded or only is not None)
                landed.append(_read(source, Path(cache), is_needed, status, before))
            elif with_rest and (Path(cache) / source.cache_file).is_file():
                landed.append(_read(source, Path(cache), False, None, before))
            else:
                landed.append(LandedSource(source.source_id, "skipped", NOT_ASKED_FOR))
        progress(source.source_id, _summary(landed[-1]))
    try:
        with (
            # Under a name of its own: a file called raw.duckdb would be confused with the schema.
            connected(database, LANDING) as connection,
            attached_earlier(connection, history or EarlierHistory()),
        ):
            connection.begin()
            _write(connection, landed, held, previous, parsed_by)
            land_history(connection, history or EarlierHistory())
            connection.execute(
                "insert into raw.runs values (?, ?, ?, ?, ?, ?)",
                [utc(generated_at), generator, offline, edition, is_experiment, is_demo],
            )
            connection.commit()
    except duckdb.Error as error:
        raise IpbrError(f"cannot land the responses in {database}: {error}") from error
    return landed


def check_only(only: list[str] | None, sources: Mapping[str, Source]) -> None:
    """ConfigurationError if `only` names a source that there is not, or none."""
    if only is None:
        return
    unknown = [source_id for source_id in only if source_id not in sources]
    if unknown or not only:
        found = ", ".join(map(repr, unknown)) or "none"
        raise ConfigurationError(
            f"--only: expected source ids from {SOURCES_FILE}, found {found}; valid ids are "
            f"{', '.join(sources)}"
        )


def code_hash() -> str:
    """SHA-256 of all code that has a part in what records are made of a response."""
    versions = [sys.version, *(f"{name} {version(name)}" for name in ("duckdb", "lxml"))]
    folder = Path(__file__).parents[1]
    files = {str(path.relative_to(folder)): path for path in sorted(folder.rglob("*.py"))}
    return hash_of(versions, files)


class _Held(NamedTuple):
    """What a database holds of a response: its hash, and what was found out about its records."""

    sha256: str
    n_records: int
    content_sha256: str
    fingerprint: str


def _held(database: Path, parsed_by: Mapping[str, str]) -> dict[str, _Held]:
    """By source the response whose records `database` holds.

    Only what is as the same code has made it, under the same description of the source.
    """
    if not database.is_file():
        return {}
    try:
        with connected(database, LANDING, "read_only") as connection:
            rows = connection.execute(
                f"""
                select source_id, parsed_by, sha256, n_records, content_sha256, fingerprint
                from raw.raw_responses
                inner join (
                    select source_id, count(*) as n_records, {RECORDS_HASH} as found_hash
                    from raw.raw_records
                    group by source_id
                ) as found using (source_id)
                where records_hash = found_hash
                """  # noqa: S608 names of our own, paths quoted
            ).fetchall()
    except duckdb.Error:
        # Of another version, or no database of this program: everything is read anew.
        return {}
    return {
        source_id: _Held(*found) for source_id, by, *found in rows if by == parsed_by.get(source_id)
    }


def _read(
    source: Source,
    cache: Path,
    is_needed: bool,
    fetched: FetchStatus | None,
    held: _Held | None,
) -> LandedSource:
    """SourceError for a source that does not read, if it `is_needed`; else it has failed."""
    if not isinstance(source, RemoteSource):
        # Its figures come from the configuration, which every run reads.
        return LandedSource(source.source_id, "verified")
    if fetched and fetched.status in ("skipped", "failed"):
        return LandedSource(source.source_id, fetched.status, fetched.message)
    path = cache / source.cache_file
    try:
        response = read_cached(source, cache)
        if response is None and not source.is_recorded and not is_needed:
            return LandedSource(source.source_id, "skipped", NOT_RECORDED)
        if response is None:
            raise SourceError(source.source_id, "a cached response", "no such file")
        if held and held.sha256 == response.sha256:
            parts, n_records = None, held.n_records
        else:
            parts = parse_whole(source, response.body)
            n_records = count_records(parts)
    except SourceError as error:
        told = error
        if error.where == "the response":
            told = error.at(
                str(path),
                f"fetch it again (ipbr-rank fetch --only {source.source_id}) or leave the source "
                "out with --only",
            )
        if is_needed:
            raise told from error
        return LandedSource(source.source_id, "failed", str(told))
    if fetched:
        status, message = fetched.status, fetched.message
    else:
        status, message = "verified", "; ".join(response.notes) or None
    return LandedSource(source.source_id, status, message, response, parts, n_records)


def _summary(landed: LandedSource) -> str:
    text = landed.message or f"{landed.n_records} records"
    return f"{landed.status}: {text}" if landed.response or landed.message else landed.status


def _write(
    connection: duckdb.DuckDBPyConnection,
    landed: Sequence[LandedSource],
    held: Mapping[str, _Held],
    previous: Compared | None,
    parsed_by: Mapping[str, str],
) -> None:
    kept = [source.source_id for source in landed if source.response and source.parts is None]
    if kept:
        connection.execute(
            "create temp table kept_records as "
            "from raw.raw_records where list_contains($kept, source_id)",
            {"kept": kept},
        )
    connection.execute(SCHEMA)
    if kept:
        connection.execute("insert into raw.raw_records from kept_records")
    for source in landed:
        connection.execute(
            "insert into raw.source_runs values (?, ?, ?)",
            [source.source_id, source.status, source.message],
        )
        if source.response is None:
            continue
        if source.parts is None:
            before = held[source.source_id]
            content_sha256, shape = before.content_sha256, before.fingerprint
        else:
            _write_records(connection, source.source_id, source.parts)
            content_sha256 = content_hash(source.parts)
            shape = json.dumps(fingerprint(source.parts), ensure_ascii=False, sort_keys=True)
        _write_response(
            connection, source.response, content_sha256, shape, parsed_by[source.source_id]
        )
    if previous:
        _write_previous(connection, previous)


def _write_previous(connection: duckdb.DuckDBPyConnection, previous: Compared) -> None:
    for source_id, source in previous.sources.items():
        # One that was not fetched then has no count to be compared with.
        if source.n_rows_ingested:
            connection.execute(
                "insert into raw.previous_sources values (?, ?, ?)",
                [source_id, source.n_rows_ingested, source.scale_version],
            )
    figures = [
        (model.canonical_id, metric_id, evidence.source, model.raw_metrics[metric_id])
        for model in previous.models
        for metric_id, evidence in model.evidence.items()
        if evidence.evidence_class == "direct"
        and evidence.source is not None
        and metric_id in model.raw_metrics
    ]
    if figures:
        connection.executemany("insert into raw.previous_figures values (?, ?, ?, ?)", figures)
    generated_at = utc(previous.generated_at)
    for model in previous.models:
        for role_id in ROLES:
            rank = getattr(model.ranks, role_id)
            role = getattr(model.roles, role_id)
            if rank is not None:
                connection.execute(
                    "insert into raw.previous_ranks values (?, ?, ?, ?, ?, ?, ?)",
                    [
                        *(model.canonical_id, model.display_name, role_id, rank),
                        *(role.status, role.place, generated_at),
                    ],
                )


def _write_records(connection: duckdb.DuckDBPyConnection, source_id: str, parts: Parts) -> None:
    for part, records in parts.items():
        connection.execute(
            """
            insert into raw.raw_records
            select $source_id, $part, element.position, element.record
            from unnest(cast(cast($records as json) as json[]))
                with ordinality as element (record, position)
            """,
            {
                "source_id": source_id,
                "part": part,
                "records": json.dumps(records, ensure_ascii=False),
            },
        )


def _write_response(
    connection: duckdb.DuckDBPyConnection,
    response: CachedResponse,
    content_sha256: str,
    shape: str,
    parsed_by: str,
) -> None:
    """A response whose records are there already."""
    connection.execute(
        f"""
        insert into raw.raw_responses
        select ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, {RECORDS_HASH}, ?
        from raw.raw_records where source_id = ?
        """,  # noqa: S608 names of our own, paths quoted
        [
            response.source_id,
            response.path.name,
            response.url,
            utc(response.fetched_at),
            utc(response.content_changed_at),
            response.http_status,
            response.etag,
            response.sha256,
            response.body,
            content_sha256,
            shape,
            parsed_by,
            response.is_partial,
            response.source_id,
        ],
    )
