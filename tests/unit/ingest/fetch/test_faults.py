"""Every fault: no crash, the others are fetched, nothing good is overwritten, one clear line."""

import gzip
import json
import re
import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from ingest.fetch.download import FetchedSource
from ingest.registry import Source, load_sources
from ingest.sources import Parts, count_records, parse_whole
from tests.support import played_sources as play
from tests.support.played_sources import POSTED, Fault, Played, faults_at, path_of
from tests.support.written_responses import response_of

Fetch = Callable[..., dict[str, FetchedSource]]
Aged = Callable[..., None]

PROJECT = Path(__file__).resolve().parents[4]
FETCHED = [source.source_id for source in load_sources(PROJECT).values() if source.cache_file]

LOGIN = b"<!DOCTYPE html><html><body><form>Log in</form></body></html>"
GZIPPED = gzip.compress(b'{"data":[]}' * 1000)
BOMB = gzip.compress(b" " * 30_000_000)

FAULTS: dict[str, tuple[Fault, str]] = {
    "closed": (play.close, "connection closed without a response"),
    "hang before headers": (play.hang, "no response within the time"),
    "hang in the body": (play.hang_in_body, "no response within the time"),
    "drip-feed": (play.drip, "bytes of the body in this time"),
    "drip-fed headers": (play.drip_headers, "expected the source to end within 1.5 s"),
    "cut body": (
        lambda handler: handler.send(b"x" * 999, cut=100),
        "ends early (100 of 999 bytes)",
    ),
    "length too long": (
        lambda handler: handler.send(
            b'{"data":', headers={"Content-Length": "9999", "Connection": "close"}, cut=9
        ),
        "ends early (8 of 9999 bytes)",
    ),
    "429 for long": (play.status(429, Retry_After="3600"), "a request to wait 3,600 s"),
    "429 until a date": (
        play.status(429, Retry_After="Fri, 31 Dec 2099 23:59:59 GMT"),
        "429 Too Many Requests with a request to wait",
    ),
    "endless 503": (play.status(503), "503 Service Unavailable (6 tries in"),
    "404": (play.status(404), "found 404 Not Found"),
    "403": (play.status(403), "found 403 Forbidden"),
    "410": (play.status(410), "410 Gone"),
    "501": (play.status(501), "501 Not Implemented"),
    "418": (play.status(418), "418 I'm a Teapot"),
    "599": (play.status(599), "status 599 (6 tries"),
    "redirect loop": (lambda handler: handler.redirect(handler.path), "at most 5 redirects"),
    "redirect to http": (
        lambda handler: handler.redirect("http://example.org/x"),
        "expected redirects to https addresses only, on port 443, found one to http://example.org/x",
    ),
    "redirect to another host": (
        lambda handler: handler.redirect("https://elsewhere.example/take"),
        "404 Not Found from https://elsewhere.example/take",
    ),
    "redirect to a file": (lambda handler: handler.redirect("file:///etc/passwd"), "file:///etc"),
    "redirect to nonsense": (lambda handler: handler.redirect("https://[x"), "https://[x"),
    "304 to no question": (play.status(304), "304 Not Modified"),
    "truncated gzip": (
        play.body(GZIPPED[:-20], Content_Encoding="gzip"),
        "compressed data that ends early",
    ),
    "no gzip": (
        play.body(b"plain", Content_Encoding="gzip"),
        "not gzip, contrary to its header",
    ),
    "unknown compression": (play.body(b"x", Content_Encoding="br"), "Content-Encoding 'br'"),
    "gzip bomb": (play.body(BOMB, Content_Encoding="gzip"), "at most 3,000,000 bytes"),
    "1 GB": (play.endless, "at most 2,000,000 bytes, found more"),
    "1 GB announced": (
        play.body(b"x", Content_Length="1073741824"),
        "at most 2,000,000 bytes, found more",
    ),
}
# A body comes, but not one that may be kept.
BODIES: dict[str, bytes] = {
    "log-in page": LOGIN,
    "empty": b"",
    "other encoding": '{"data":["é"]}'.encode("utf-16"),
    "other shape": b'{"error":"try later","items":[]}',
    "wrong length, shorter": b'{"data":[{"id":"a","pric',
}


# These take as long as one waits.
SLOW = ("hang before headers", "hang in the body", "drip-feed", "drip-fed headers")
# Below the least that is allowed of any source, so that they hold for all.
LIMITS = {"maximum_transfer_bytes": 2_000_000, "maximum_body_bytes": 3_000_000}
# Six tries that hang end well before the budget does, on a busy machine too.
IMPATIENT = {"budget_seconds": 1.5, "grace_seconds": 0.3, "read_seconds": 0.15}

# What some sources make of an answer, other than the rest.
OWN_WORDS = {
    ("410", "artificial_analysis"): "410 Gone: the provider has closed it",
    # Older addresses are tried, too, and it is the last one that is told of.
    ("403", "artificial_analysis"): "models/free: expected a response with status 200, found 403",
}


def contents(cache: Path) -> dict[str, bytes]:
    """Bodies by file name."""
    return {
        path.name: path.read_bytes()
        for path in cache.iterdir()
        if path.is_file() and not re.search(r"meta|rejected", path.name)
    }


def everywhere(act: Fault) -> dict[str, Fault]:
    """The fault in the place of every answer of every source."""
    return {"/": act, "/elsewhere.example": play.status(404)}


def is_told(fault: str, row: FetchedSource) -> bool:
    """Whether the message names the fault."""
    if fault in SLOW and "no connection within the time" in row.message:
        # The last try had hardly any time left.
        return True
    if fault == "hang in the body" and "1,000 bytes of the body in this time" in row.message:
        # The budget ended before the wait for the next bytes did: as true of a slow machine.
        return True
    return OWN_WORDS.get((fault, row.source_id), FAULTS[fault][1]) in row.message


@pytest.mark.timed
@pytest.mark.parametrize("fault", FAULTS)
def test_fault_of_every_source(
    fault: str,
    with_cache: None,
    fetch: Fetch,
    played: Played,
    cache: Path,
    sources: dict[str, Source],
) -> None:
    good = contents(cache)
    played.faults = everywhere(FAULTS[fault][0])
    rows = fetch(now=play.NOW + timedelta(days=3), **LIMITS, **(IMPATIENT if fault in SLOW else {}))
    assert len(rows) == len(good)
    for source_id, row in rows.items():
        if fault == "304 to no question" and source_id not in POSTED:
            # It is one here: the cached responses have ETags.
            assert row.status == "verified" and not row.transferred
            continue
        assert row.status == "stale", row
        assert row.message.startswith(f"{source_id}: cannot fetch https://"), row
        assert is_told(fault, row), row.message
        assert row.message.endswith("; the response of 2026-11-23 is used"), row
        assert row.age_seconds == 3 * 86400
        assert row.n_records >= sources[source_id].minimum_rows
        assert not row.transferred
        assert row.tries >= (0 if "headers" in fault else 1)
    assert contents(cache) == good
    assert not any(
        {"authorization", "x-api-key", "cookie"} & headers.keys()
        for path, headers in played.asked
        if path.startswith("/elsewhere.example")
    )


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_of_every_source_without_a_cache(
    fault: str, fetch: Fetch, played: Played, cache: Path
) -> None:
    played.faults = everywhere(FAULTS[fault][0])
    rows = fetch(**LIMITS, **(IMPATIENT if fault in SLOW else {}))
    for source_id, row in rows.items():
        assert row.status == "failed", row
        assert row.message.startswith(f"{source_id}: cannot fetch https://"), row
        assert is_told(fault, row), row.message
        assert row.message.endswith("; there is no earlier response")
        assert row.age_seconds is None and row.n_bytes == row.n_records == 0
    assert contents(cache) == {}


@pytest.mark.parametrize("source_id", FETCHED)
def test_fault_of_one_source_is_its_own(
    source_id: str,
    with_cache: None,
    fetch: Fetch,
    played: Played,
    cache: Path,
    sources: dict[str, Source],
) -> None:
    """Beside it the next one is fetched, and one of the same host where there is one."""
    good = contents(cache)
    played.faults = faults_at(sources[source_id], FAULTS["cut body"][0])
    host = path_of(sources[source_id]).split("/")[1]
    others = {name for name in FETCHED if path_of(sources[name]).split("/")[1] == host}
    beside = [FETCHED[FETCHED.index(source_id) - 1], *sorted(others - {source_id})[:1]]
    rows = fetch(only=[source_id, *beside])
    assert rows[source_id].status == "stale"
    assert {rows[name].status for name in beside} == {"verified"}
    assert contents(cache) == good


@pytest.mark.parametrize("name", BODIES)
def test_body_that_may_not_be_kept_is_put_beside_with_the_reason(
    name: str,
    with_cache: None,
    fetch: Fetch,
    aged: Aged,
    played: Played,
    cache: Path,
    sources: dict[str, Source],
) -> None:
    good = contents(cache)
    played.faults = everywhere(play.body(BODIES[name]))
    for source_id, row in fetch().items():
        assert row.status == "stale", row
        rejected = cache / f"{sources[source_id].cache_file}.rejected"
        if source_id in play.ONE_HOST and name == "other shape":
            # It may be one of several parts that are put together.
            assert BODIES[name] in rejected.read_bytes()
        else:
            assert rejected.read_bytes() == BODIES[name]
        reason = rejected.with_name(f"{rejected.name}.reason.txt").read_text().strip()
        assert f"{source_id}: cannot read the response: expected " in reason
        assert row.message == f"{reason}; the response of 2026-11-23 is used"
    assert contents(cache) == good
    played.faults.clear()
    assert {row.status for row in fetch().values()} == {"verified"}
    assert not list(cache.glob("*rejected*"))


@pytest.mark.parametrize("source_id", FETCHED)
def test_board_with_half_its_rows_gone(
    source_id: str,
    fetch: Fetch,
    played: Played,
    cache: Path,
    aged: Aged,
    sources: dict[str, Source],
) -> None:
    whole = played.fixture(source_id)
    parts = parse_whole(sources[source_id], whole)
    played.serve(source_id, written(source_id, parts, whole))
    fetch(only=[source_id])
    good = contents(cache)
    parsed = parse_whole(sources[source_id], next(iter(good.values())))
    assert count_records(parsed) == count_records(parts)
    for keep in (slice(None, None, 2), slice(1, None, 2)):
        aged()
        halved = {name: records[keep] for name, records in parts.items()}
        played.serve(source_id, written(source_id, halved, whole))
        row = fetch(only=[source_id])[source_id]
        assert row.status == "stale"
        assert re.search(
            r"expected (about|at least) [0-9]+ records",
            row.message,
        ), row
        assert contents(cache) == good
        (rejected,) = cache.glob("*.rejected")
        assert rejected.stat().st_size < 0.9 * len(next(iter(good.values())))


def written(source_id: str, parts: Parts, whole: bytes) -> bytes:
    """The response with these records."""
    if source_id != "lmarena":
        return response_of(source_id, parts)
    # Its Parquet files have types.
    features = {name: pages[0]["features"] for name, pages in json.loads(whole)["configs"].items()}
    configs = {
        name: [{"features": features[name], "rows": [{"row": row} for row in rows]}]
        for name, rows in parts.items()
    }
    return json.dumps({"configs": configs}).encode()


def test_board_that_loses_a_few_rows_is_kept(fetch: Fetch, played: Played, aged: Aged) -> None:
    fetch(only=["gso"])
    aged()
    response = json.loads(played.fixture("gso"))
    del response["models"][::4]
    played.answers["/gso-bench.github.io/assets/leaderboard.json"] = json.dumps(response).encode()
    assert fetch(only=["gso"])["gso"].status == "verified"


def test_json_with_duplicate_keys_is_read_as_parsers_do(
    fetch: Fetch, played: Played, cache: Path
) -> None:
    twice = b'{"models":[],' + played.fixture("gso")[1:]
    played.faults["/gso-bench.github.io"] = play.body(twice)
    assert fetch(only=["gso"])["gso"].status == "verified"
    played.faults["/gso-bench.github.io"] = play.body(played.fixture("gso")[:-1] + b',"models":[]}')
    (cache / "gso.json").unlink()
    assert fetch(only=["gso"])["gso"].status == "failed"


def test_refused_connection(fetch: Fetch, with_cache: None, cache: Path) -> None:
    good = contents(cache)
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{unused.getsockname()[1]}"
        rows = fetch(base_url_override=base)
    assert {row.status for row in rows.values()} == {"stale"}
    for row in rows.values():
        assert "connection refused (" in row.message
        assert len(row.message) < 300
    # The others of a host that does not answer are not waited for as long as the first.
    assert {row.tries for row in rows.values()} == {1, 6}
    assert rows["swebench_pro"].tries == rows["gso"].tries == 6
    assert rows["hil_bench"].tries == 1
    assert contents(cache) == good


def test_unknown_host(
    fetch: Fetch, with_cache: None, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = contents(cache)

    def resolve(host: str, *arguments: object, **named: object) -> list:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    rows = fetch(base_url_override="http://nowhere.invalid")
    assert {row.status for row in rows.values()} == {"stale"}
    assert all("no such host (name resolution failed)" in row.message for row in rows.values())
    assert contents(cache) == good


@pytest.mark.parametrize("code", [429, 500, 502, 503, 504])
def test_fault_that_passes_is_not_seen(code: int, fetch: Fetch, played: Played) -> None:
    played.faults["/gso-bench.github.io"] = play.first(play.status(code), times=5)
    row = fetch(only=["gso"])["gso"]
    assert (row.status, row.tries, row.message) == ("verified", 6, None)


@pytest.mark.parametrize("fault", ["closed", "cut body", "truncated gzip"])
def test_connection_that_breaks_is_tried_again(fault: str, fetch: Fetch, played: Played) -> None:
    played.faults["/gso-bench.github.io"] = play.first(FAULTS[fault][0], times=2)
    row = fetch(only=["gso"])["gso"]
    assert (row.status, row.tries) == ("verified", 3)


@pytest.mark.parametrize("code", [403, 404, 410, 501])
def test_fault_that_does_not_pass_is_tried_once(code: int, fetch: Fetch, played: Played) -> None:
    played.faults["/gso-bench.github.io"] = play.status(code)
    assert fetch(only=["gso"])["gso"].tries == 1


@pytest.mark.parametrize("kind", ["seconds", "date", "rate limit"])
def test_retry_after_is_waited_for(kind: str, fetch: Fetch, played: Played) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=2)
    headers = {
        "seconds": {"Retry_After": "1"},
        "date": {"Retry_After": format_datetime(soon, usegmt=True)},
        "rate limit": {"X_RateLimit_Reset": str(int(soon.timestamp()))},
    }[kind]
    played.faults["/gso-bench.github.io"] = play.first(play.status(429, **headers))
    row = fetch(only=["gso"])["gso"]
    assert (row.status, row.tries) == ("verified", 2)
    assert 0.3 < row.seconds < 3


def test_waits_double_up_to_the_longest(
    fetch: Fetch, played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr("ingest.fetch.client.time.sleep", waits.append)
    monkeypatch.setattr("ingest.fetch.client.random.uniform", lambda low, high: high)
    played.faults["/gso-bench.github.io"] = play.status(503)
    fetch(
        only=["gso"],
        first_wait_seconds=0.5,
        longest_wait_seconds=3,
        budget_seconds=60,
    )
    assert waits == [0.5, 1, 2, 3, 3]


def test_redirect_to_another_host_is_followed_without_the_secret(
    fetch: Fetch, played: Played
) -> None:
    played.answers["/elsewhere.example/models"] = played.fixture("openrouter")
    played.faults["/openrouter.ai"] = lambda handler: handler.redirect(
        "https://elsewhere.example/models"
    )
    assert fetch(only=["openrouter"])["openrouter"].status == "verified"
    (_, to_own), (path, to_other) = played.asked
    assert path == "/elsewhere.example/models"
    assert "authorization" in to_own
    assert not {"authorization", "x-api-key", "cookie"} & to_other.keys()


def test_redirect_of_a_key_to_another_host_shows_no_key(
    fetch: Fetch, played: Played, cache: Path
) -> None:
    played.faults[play.AA] = lambda handler: handler.redirect("https://evil.example/take")
    row = fetch(only=["artificial_analysis"])["artificial_analysis"]
    assert row.status == "failed"
    assert "404 Not Found from https://evil.example/take" in row.message
    assert all(
        "x-api-key" not in headers
        for path, headers in played.asked
        if path.startswith("/evil.example")
    )


def test_relative_redirect_on_the_same_host_keeps_the_secret(fetch: Fetch, played: Played) -> None:
    played.answers["/openrouter.ai/api/v2/models"] = played.fixture("openrouter")
    played.faults["/openrouter.ai/api/v1"] = lambda handler: handler.redirect("/api/v2/models", 308)
    assert fetch(only=["openrouter"])["openrouter"].status == "verified"
    assert all("authorization" in headers for _, headers in played.asked)


def test_response_that_repeats_the_key_is_not_kept_as_it_is(
    fetch: Fetch, played: Played, cache: Path
) -> None:
    response = json.loads(played.fixture("openrouter"))
    response["you_are"] = play.KEYS["OPENROUTER_API_KEY"]
    played.faults["/openrouter.ai"] = play.body(json.dumps(response).encode())
    row = fetch(only=["openrouter"])["openrouter"]
    assert row.status == "failed"
    assert "contains a secret" in row.message
    assert b"[redacted]" in (cache / "openrouter_models.json.rejected").read_bytes()


@pytest.mark.parametrize("name", ["ETag", "Last-Modified"])
def test_header_that_repeats_the_key_is_not_kept(
    name: str, fetch: Fetch, played: Played, sidecar: Callable[[str], dict]
) -> None:
    key = play.KEYS["OPENROUTER_API_KEY"]
    found = play.body(played.fixture("openrouter"), **{name.replace("-", "_"): f'"{key}"'})
    played.faults["/openrouter.ai"] = found
    assert fetch(only=["openrouter"])["openrouter"].status == "verified"
    (request,) = sidecar("openrouter")["requests"]
    assert (request["etag"], request["last_modified"]) == (None, None)


@pytest.mark.parametrize("name", ["gzip", "x-gzip", "two parts"])
def test_compressed_answers_are_read(name: str, fetch: Fetch, played: Played, cache: Path) -> None:
    whole = played.fixture("livecodebench")
    if name == "two parts":
        packed = gzip.compress(whole[:1000]) + gzip.compress(whole[1000:])
    else:
        packed = gzip.compress(whole)
    encoding = "gzip" if name == "two parts" else name
    played.faults["/livecodebench.github.io"] = play.body(packed, Content_Encoding=encoding)
    assert fetch(only=["livecodebench"])["livecodebench"].status == "verified"
    assert (cache / "livecodebench.json").read_bytes() == whole


@pytest.mark.parametrize("fault", ["404", "redirect to http", "redirect loop", "endless 503"])
def test_host_that_answers_badly_has_not_used_up_its_patience(
    fault: str, fetch: Fetch, played: Played, sources: dict[str, Source]
) -> None:
    played.faults[path_of(sources["terminal_bench"])] = FAULTS[fault][0]
    passing = play.first(play.status(503), times=3)
    played.faults[path_of(sources["terminal_bench_2_1"])] = passing
    rows = fetch(only=["terminal_bench", "terminal_bench_2_1"])
    assert rows["terminal_bench"].status == "failed"
    assert (rows["terminal_bench_2_1"].status, rows["terminal_bench_2_1"].tries) == ("verified", 4)


def test_source_that_hangs_does_not_keep_the_next_one_on_its_host_from_being_asked(
    fetch: Fetch, played: Played
) -> None:
    played.faults["/labs.scale.com/leaderboard/sweatlas-qna"] = play.drip_headers
    asked = ["swebench_pro", "sweatlas_qna", "sweatlas_refactoring", "hil_bench", "gso"]
    rows = fetch(only=asked, budget_seconds=1, grace_seconds=0.5, read_seconds=0.3)
    assert {source_id: rows[source_id].status for source_id in asked} == {
        **dict.fromkeys(asked, "verified"),
        "sweatlas_qna": "failed",
    }
