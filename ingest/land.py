"""The only writer of the `raw` schema: parses every cached response, lands all or nothing."""

import json
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from ingest.cache import CachedResponse, read_cached
from ingest.drift import content_hash, fingerprint
from ingest.errors import ConfigurationError, IpbrError, SourceError
from ingest.reading import clean_text
from ingest.source import NOT_ASKED_FOR, SOURCES_FILE, FetchStatus, Source, load_sources
from ingest.sources import Parts, count_records, parse_whole

ROLES = ("i", "p", "b", "r")

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
    status varchar not null check (status in ('verified', 'stale', 'skipped', 'failed')),
    message varchar
);
create table raw.runs (
    generated_at timestamp not null,
    generator varchar not null,
    is_offline boolean not null
);
create table raw.previous_sources (
    source_id varchar not null primary key,
    n_rows_ingested bigint not null
);
create table raw.previous_ranks (
    canonical_id varchar not null,
    display_name varchar,
    role_id varchar not null,
    rank integer not null,
    generated_at timestamp not null,
    primary key (canonical_id, role_id)
);
"""


@dataclass(frozen=True)
class LandedSource:
    """How one source went: its status, why (if not verified), and the records of each part."""

    source_id: str
    status: str
    message: str | None = None
    response: CachedResponse | None = field(default=None, repr=False)
    parts: Parts = field(default_factory=dict, repr=False)

    @property
    def n_records(self) -> int:
        """Records over all parts."""
        return count_records(self.parts)


@dataclass(frozen=True)
class PreviousRank:
    """One rank of an earlier scoreboard; one per model and role. The time is UTC, without zone."""

    canonical_id: str
    display_name: str | None
    role_id: str
    rank: int
    generated_at: datetime


def land(
    database: Path,
    project_directory: Path,
    cache: Path,
    *,
    generated_at: datetime,
    generator: str,
    offline: bool,
    only: list[str] | None = None,
    previous: Path | None = None,
    fetched: Mapping[str, FetchStatus] | None = None,
    progress: Callable[[str, str], None] = lambda source_id, text: None,
) -> list[LandedSource]:
    """Replace the `raw` schema of `database` by what `cache` holds, in one transaction.

    All responses are parsed before the database is touched. Offline, a source without a readable
    cache file raises SourceError; else it is landed as failed. `fetched` is how fetching went, by
    source: what was skipped or has failed is not read, what is stale is landed as such.
    `progress(source_id, text)` is called when a source has been read. Raises ConfigurationError for
    an unknown id in `only` or a `previous` scoreboard that is none, IpbrError if the database
    cannot be written.
    """
    sources = load_sources(project_directory)
    check_only(only, sources)
    ranks = read_previous(previous) if previous else []
    row_counts = read_previous_row_counts(previous) if previous else {}
    landed = []
    for source in sources.values():
        status = (fetched or {}).get(source.source_id)
        landed.append(_read(source, Path(cache), offline, only, status))
        progress(source.source_id, _summary(landed[-1]))
    try:
        with duckdb.connect() as connection:
            # Under a name of its own: a file called raw.duckdb would be confused with the schema.
            path = str(database).replace("'", "''")
            connection.execute(f"attach '{path}' as landing (type duckdb); use landing")
            connection.begin()
            _write(connection, landed, ranks, row_counts)
            connection.execute(
                "insert into raw.runs values (?, ?, ?)", [_utc(generated_at), generator, offline]
            )
            connection.commit()
    except duckdb.Error as error:
        raise IpbrError(f"cannot land the responses in {database}: {error}") from error
    return landed


def check_only(only: list[str] | None, sources: dict[str, Source]) -> None:
    """ConfigurationError if `only` names a source that there is not, or none."""
    if only is None:
        return
    unknown = [source_id for source_id in only if source_id not in sources]
    if unknown or not only:
        found = ", ".join(map(repr, unknown)) or "none"
        raise ConfigurationError(
            f"--only: expected ids from {SOURCES_FILE}, found {found}; valid are "
            f"{', '.join(sources)}"
        )


def _read(
    source: Source,
    cache: Path,
    offline: bool,
    only: list[str] | None,
    fetched: FetchStatus | None,
) -> LandedSource:
    if source.cache_file is None:
        # Its figures come from the configuration, which every run reads.
        return LandedSource(source.source_id, "verified")
    if only is not None and source.source_id not in only:
        return LandedSource(source.source_id, "skipped", NOT_ASKED_FOR)
    if fetched and fetched.status in ("skipped", "failed"):
        return LandedSource(source.source_id, fetched.status, fetched.message)
    path = cache / source.cache_file
    try:
        response = read_cached(source, cache)
        if response is None:
            raise SourceError(source.source_id, "a cached response", "no such file")
        parts = parse_whole(source, response.body)
    except SourceError as error:
        told = error
        if error.where == "the response":
            told = error.at(
                str(path),
                f"fetch it again (ipbr-rank fetch --only {source.source_id}) or leave the source "
                "out with --only",
            )
        if offline:
            raise told from error
        return LandedSource(source.source_id, "failed", str(told))
    if fetched:
        status, message = fetched.status, fetched.message
    else:
        status, message = "verified", "; ".join(response.notes) or None
    return LandedSource(source.source_id, status, message, response, parts)


def _summary(landed: LandedSource) -> str:
    text = landed.message or f"{landed.n_records} records"
    return f"{landed.status}: {text}" if landed.response or landed.message else landed.status


def _write(
    connection: duckdb.DuckDBPyConnection,
    landed: Iterable[LandedSource],
    ranks: Iterable[PreviousRank],
    row_counts: Mapping[str, int],
) -> None:
    connection.execute(SCHEMA)
    for source in landed:
        connection.execute(
            "insert into raw.source_runs values (?, ?, ?)",
            [source.source_id, source.status, source.message],
        )
        response = source.response
        if response is None:
            continue
        connection.execute(
            "insert into raw.raw_responses values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                source.source_id,
                response.path.name,
                response.url,
                _utc(response.fetched_at),
                _utc(response.content_changed_at),
                response.http_status,
                response.etag,
                response.sha256,
                response.body,
                content_hash(source.parts),
                json.dumps(fingerprint(source.parts), ensure_ascii=False, sort_keys=True),
            ],
        )
        for part, records in source.parts.items():
            connection.execute(
                """
                insert into raw.raw_records
                select $source_id, $part, element.position, element.record
                from unnest(cast(cast($records as json) as json[]))
                    with ordinality as element (record, position)
                """,
                {
                    "source_id": source.source_id,
                    "part": part,
                    "records": json.dumps(records, ensure_ascii=False),
                },
            )
    for source_id, count in row_counts.items():
        connection.execute("insert into raw.previous_sources values (?, ?)", [source_id, count])
    for rank in ranks:
        connection.execute(
            "insert into raw.previous_ranks values (?, ?, ?, ?, ?)",
            [
                rank.canonical_id,
                rank.display_name,
                rank.role_id,
                rank.rank,
                rank.generated_at,
            ],
        )


def _utc(time: datetime) -> datetime:
    """The same instant without a zone, as the tables keep it; a time without one is UTC."""
    return time.astimezone(UTC).replace(tzinfo=None) if time.tzinfo else time


def read_previous(path: Path) -> list[PreviousRank]:
    """Read the ranks of an earlier scoreboard.toml; ConfigurationError if it is none."""
    try:
        scoreboard = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigurationError(
            f"--prev {path}: expected an earlier scoreboard.toml, found none that can be read: "
            f"{error}"
        ) from error
    version = scoreboard.get("schema_version")
    if not isinstance(version, str) or not version.startswith("1."):
        raise _not_a_scoreboard(path, 'schema_version = "1.…"', version)
    generated_at = _generated_at(path, scoreboard.get("generated_at"))
    models = scoreboard.get("models", [])
    if not isinstance(models, list):
        raise _not_a_scoreboard(path, "[[models]]", models)
    ranks: dict[tuple[str, str], PreviousRank] = {}
    for model in models:
        if not isinstance(model, dict) or not isinstance(model.get("canonical_id"), str):
            raise _not_a_scoreboard(path, "a canonical_id in each of [[models]]", model)
        canonical_id = clean_text(model["canonical_id"])
        of_model = model.get("ranks", {})
        if not isinstance(of_model, dict):
            raise _not_a_scoreboard(path, f"a table of ranks for {canonical_id}", of_model)
        for role_id in ROLES:
            rank = of_model.get(role_id)
            if rank is None:
                continue
            if type(rank) is not int or not 0 < rank < 2**31:
                raise _not_a_scoreboard(path, f"a rank from 1 up for {canonical_id}", rank)
            if (canonical_id, role_id) in ranks:
                raise _not_a_scoreboard(path, "every model once", canonical_id)
            name = model.get("display_name")
            ranks[canonical_id, role_id] = PreviousRank(
                canonical_id,
                clean_text(name) if isinstance(name, str) else None,
                role_id,
                rank,
                generated_at,
            )
    return list(ranks.values())


def read_previous_row_counts(path: Path) -> dict[str, int]:
    """Rows per source of an earlier scoreboard that `read_previous` accepts; others are left out.

    A source that was not fetched then has no count to be compared with.
    """
    sources = tomllib.loads(Path(path).read_text(encoding="utf-8")).get("sources", {})
    if not isinstance(sources, dict):
        raise _not_a_scoreboard(path, "a table [sources]", sources)
    counts = {
        clean_text(source_id): source.get("n_rows_ingested")
        for source_id, source in sources.items()
        if isinstance(source, dict)
    }
    return {
        source_id: count
        for source_id, count in counts.items()
        if type(count) is int and 0 < count < 2**63
    }


def _generated_at(path: Path, value: object) -> datetime:
    try:
        return _utc(value if isinstance(value, datetime) else datetime.fromisoformat(value))
    except (TypeError, ValueError, OverflowError) as error:
        raise _not_a_scoreboard(path, "an ISO 8601 time as generated_at", value) from error


def _not_a_scoreboard(path: Path, expected: str, found: object) -> ConfigurationError:
    return ConfigurationError(
        f"--prev {path}: expected an earlier scoreboard.toml with {expected}, "
        f"found {repr(found)[:80]}"
    )
