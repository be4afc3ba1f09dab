"""Sources that take more than one request, or another than a GET."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from ingest.fetch.run import FetchedSource
from tests.support import played_sources as play
from tests.support.played_sources import AA, ARC, CDN, HUB, SONAR, Handler, Played

Fetch = Callable[..., dict[str, FetchedSource]]
Aged = Callable[..., None]

LOCKED = b'{"error":"The dataset is locked"}'


def lmarena(fetch: Fetch, **changes: object) -> FetchedSource:
    return fetch(only=["lmarena"], **changes)["lmarena"]


def test_parquet_takes_one_list_and_four_files(fetch: Fetch, played: Played, cache: Path) -> None:
    assert lmarena(fetch).tries == 5
    assert sum(path.startswith(CDN) for path in played.paths()) == 4
    assert not any(path.startswith(f"{HUB}/rows") for path in played.paths())
    assert (cache / "lmarena_overall.json").read_bytes() == played.fixture("lmarena")


def no_list(handler: Handler) -> None:
    handler.send(b'{"error":"no such route"}', status=404)


@pytest.mark.parametrize(
    ("beginning", "fault"),
    [
        pytest.param(f"{HUB}/parquet", no_list, id="no list"),
        pytest.param(f"{HUB}/parquet", play.status(501), id="no list, 501"),
        pytest.param(f"{HUB}/parquet", play.status(500), id="no list, 500"),
        pytest.param(f"{HUB}/parquet", play.body(b"[]"), id="other list"),
        pytest.param(
            f"{HUB}/parquet", play.body(b'{"parquet_files":[],"pending":[1]}'), id="not made yet"
        ),
        pytest.param(
            f"{HUB}/parquet", play.body(b'{"parquet_files":[],"partial":true}'), id="partial"
        ),
        pytest.param(f"{CDN}/search", play.body(b"PAR1 no Parquet PAR1"), id="no Parquet"),
        pytest.param(f"{CDN}/search", play.status(404), id="no file"),
        pytest.param(f"{CDN}", play.close, id="no file server"),
    ],
)
def test_without_parquet_the_pages_give_the_same_bytes(
    beginning: str, fault: play.Fault, fetch: Fetch, played: Played, cache: Path
) -> None:
    played.faults[beginning] = fault
    row = lmarena(fetch)
    assert (row.status, row.message) == ("verified", None)
    assert (cache / "lmarena_overall.json").read_bytes() == played.fixture("lmarena")
    assert not (cache / "lmarena_pages").exists()


def offsets(played: Played) -> list[tuple[str, int]]:
    """Config and offset of the pages that were asked for."""
    queries = [parse_qs(urlsplit(path).query) for path, _ in played.asked if "/rows?" in path]
    return [(query["config"][0], int(query["offset"][0])) for query in queries]


def test_broken_off_download_goes_on_where_it_was(
    fetch: Fetch, played: Played, cache: Path
) -> None:
    played.faults[f"{HUB}/parquet"] = no_list
    n_left = [4]

    def break_off(handler: Handler) -> None:
        n_left[0] -= 1
        handler.play() if n_left[0] >= 0 else play.status(503)(handler)

    played.faults[f"{HUB}/rows"] = break_off
    assert lmarena(fetch).status == "failed"
    assert offsets(played)[:5] == [("text", offset) for offset in (0, 100, 200, 300, 400)]
    kept = sorted(path.name for path in (cache / "lmarena_pages").iterdir())
    assert kept == [f"text-{offset:06}.json" for offset in (0, 100, 200, 300)]
    assert not (cache / "lmarena_overall.json").exists()
    del played.faults[f"{HUB}/rows"]
    played.forget()
    assert lmarena(fetch).status == "verified"
    # The first page tells whether the kept ones still belong to the same data.
    assert offsets(played)[:3] == [("text", 0), ("text", 400), ("text", 500)]
    assert (cache / "lmarena_overall.json").read_bytes() == played.fixture("lmarena")
    assert not (cache / "lmarena_pages").exists()


@pytest.mark.parametrize("kept", [b"", b"{", b"[]", b'{"rows":[]}', b'{"rows":[{}]}'])
def test_kept_page_that_is_none_is_asked_for_again(
    kept: bytes, fetch: Fetch, played: Played, cache: Path
) -> None:
    played.faults[f"{HUB}/parquet"] = no_list
    page = json.loads(played.fixture("lmarena"))["configs"]["text"][0]
    (cache / "lmarena_pages").mkdir(parents=True)
    compact = json.dumps(page, ensure_ascii=False, separators=(",", ":"))
    (cache / "lmarena_pages/text-000000.json").write_text(compact, encoding="utf-8")
    (cache / "lmarena_pages/text-000100.json").write_bytes(kept)
    assert lmarena(fetch).status == "verified"
    assert ("text", 100) in offsets(played)
    assert (cache / "lmarena_overall.json").read_bytes() == played.fixture("lmarena")


def test_kept_pages_of_older_data_are_not_used(fetch: Fetch, played: Played, cache: Path) -> None:
    played.faults[f"{HUB}/parquet"] = no_list
    pages = json.loads(played.fixture("lmarena"))["configs"]["text"]
    for number in (0, 1):
        for entry in pages[number]["rows"]:
            entry["row"]["rating"] = 1.0
        path = cache / f"lmarena_pages/text-{number}00000.json".replace("100000", "000100")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(pages[number]))
    assert lmarena(fetch).status == "verified"
    assert ("text", 100) in offsets(played)
    assert (cache / "lmarena_overall.json").read_bytes() == played.fixture("lmarena")


@pytest.mark.parametrize(
    "locked",
    [
        play.status(501),
        lambda handler: handler.send(LOCKED, status=423),
        lambda handler: handler.send(LOCKED, status=500),
    ],
    ids=["501", "423", "500"],
)
def test_locked_data_set_gives_first_rows_which_are_too_few(
    locked: play.Fault, fetch: Fetch, played: Played, cache: Path, with_cache: None
) -> None:
    played.faults = {f"{HUB}/parquet": locked, f"{HUB}/rows": locked}
    row = lmarena(fetch)
    assert row.status == "stale"
    assert "expected at least 500 records (minimum_rows in seeds/sources.csv), found" in row.message
    assert played.paths() == [
        # First the question whether anything has changed.
        *[f"{HUB}/parquet", f"{HUB}/rows"],
        *[f"{HUB}/first-rows"] * 4,
    ]
    assert (cache / "lmarena_overall.json").read_bytes() == played.fixture("lmarena")
    assert (cache / "lmarena_overall.json.rejected").exists()


def test_pages_that_never_end(fetch: Fetch, played: Played) -> None:
    played.faults[f"{HUB}/parquet"] = no_list
    for page in (
        {"rows": [], "num_rows_total": 300},
        {"rows": [{"row": {}}], "num_rows_total": 10**9},
        {"rows": [{"row": {}}]},
    ):
        played.faults[f"{HUB}/rows"] = play.body(json.dumps(page).encode())
        played.forget()
        assert lmarena(fetch).status == "failed"
        assert len(played.asked) == 2


# Artificial Analysis


def in_pages(played: Played, path: str, size: int = 100, **changes: object) -> play.Fault:
    """The fixture's models as the paginated interface serves them."""
    models = json.loads(played.fixture("artificial_analysis"))["data"]
    total = -(-len(models) // size)

    def answer(handler: Handler) -> None:
        parts = urlsplit(handler.path)
        if parts.path != path:
            handler.play()
            return
        number = int(parse_qs(parts.query).get("page", ["1"])[0])
        pagination = {
            "page": number,
            "page_size": size,
            "total_pages": total,
            "has_more": number < total,
            **changes,
        }
        data = models[(number - 1) * size : number * size]
        handler.send(json.dumps({"data": data, "pagination": pagination}).encode())

    return answer


def artificial_analysis(fetch: Fetch, **changes: object) -> FetchedSource:
    return fetch(only=["artificial_analysis"], **changes)["artificial_analysis"]


def test_all_pages_are_kept_as_they_came(
    fetch: Fetch, played: Played, cache: Path, aged: Aged
) -> None:
    models = json.loads(played.fixture("artificial_analysis"))["data"]
    played.faults[AA] = in_pages(played, AA)
    row = artificial_analysis(fetch)
    assert (row.status, row.n_records) == ("verified", len(models))
    pages = json.loads((cache / "artificial_analysis_llms.json").read_bytes())["pages"]
    assert [model for page in pages for model in page["data"]] == models
    assert all("x-api-key" in headers for _, headers in played.asked)
    assert [path.partition("?")[2] for path, _ in played.asked[:3]] == ["", "page=2", "page=3"]
    aged()
    played.forget()
    assert not artificial_analysis(fetch).transferred
    assert played.n_bodies == 0 and len(played.asked) == len(pages)


def test_key_without_the_paid_tier_reads_the_free_one(
    fetch: Fetch, played: Played, cache: Path
) -> None:
    played.faults = {AA: play.status(403), f"{AA}/free": in_pages(played, f"{AA}/free", 200)}
    row = artificial_analysis(fetch)
    assert row.status == "verified"
    assert played.paths()[:2] == [AA, f"{AA}/free"]
    assert "pages" in json.loads((cache / "artificial_analysis_llms.json").read_bytes())


def test_closed_interface(fetch: Fetch, played: Played) -> None:
    played.faults[AA] = play.status(410)
    row = artificial_analysis(fetch)
    assert row.status == "failed" and row.tries == 1
    assert "410 Gone: the provider has closed it; look for a newer ipbr-rank" in row.message


def test_wrong_key(fetch: Fetch) -> None:
    row = artificial_analysis(fetch, keys={"AA_API_KEY": "another-key-00"})
    assert row.status == "failed"
    assert "401 Unauthorized; check the key" in row.message
    assert "another-key-00" not in row.message


def test_day_without_requests_left(fetch: Fetch, played: Played) -> None:
    played.faults[AA] = play.status(429, X_RateLimit_Reset="7200", X_RateLimit_Remaining="0")
    row = artificial_analysis(fetch)
    assert "429 Too Many Requests, which asks to wait 7,200 s" in row.message
    assert row.tries == 1


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"page": 1}, "expected page 2, found page 1"),
        ({"has_more": True}, "at least|records|page"),
        ({"has_more": None, "total_pages": None}, '"has_more" or "total_pages"'),
    ],
)
def test_pagination_that_cannot_be_followed(
    changes: dict, expected: str, fetch: Fetch, played: Played
) -> None:
    played.faults[AA] = in_pages(played, AA, **changes)
    row = artificial_analysis(fetch)
    assert row.status == "failed"
    assert re.search(expected, row.message)
    assert row.tries <= 50


# Sonar


def with_registry(played: Played, n_missing: int = 0) -> dict:
    """Serve the fixture's models as registry and metrics files, without the last `n_missing`."""
    registry = {}
    for number, model in enumerate(json.loads(played.fixture("sonar"))["models"]):
        path = f"org/model-{number:02}-metrics.json"
        registry[f"m{number}"] = {
            "meta": {"name": model["name"], "organization": model.get("organization")},
            "files": {"java": {"metrics": path}, "python": {"metrics": f"python/{path}"}},
        }
        metrics = {"passing_tests_pct": 50.0 + number, "bugs_per_kloc": 0}
        content = {"models": {model["name"]: {"metrics": metrics}}}
        played.answers[f"{SONAR}/data/{path}"] = json.dumps(content).encode()
    for number in range(n_missing):
        del played.answers[f"{SONAR}/data/org/model-{number:02}-metrics.json"]
    played.answers[f"{SONAR}/data/models.json"] = json.dumps(registry).encode()
    return registry


def sonar(fetch: Fetch) -> FetchedSource:
    return fetch(only=["sonar"])["sonar"]


def test_registry_and_one_file_per_model(
    fetch: Fetch, played: Played, cache: Path, aged: Aged
) -> None:
    registry = with_registry(played)
    row = sonar(fetch)
    assert (row.status, row.message, row.n_records) == ("verified", None, len(registry))
    assert row.tries == len(registry) + 1
    kept = json.loads((cache / "sonar.json").read_bytes())
    assert kept["registry"] == registry
    assert len(kept["metrics"]) == len(registry)
    aged()
    played.forget()
    assert not sonar(fetch).transferred
    assert played.n_bodies == 0


def test_missing_model_file_is_a_warning(fetch: Fetch, played: Played, cache: Path) -> None:
    registry = with_registry(played, n_missing=2)
    played.answers[f"{SONAR}/data/org/model-02-metrics.json"] = b"<html>"
    row = sonar(fetch)
    assert (row.status, row.n_records) == ("verified", len(registry))
    assert row.message == (
        f"3 of {len(registry)} metrics files are missing (org/model-00-metrics.json, "
        "org/model-01-metrics.json, org/model-02-metrics.json): their models have no figures here"
    )
    assert len(json.loads((cache / "sonar.json").read_bytes())["metrics"]) == len(registry) - 3


def test_all_model_files_missing(fetch: Fetch, played: Played) -> None:
    registry = with_registry(played)
    for number in range(len(registry)):
        del played.answers[f"{SONAR}/data/org/model-{number:02}-metrics.json"]
    row = sonar(fetch)
    assert row.status == "failed"
    assert 'the field "passing_tests_pct"' in row.message


def test_model_file_that_does_not_answer_keeps_what_was_there(
    fetch: Fetch, played: Played, cache: Path, aged: Aged
) -> None:
    with_registry(played)
    sonar(fetch)
    before = (cache / "sonar.json").read_bytes()
    aged()
    played.faults[f"{SONAR}/data/org/model-07"] = play.status(503)
    assert sonar(fetch).status == "stale"
    assert (cache / "sonar.json").read_bytes() == before


def test_without_registry_the_older_file_is_read(fetch: Fetch, cache: Path, played: Played) -> None:
    row = fetch(only=["sonar"])["sonar"]
    assert row.status == "verified"
    assert row.message == "there is no registry of models; the older single file is used"
    assert (cache / "sonar.json").read_bytes() == played.fixture("sonar")


# ARC


def test_two_files_make_one_cache_entry(
    fetch: Fetch, played: Played, cache: Path, aged: Aged, sidecar: Callable[[str], dict]
) -> None:
    assert fetch(only=["arc_agi"])["arc_agi"].tries == 2
    assert (cache / "arc_agi.json").read_bytes() == played.fixture("arc_agi")
    assert [request["url"].split("/")[-1] for request in sidecar("arc_agi")["requests"]] == [
        "evaluations.json",
        "models.json",
    ]
    aged()
    played.forget()
    # One of the two has changed: the other's unchanged body is needed again.
    played.answers[f"{ARC}/models.json"] += b"\n"
    assert fetch(only=["arc_agi"])["arc_agi"].transferred
    assert played.paths() == [
        f"{ARC}/evaluations.json",
        f"{ARC}/models.json",
        f"{ARC}/evaluations.json",
    ]


def test_half_of_the_two_files_is_not_enough(fetch: Fetch, played: Played, cache: Path) -> None:
    played.faults[f"{ARC}/models.json"] = play.status(404)
    row = fetch(only=["arc_agi"])["arc_agi"]
    assert row.status == "failed"
    assert "https://arcprize.org/media/data/models.json" in row.message
    assert list(cache.iterdir()) == []


# Terminal-Bench


def submission(model: str, accuracy: float, **changes: object) -> dict:
    """A row as the endpoint has it."""
    metadata = {"model_display": {"label": model, "url": None}, "agent_display": {"label": "Codex"}}
    metrics = {"accuracy": accuracy, "accuracy_ci95_half_width": 2.1}
    return {"status": "display", "metadata": metadata, "metrics": metrics, **changes}


def board(*rows: dict, total: int | None = None) -> bytes:
    """A response of the endpoint; `total` is what it says of its length."""
    pagination = {"total": len(rows) if total is None else total, "total_pages": 1}
    return json.dumps({"rows": rows, "pagination": pagination}).encode()


TERMINAL = "/ofhuhcpkvzjlejydnvyd.supabase.co/functions/v1/leaderboard-read"
BOARD_2_1 = f"{TERMINAL}/terminal-bench/terminal-bench-2-1/main"
WHOLE = [submission(f"Model {number}", number) for number in range(12)]


def terminal_bench(fetch: Fetch) -> FetchedSource:
    return fetch(only=["terminal_bench_2_1"])["terminal_bench_2_1"]


def test_board_is_asked_for_by_package_and_name(
    fetch: Fetch, played: Played, cache: Path, aged: Aged, sidecar: Callable[[str], dict]
) -> None:
    played.answers[BOARD_2_1] = board(*WHOLE)
    row = terminal_bench(fetch)
    assert (row.status, row.message, row.n_records, row.tries) == ("verified", None, 12, 1)
    assert played.paths() == [BOARD_2_1]
    assert played.asked[0][1]["content-type"] == "application/json"
    assert (cache / "terminal_bench_2_1.html").read_bytes() == board(*WHOLE)
    assert sidecar("terminal_bench_2_1")["content_changed_at"] == "2026-11-23T12:00:00Z"
    # Within its time to live it is not asked again.
    assert not terminal_bench(fetch).transferred
    aged()
    assert terminal_bench(fetch).transferred


def test_the_older_page_is_told_by_its_content(fetch: Fetch, played: Played, aged: Aged) -> None:
    assert terminal_bench(fetch).n_records == 11
    aged()
    played.answers[BOARD_2_1] = board(*WHOLE)
    row = terminal_bench(fetch)
    assert (row.status, row.n_records) == ("verified", 12)
    assert row.message.startswith("the shape has changed")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param(board(*WHOLE, total=20), "expected 20 rows, as stated, found 12", id="a page"),
        pytest.param(board(*WHOLE[:4]), "found 4", id="too few"),
        pytest.param(
            board(*[submission("", None) for _ in WHOLE]),
            "found 0 with a name and a figure, and 12 without",
            id="skeleton",
        ),
        pytest.param(
            board(*[{**row, "metrics": {"score": 1}} for row in WHOLE]),
            'expected "accuracy" in rows[].metrics, found an object with "score"',
            id="another metric",
        ),
        pytest.param(b'{"error":"not found"}', 'expected an array "rows"', id="no board"),
    ],
)
def test_what_is_no_whole_board_is_refused(
    answer: bytes, expected: str, fetch: Fetch, played: Played, with_cache: None
) -> None:
    played.answers[BOARD_2_1] = answer
    row = terminal_bench(fetch)
    assert row.status == "stale"
    assert expected in row.message


def test_a_redirect_that_drops_what_was_posted_is_not_followed(
    fetch: Fetch, played: Played
) -> None:
    played.answers["/elsewhere.example/take/terminal-bench/terminal-bench-2-1/main"] = board(*WHOLE)
    elsewhere = "https://elsewhere.example/take"
    played.faults[BOARD_2_1] = lambda handler: handler.redirect(elsewhere, 302)
    row = terminal_bench(fetch)
    assert row.status == "failed"
    assert "redirects that keep the request (307, 308), found 302 Found to https" in row.message
    played.faults[BOARD_2_1] = lambda handler: handler.redirect(elsewhere, 308)
    assert terminal_bench(fetch).status == "verified"


def test_a_limit_on_posts_is_waited_for(fetch: Fetch, played: Played) -> None:
    played.answers[BOARD_2_1] = board(*WHOLE)
    played.faults[BOARD_2_1] = play.first(play.status(429, RateLimit='"api";r=0;t=1'))
    row = terminal_bench(fetch)
    assert (row.status, row.tries) == ("verified", 2)
