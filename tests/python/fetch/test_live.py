"""The real endpoints; left out by default (`pytest -m live`)."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.fetch import transport_settings, verify_sources
from ingest.secrets import load_secrets
from ingest.source import load_sources

PROJECT = Path(__file__).resolve().parents[3]
SOURCES = load_sources(PROJECT)


@pytest.mark.live
@pytest.mark.parametrize("source_id", [s.source_id for s in SOURCES.values() if s.cache_file])
def test_source_is_reachable_and_parses(source_id: str) -> None:
    secrets = load_secrets(
        [source.secret_variable for source in SOURCES.values() if source.secret_variable],
        files={},
        environment=os.environ,
        dotenv=PROJECT / ".env",
    )
    rows = verify_sources(
        PROJECT,
        now=datetime.now(UTC),
        settings=transport_settings("ipbr-rank/test (+https://github.com/ipbr/ipbr)", {}),
        secrets=secrets,
        only=[source_id],
    )
    (row,) = [row for row in rows if row.source_id == source_id]
    if row.status == "skipped":
        pytest.skip(row.message)
    assert row.status == "verified", row.message
