"""`kill -9` at any moment of a fetch leaves every cache file whole, and the next run succeeds."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.fetch.cache import read_cached
from ingest.fetch.download import FetchedSource
from ingest.registry import Source
from ingest.sources import parse_whole
from tests.support.played_sources import FILES, HUB, KEYS, Handler, Played, status

pytestmark = pytest.mark.slow

MOMENTS = 12
PROGRAM = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from ingest.fetch.download import fetch_sources
from ingest.fetch.secrets import Secrets
from ingest.fetch.client import TransportSettings
from ingest.registry import load_sources

settings = TransportSettings("test", base_url_override=sys.argv[2], pause_seconds=0)
print("begun", flush=True)
fetch_sources(
    load_sources(Path(sys.argv[3])), Path(sys.argv[1]), now=datetime(2026, 11, 23, tzinfo=UTC),
    settings=settings, secrets=Secrets({"AA_API_KEY": sys.argv[4]}),
)
print("ended", flush=True)
"""


def test_killed_at_any_moment(
    fetch: Callable[..., dict[str, FetchedSource]],
    played: Played,
    cache: Path,
    project: Path,
    sources: dict[str, Source],
    aged: Callable[..., None],
) -> None:
    # The paged way, so that its pages are among what is cut; every body new, so that all is
    # written. Answers are slowed down, or most of it would be over before the first kill.
    played.faults[FILES] = status(404)

    def slow(handler: Handler) -> None:
        time.sleep(0.004)
        handler.play()

    for beginning in ("/labs", "/www", f"{HUB}/rows", "/open", "/arc", "/gso"):
        played.faults[beginning] = slow
    chance = random.Random(7)
    ended = 0
    for number in range(MOMENTS):
        if cache.exists():
            aged()
            for path in cache.glob("*.meta.json"):
                path.unlink()
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, cache, played.base, project, KEYS["AA_API_KEY"]],
            cwd=project,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout.readline() == "begun\n"
        time.sleep(chance.uniform(0, 0.6) if number else 0.2)
        os.kill(process.pid, signal.SIGKILL)
        ended += "ended" in process.stdout.read()
        process.wait()
        process.stdout.close()
        for source in sources.values():
            response = read_cached(source, cache) if source.cache_file else None
            if response:
                parse_whole(source, response.body)
        for path in [*cache.glob("*.meta.json"), *cache.glob("*_pages/*.json")]:
            if not path.name.startswith("."):
                json.loads(path.read_bytes())
    assert ended < MOMENTS, "no kill has hit a running fetch"
    rows = fetch(pause_seconds=0, budget_seconds=10)
    assert {row.status for row in rows.values()} == {"verified"}
    for source_id in rows:
        assert read_cached(sources[source_id], cache).body == played.fixture(source_id)
    assert not list(cache.rglob(".*.tmp"))
    assert not list(cache.glob("*_pages"))
