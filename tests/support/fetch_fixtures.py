"""A fresh server that plays all sources, and a way to fetch from it, for every test."""

import gzip
import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from ingest.fetch.client import TransportSettings
from ingest.fetch.download import FetchedSource, fetch_sources
from ingest.fetch.secrets import Secrets
from ingest.registry import Source, load_sources
from tests.support.played_sources import KEYS, NOW, Played, parquet_files, start

AGENT = "ipbr-rank/test (+https://example.org)"
PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def sources() -> dict[str, Source]:
    """All rows of seeds/sources.csv."""
    return load_sources(PROJECT)


@pytest.fixture(scope="session")
def parquet() -> dict[str, bytes]:
    """The Parquet files of the data set, by config."""
    return parquet_files((PROJECT / "data/fixtures/lmarena_overall.json").read_bytes())


@pytest.fixture
def played(
    sources: dict[str, Source], parquet: dict[str, bytes], no_secret_is_left: None
) -> Iterator[Played]:
    """A server in good health."""
    played = Played(PROJECT / "data/fixtures", sources, parquet, aa_key=KEYS["AA_API_KEY"])
    server = start(played)
    yield played
    server.shutdown()
    server.server_close()


@pytest.fixture
def settings(played: Played) -> TransportSettings:
    """Waits between tries that take seconds in life take fractions of one here.

    How long an answer may take is as in life, since a busy machine is no fault of a source; a test
    of a source that hangs says itself how long it waits.
    """
    return TransportSettings(
        AGENT,
        base_url_override=played.base,
        first_wait_seconds=0.002,
        longest_wait_seconds=0.02,
        pause_seconds=0,
    )


@pytest.fixture
def no_secret_is_left(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> Iterator[None]:
    """After any test, no secret is in what was said or in a file: log, database, cache, --out."""
    yield
    captured = capfd.readouterr()
    said = captured.out + captured.err + caplog.text
    secrets = [value.encode() for value in KEYS.values()]
    assert not [value for value in secrets if value in said.encode()]
    for path in tmp_path.rglob("*"):
        assert not [value for value in secrets if value in os.fsencode(path)], path
        if path.is_file():
            content = path.read_bytes()
            # Compressed, a value would not be found as it is.
            content = gzip.decompress(content) if path.suffix == ".gz" else content
            assert not [value for value in secrets if value in content], path
            if path.suffix in (".duckdb", ".parquet"):
                assert columns_with(path, [*KEYS.values()]) == [], path


# What holds no text, and takes the longest to be written as one.
NO_TEXT = ("DOUBLE", "BIGINT", "INTEGER", "HUGEINT", "BOOLEAN", "DATE", "TIMESTAMP")


def columns_with(path: Path, values: list[str]) -> list[str]:
    """The columns of a database or data file in which one of the values stands."""
    found = []
    with duckdb.connect() as connection:
        if path.suffix == ".parquet":
            connection.execute(f"create view read as from '{path}'")
        else:
            connection.execute(f"attach '{path}' as read (read_only)")
        columns = connection.execute(
            "select database_name, schema_name, table_name, column_name from duckdb_columns() "
            "where not internal and data_type not in (select unnest(?)) and table_name not in "
            "(select view_name from duckdb_views() where database_name = 'read')",
            [NO_TEXT],
        ).fetchall()
        for *table, column in columns:
            name = ".".join(f'"{part}"' for part in table)
            holds = " or ".join(f'contains(cast("{column}" as varchar), ?)' for _ in values)
            (n_rows,) = connection.execute(
                f"select count(*) from {name} where {holds}", values
            ).fetchone()
            found += [f"{name}.{column}"] * bool(n_rows)
    return found


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """Where the cache will be; nothing is there yet."""
    return tmp_path / "cache"


@pytest.fixture
def fetch(
    project: Path, cache: Path, settings: TransportSettings
) -> Iterator[Callable[..., dict[str, FetchedSource]]]:
    """Fetches into the cache; rows by source id. Whatever is said never holds a secret."""
    said: list[str] = []

    def run(
        *,
        only: list[str] | None = None,
        now: datetime = NOW,
        keys: dict[str, str] = KEYS,
        **changes: object,
    ) -> dict[str, FetchedSource]:
        rows = fetch_sources(
            load_sources(project),
            cache,
            now=now,
            only=only,
            secrets=Secrets(keys),
            settings=replace(settings, **changes),
            progress=lambda source_id, text: said.append(f"{source_id}: {text}"),
        )
        said.extend(repr(row) for row in rows)
        for row in rows:
            if row.message:
                assert row.message.isprintable(), "one line"
                assert len(row.message) < 600
        return {row.source_id: row for row in rows}

    yield run
    everything = "\n".join(said)
    assert not any(value in everything for value in KEYS.values())
    assert "Traceback" not in everything


@pytest.fixture
def aged(cache: Path) -> Callable[..., None]:
    """Makes cache files older than any TTL."""

    def make(*names: str) -> None:
        for path in cache.iterdir():
            if path.is_file() and (not names or path.name in names):
                os.utime(path, (1_700_000_000, 1_700_000_000))

    return make


@pytest.fixture(scope="session")
def filled(
    sources: dict[str, Source],
    parquet: dict[str, bytes],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """A cache into which everything was fetched once; to be copied."""
    folder = tmp_path_factory.mktemp("filled")
    played = Played(PROJECT / "data/fixtures", sources, parquet)
    server = start(played)
    settings = TransportSettings(AGENT, base_url_override=played.base)
    rows = fetch_sources(
        load_sources(PROJECT), folder, now=NOW, secrets=Secrets(KEYS), settings=settings
    )
    server.shutdown()
    server.server_close()
    assert {row.status for row in rows} == {"verified"}
    return folder


@pytest.fixture
def with_cache(filled: Path, cache: Path, aged: Callable[..., None]) -> None:
    """A cache in which everything is there, but too old."""
    shutil.copytree(filled, cache)
    aged()


@pytest.fixture
def sidecar(cache: Path, sources: dict[str, Source]) -> Callable[[str], dict]:
    """Reads the sidecar of a source."""
    return lambda source_id: json.loads(
        (cache / f"{sources[source_id].cache_file}.meta.json").read_bytes()
    )
