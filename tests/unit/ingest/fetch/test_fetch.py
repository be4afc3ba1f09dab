"""Sources in good health: what is fetched, kept, left alone and told."""

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import ModuleType

import pytest

from base.errors import ConfigurationError
from ingest.fetch.cache import read_cached
from ingest.fetch.download import FetchedSource, transport_settings
from ingest.registry import Source
from ingest.sources import gso
from tests.support import fetch_fixtures
from tests.support.played_sources import (
    AA,
    CDN,
    KEYS,
    NOW,
    POSTED,
    Played,
    body,
    path_of,
)

Fetch = Callable[..., dict[str, FetchedSource]]
Aged = Callable[..., None]


def test_all_sources_are_fetched_byte_for_byte(
    fetch: Fetch, played: Played, cache: Path, sources: dict[str, Source]
) -> None:
    rows = fetch()
    assert {row.status for row in rows.values()} == {"verified"}, rows
    assert list(rows) == [source.source_id for source in sources.values() if source.cache_file]
    for source_id, row in rows.items():
        source = sources[source_id]
        cached = read_cached(source, cache)
        assert cached.body == played.fixture(source_id), source_id
        assert cached.fetched_at == cached.content_changed_at == NOW
        assert cached.url == source.endpoint
        assert row.transferred and row.tries >= 1 and row.age_seconds == 0
        assert row.n_bytes == len(cached.body)
        assert row.n_records >= source.minimum_rows
    assert {path.name.removesuffix(".meta.json") for path in cache.iterdir()} == {
        source.cache_file for source in sources.values() if source.cache_file
    }
    assert rows["gso"].message is None


def test_user_agent_and_secrets_are_sent_where_they_belong(fetch: Fetch, played: Played) -> None:
    fetch()
    sent = {"openrouter.ai": set(), "huggingface.co": set(), "artificialanalysis.ai": set()}
    for path, headers in played.asked:
        assert headers["user-agent"] == "ipbr-rank/test (+https://example.org)"
        assert headers["accept-encoding"] == "gzip"
        assert not any(value in path for value in KEYS.values())
        host = path.split("/")[1]
        secrets = {headers.get("authorization"), headers.get("x-api-key")} - {None}
        for known in sent:
            if host.endswith(known):
                sent[known] |= secrets
                break
        else:
            assert not secrets, path
    assert sent == {
        "openrouter.ai": {f"Bearer {KEYS['OPENROUTER_API_KEY']}"},
        "huggingface.co": {f"Bearer {KEYS['HF_TOKEN']}"},
        "artificialanalysis.ai": {KEYS["AA_API_KEY"]},
    }
    assert any(path.startswith(CDN) for path in played.paths())


def test_young_cache_files_are_not_asked_for(fetch: Fetch, played: Played) -> None:
    fetch()
    played.forget()
    rows = fetch(now=NOW + timedelta(hours=2))
    assert played.asked == []
    assert {(row.status, row.transferred, row.tries) for row in rows.values()} == {
        ("verified", False, 0)
    }
    assert {row.age_seconds for row in rows.values()} == {7200}


def test_time_to_live_is_that_of_the_source(
    fetch: Fetch, played: Played, cache: Path, sources: dict[str, Source]
) -> None:
    fetch()
    two_days_ago = time.time() - 49 * 3600
    for path in cache.iterdir():
        os.utime(path, (two_days_ago, two_days_ago))
    played.forget()
    fetch()
    asked = {
        source.source_id
        for source in sources.values()
        if source.cache_file and any(path.startswith(path_of(source)) for path in played.paths())
    }
    assert asked == {"openrouter", "lmarena", "artificial_analysis", "livecodebench", "gso"}


def test_unchanged_sources_transfer_nothing_and_are_renewed(
    fetch: Fetch,
    played: Played,
    cache: Path,
    with_cache: None,
    sidecar: Callable[[str], dict],
) -> None:
    before = {path.name: path.read_bytes() for path in cache.iterdir()}
    later = NOW + timedelta(days=30)
    rows = fetch(now=later)
    assert played.n_bodies == len(POSTED)
    assert {row.status for row in rows.values()} == {"verified"}
    assert {source_id for source_id, row in rows.items() if row.transferred} == {*POSTED}
    for source_id in rows:
        told = sidecar(source_id)
        assert told["fetched_at"] == "2026-12-23T12:00:00Z"
        assert told["content_changed_at"] == "2026-11-23T12:00:00Z"
        assert told["http_status"] == (200 if source_id in POSTED else 304)
    for path in cache.iterdir():
        assert time.time() - path.stat().st_mtime < 60
        if not path.name.endswith(".meta.json"):
            assert path.read_bytes() == before[path.name]
    played.forget()
    fetch(now=later)
    assert played.asked == []


def test_content_changed_at_follows_the_records_and_not_the_page(
    fetch: Fetch, played: Played, aged: Aged, sidecar: Callable[[str], dict]
) -> None:
    page = "/labs.scale.com/leaderboard/hil"
    fetch(only=["hil_bench"])
    aged()
    played.answers[page] = played.answers[page].replace(b"</head>", b"<!-- drawn anew --></head>")
    assert b"drawn anew" in played.answers[page]
    row = fetch(only=["hil_bench"], now=NOW + timedelta(days=8))["hil_bench"]
    assert row.transferred and row.message is None
    told = sidecar("hil_bench")
    assert told["fetched_at"] == "2026-12-01T12:00:00Z"
    assert told["content_changed_at"] == "2026-11-23T12:00:00Z"
    aged()
    played.answers[page] = played.answers[page].replace(b'\\"score\\":21,', b'\\"score\\":22,')
    fetch(only=["hil_bench"], now=NOW + timedelta(days=16))
    assert sidecar("hil_bench")["content_changed_at"] == "2026-12-09T12:00:00Z"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("Fri, 20 Nov 2026 08:00:00 GMT", "2026-11-20T08:00:00Z"),
        ("Fri, 20 Nov 2026 08:00:00 -0100", "2026-11-20T09:00:00Z"),
        # Neither can be true.
        ("Fri, 25 Dec 2026 08:00:00 GMT", "2026-11-23T12:00:00Z"),
        ("lately", "2026-11-23T12:00:00Z"),
    ],
)
def test_content_is_as_old_as_the_source_says(
    said: str, expected: str, fetch: Fetch, played: Played, sidecar: Callable[[str], dict]
) -> None:
    played.faults["/gso-bench.github.io"] = body(played.fixture("gso"), Last_Modified=said)
    fetch(only=["gso"])
    assert sidecar("gso")["fetched_at"] == "2026-11-23T12:00:00Z"
    assert sidecar("gso")["content_changed_at"] == expected


def test_content_that_has_changed_did_so_after_the_last_download(
    fetch: Fetch, played: Played, aged: Aged, sidecar: Callable[[str], dict]
) -> None:
    fetch(only=["gso"])
    found = played.fixture("gso")
    for day, said, expected in (
        (1, "Mon, 23 Nov 2026 18:00:00 GMT", "2026-11-23T18:00:00Z"),
        (2, "Mon, 23 Nov 2026 18:00:00 GMT", "2026-11-25T12:00:00Z"),
    ):
        aged()
        found = found.replace(b'"models":[', b'"models":[{"model":"new %d"},' % day)
        played.faults["/gso-bench.github.io"] = body(found, Last_Modified=said)
        fetch(only=["gso"], now=NOW + timedelta(days=day))
        assert sidecar("gso")["content_changed_at"] == expected


def test_what_is_to_be_known_of_a_body_is_told_as_long_as_it_is_used(
    fetch: Fetch, aged: Aged
) -> None:
    told = "there is no registry of models, so the older single file is used"
    for _ in range(2):
        assert fetch(only=["sonar"])["sonar"].message == told
    aged()
    row = fetch(only=["sonar"])["sonar"]
    assert not row.transferred and row.message == told


def test_changed_shape_is_told_and_stays_told_until_the_next_response(
    fetch: Fetch, played: Played, aged: Aged
) -> None:
    fetch(only=["gso"])
    aged()
    response = json.loads(played.fixture("gso"))
    for model in response["models"]:
        model["setting_name"] = "x"
        model["score_hack_control"] = str(model["score_hack_control"])
        del model["scaffold"]
    played.answers["/gso-bench.github.io/assets/leaderboard.json"] = json.dumps(response).encode()
    expected = (
        "the structure of the response has changed; paths: 1 new (models[].setting_name), "
        "1 gone (models[].scaffold), "
        "1 of another type (models[].score_hack_control from number to text)"
    )
    for _ in range(2):
        row = fetch(only=["gso"])["gso"]
        assert (row.status, row.message) == ("verified", expected)
    aged()
    for _ in range(2):
        assert fetch(only=["gso"])["gso"].message is None


def test_only_asks_for_those_sources(fetch: Fetch, played: Played) -> None:
    rows = fetch(only=["gso", "bfcl"])
    assert {source_id for source_id, row in rows.items() if row.status == "verified"} == {
        "gso",
        "bfcl",
    }
    assert rows["sonar"].status == "skipped"
    assert rows["sonar"].message == "not selected (--only)"
    assert len(played.asked) == 2
    with pytest.raises(ConfigurationError, match="'nonsense'"):
        fetch(only=["nonsense"])


def test_missing_required_secret_skips_the_source_and_names_it(
    fetch: Fetch, played: Played, with_cache: None
) -> None:
    rows = fetch(keys={})
    assert rows["artificial_analysis"].status == "skipped"
    assert "AA_API_KEY is not set" in rows["artificial_analysis"].message
    assert rows["openrouter"].status == rows["lmarena"].status == "verified"
    assert not any(path.startswith(AA) for path in played.paths())
    assert not any("authorization" in headers for _, headers in played.asked)


def test_cache_file_that_cannot_be_used_is_fetched_again_however_young(
    fetch: Fetch, played: Played, cache: Path, sources: dict[str, Source]
) -> None:
    fetch(only=["gso", "bfcl", "sonar"])
    (cache / "gso.json").write_bytes(b'{"models":[{')
    (cache / "bfcl.csv.meta.json").write_bytes(b"{")
    (cache / "sonar.json.meta.json").unlink()
    played.forget()
    rows = fetch(only=["gso", "bfcl", "sonar"])
    assert rows["gso"].transferred and rows["bfcl"].transferred
    # A body that was put there by hand is as good as any.
    assert not rows["sonar"].transferred
    assert read_cached(sources["gso"], cache).body == played.fixture("gso")


def test_cache_that_cannot_be_made(fetch: Fetch, cache: Path) -> None:
    cache.write_text("a file")
    with pytest.raises(ConfigurationError, match=r"--cache .*expected a writable directory"):
        fetch()
    cache.unlink()


def test_cache_that_cannot_be_written_is_told_by_each_source(
    fetch: Fetch, cache: Path, aged: Aged, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch(only=["gso"])
    aged()

    def full(path: Path, content: bytes) -> None:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr("ingest.fetch.cache.replace_file", full)
    rows = fetch(only=["gso", "bfcl"])
    assert rows["gso"].status == "stale"
    assert rows["bfcl"].status == "failed"
    assert "No space left on device" in rows["bfcl"].message


def test_surprise_in_one_source_does_not_harm_the_others(
    fetch: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    def surprise(body: bytes) -> None:
        raise ZeroDivisionError(f"with {KEYS['HF_TOKEN']}")

    monkeypatch.setattr(gso, "parse", surprise)
    rows = fetch(only=["gso", "bfcl"])
    assert rows["bfcl"].status == "verified"
    assert rows["gso"].status == "failed"
    assert "unexpected ZeroDivisionError" in rows["gso"].message
    assert "[redacted]" in rows["gso"].message


def test_remains_of_a_killed_process_are_removed(fetch: Fetch, cache: Path) -> None:
    cache.mkdir()
    (cache / ".gso.json.999999999.tmp").write_bytes(b"half")
    (cache / f".bfcl.csv.{os.getppid()}.tmp").write_bytes(b"at work")
    (cache / "notes.tmp").write_bytes(b"the user's")
    fetch(only=["gso"])
    assert not (cache / ".gso.json.999999999.tmp").exists()
    assert (cache / f".bfcl.csv.{os.getppid()}.tmp").exists()
    assert (cache / "notes.tmp").exists()


@pytest.mark.timed
def test_twenty_slow_sources_side_by_side(
    fetch: Fetch,
    played: Played,
    sources: dict[str, Source],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made_up = {}
    for number in range(20):
        source_id = f"made_up_{number:02}"
        module = ModuleType(source_id)
        module.parse = gso.parse
        module.FIELDS = gso.FIELDS
        monkeypatch.setitem(sys.modules, f"ingest.sources.{source_id}", module)
        made_up[source_id] = replace(
            sources["gso"],
            source_id=source_id,
            endpoint=f"https://host-{number}.example/board.json",
            cache_file=f"{source_id}.json",
        )

    def slow(handler: object) -> None:
        time.sleep(1)
        handler.send(played.fixture("gso"))

    played.faults["/host-"] = slow
    monkeypatch.setattr(fetch_fixtures, "load_sources", lambda project: made_up)
    started = time.monotonic()
    rows = fetch(read_seconds=5, budget_seconds=10)
    assert time.monotonic() - started < 3
    assert {source_id: row.status for source_id, row in rows.items()} == dict.fromkeys(
        made_up, "verified"
    )


def test_one_request_at_a_time_per_host(fetch: Fetch, played: Played) -> None:
    at_work: list[str] = []
    most = 0

    def watched(handler: object) -> None:
        nonlocal most
        at_work.append(handler.path)
        most = max(most, len(at_work))
        time.sleep(0.02)
        handler.play()
        at_work.remove(handler.path)

    played.faults["/labs.scale.com"] = watched
    rows = fetch()
    assert most == 1
    assert {row.status for row in rows.values()} == {"verified"}


def test_settings_of_a_run() -> None:
    assert transport_settings("x", {}).base_url_override is None
    settings = transport_settings("x", {"IPBR_BASE_URL": "http://127.0.0.1:8000/"})
    assert settings.base_url_override == "http://127.0.0.1:8000"
    assert settings.maximum_tries == 6
