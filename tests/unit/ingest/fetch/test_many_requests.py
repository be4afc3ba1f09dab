"""Sources that take more than one request, or another than a GET."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from ingest.fetch.download import FetchedSource
from ingest.registry import Source
from ingest.sources import parse_whole
from ingest.sources.lmarena import OPTIONAL_CATEGORIES
from tests.support import played_sources as play
from tests.support.played_sources import AA, ARC, CDN, FILES, HUB, SONAR, Handler, Played
from tests.support.unrecorded import FULL, HARD, board, submission, two_boards

Fetch = Callable[..., dict[str, FetchedSource]]
Aged = Callable[..., None]

LOCKED = b'{"error":"The dataset is locked"}'


def lmarena(fetch: Fetch, **changes: object) -> FetchedSource:
    return fetch(only=["lmarena"], **changes)["lmarena"]


def test_parquet_takes_a_file_per_config(fetch: Fetch, played: Played, cache: Path) -> None:
    # Of the eight configs the fixture has four.
    assert lmarena(fetch).tries == 8
    assert sum(path.startswith(CDN) for path in played.paths()) == 8
    assert not any(path.startswith(HUB) for path in played.paths())
    assert (cache / "lmarena_overall.json").read_bytes() == played.fixture("lmarena")


def no_file(handler: Handler) -> None:
    handler.send(b'{"error":"Entry not found"}', status=404)


@pytest.mark.parametrize(
    ("beginning", "fault"),
    [
        pytest.param(FILES, no_file, id="no files"),
        pytest.param(FILES, play.status(501), id="no files, 501"),
        pytest.param(FILES, play.status(500), id="no files, 500"),
        pytest.param(f"{CDN}/search", play.body(b"PAR1 no Parquet PAR1"), id="no Parquet"),
        pytest.param(f"{CDN}/search", play.body(b"version https://git-lfs"), id="a pointer"),
        pytest.param(f"{CDN}/search", play.status(404), id="no file"),
        pytest.param(f"{CDN}/webdev", play.close, id="no file server"),
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


def test_style_control_and_agents_are_read_where_they_are(
    fetch: Fetch, played: Played, cache: Path, sources: dict[str, Source]
) -> None:
    configs = json.loads(played.fixture("lmarena"))["configs"]
    configs["text_style_control"] = configs["text"]
    features = configs["search"][0]["features"]
    scored = [
        {**feature, "name": feature["name"].replace("rating", "score")} for feature in features
    ]
    rows = [
        {name.replace("rating", "score"): value for name, value in entry["row"].items()}
        for page in configs["search"]
        for entry in page["rows"]
    ]
    configs["agent"] = [{"features": scored, "rows": [{"row": row} for row in rows]}]
    played.serve("lmarena", json.dumps({"configs": configs}).encode())
    assert lmarena(fetch).status == "verified"
    parts = parse_whole(sources["lmarena"], (cache / "lmarena_overall.json").read_bytes())
    assert list(parts) == ["text", "webdev", "search", "document", "text_style_control", "agent"]
    read = [row for row in parts["text"] if row["category"] in OPTIONAL_CATEGORIES]
    assert parts["text_style_control"] == read
    assert 0 < len(read) < len(parts["text"])
    assert [row["score"] for row in parts["agent"]] == [row["score"] for row in rows]


def offsets(played: Played) -> list[tuple[str, int]]:
    """Config and offset of the pages that were asked for."""
    queries = [parse_qs(urlsplit(path).query) for path, _ in played.asked if "/rows?" in path]
    return [(query["config"][0], int(query["offset"][0])) for query in queries]


def test_broken_off_download_goes_on_where_it_was(
    fetch: Fetch, played: Played, cache: Path
) -> None:
    played.faults[FILES] = no_file
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
    played.faults[FILES] = no_file
    page = json.loads(played.fixture("lmarena"))["configs"]["text"][0]
    (cache / "lmarena_pages").mkdir(parents=True)
    compact = json.dumps(page, ensure_ascii=False, separators=(",", ":"))
    (cache / "lmarena_pages/text-000000.json").write_text(compact, encoding="utf-8")
    (cache / "lmarena_pages/text-000100.json").write_bytes(kept)
    assert lmarena(fetch).status == "verified"
    assert ("text", 100) in offsets(played)
    assert (cache / "lmarena_overall.json").read_bytes() == played.fixture("lmarena")


def test_kept_pages_of_older_data_are_not_used(fetch: Fetch, played: Played, cache: Path) -> None:
    played.faults[FILES] = no_file
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
    played.faults = {FILES: locked, f"{HUB}/rows": locked}
    row = lmarena(fetch)
    assert row.status == "stale"
    assert "expected at least 500 records (minimum_rows in seeds/sources.csv), found" in row.message
    assert played.paths() == [
        # First the question whether anything has changed.
        *[f"{FILES}/text/latest-00000-of-00001.parquet", f"{HUB}/rows"],
        *[f"{HUB}/first-rows"] * 4,
    ]
    assert (cache / "lmarena_overall.json").read_bytes() == played.fixture("lmarena")
    assert (cache / "lmarena_overall.json.rejected").exists()


def test_pages_that_never_end(fetch: Fetch, played: Played) -> None:
    played.faults[FILES] = no_file
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
    assert row.message.startswith("the key is for the free tier, which has indices, prices and")
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
    assert "429 Too Many Requests with a request to wait 7,200 s" in row.message
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
        "org/model-01-metrics.json, org/model-02-metrics.json), so their models have no values here"
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
    assert row.message == "there is no registry of models, so the older single file is used"
    assert (cache / "sonar.json").read_bytes() == played.fixture("sonar")


# ARC


def with_leaderboards(played: Played) -> dict[str, list[dict]]:
    """Let the server have a file per leaderboard; its evaluations by name."""
    response = json.loads(played.fixture("arc_agi"))
    models = {model["id"]: model for model in response["models"]}
    found: dict[str, list[dict]] = {"v2": [], "v3": []}
    for evaluation in response["evaluations"]:
        model = models[evaluation["modelId"]]
        found.get(evaluation["datasetId"][:2], []).append(
            evaluation
            | {"modelDisplayName": model["displayName"]}
            | {name: model[name] for name in ("modelType", "providerId")}
        )
    # As many as the source always has.
    found["v2"] *= 3
    for name, evaluations in found.items():
        leaderboard = {"generatedAt": "2026-09-30T08:00:00.000Z", "evaluations": evaluations}
        played.answers[f"{ARC}/leaderboard/{name}.json"] = json.dumps(leaderboard).encode()
    return found


def test_two_leaderboards_make_one_cache_entry(
    fetch: Fetch, played: Played, cache: Path, aged: Aged, sidecar: Callable[[str], dict]
) -> None:
    found = with_leaderboards(played)
    row = fetch(only=["arc_agi"])["arc_agi"]
    assert (row.status, row.message, row.tries) == ("verified", None, 2)
    kept = json.loads((cache / "arc_agi.json").read_bytes())
    assert {name: leaderboard["evaluations"] for name, leaderboard in kept.items()} == found
    assert [request["url"].split("/")[-1] for request in sidecar("arc_agi")["requests"]] == [
        "v2.json",
        "v3.json",
    ]
    aged()
    played.forget()
    # One of the two has changed: the other's unchanged body is needed again.
    played.answers[f"{ARC}/leaderboard/v3.json"] += b"\n"
    assert fetch(only=["arc_agi"])["arc_agi"].transferred
    assert [path.split("/")[-1] for path in played.paths()] == ["v2.json", "v3.json", "v2.json"]


def test_without_leaderboards_the_older_files_are_read(
    fetch: Fetch, played: Played, cache: Path
) -> None:
    row = fetch(only=["arc_agi"])["arc_agi"]
    assert row.message == "the leaderboards' own files are gone, so the two older files are used"
    assert (cache / "arc_agi.json").read_bytes() == played.fixture("arc_agi")


def test_half_of_the_two_files_is_not_enough(fetch: Fetch, played: Played, cache: Path) -> None:
    with_leaderboards(played)
    played.faults[f"{ARC}/leaderboard/v3.json"] = play.status(503)
    row = fetch(only=["arc_agi"])["arc_agi"]
    assert row.status == "failed"
    assert "https://arcprize.org/media/data/leaderboard/v3.json" in row.message
    assert list(cache.iterdir()) == []


# Terminal-Bench


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
    assert row.message.startswith("the structure of the response has changed")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param(
            board(*WHOLE, total=20),
            "expected 20 rows, as the response states, found 12",
            id="a page",
        ),
        pytest.param(board(*WHOLE[:4]), "found 4", id="too few"),
        pytest.param(
            board(*[submission("", None) for _ in WHOLE]),
            "found 0 with a name and a value, and 12 without",
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


# Scale Labs, several boards on a page

PRO_V2 = "/labs.scale.com/leaderboard/swe_bench_pro_public_v2"
TWO_FULL = two_boards(**{"full": FULL, "full v1": HARD})


def pro_v2(fetch: Fetch) -> FetchedSource:
    return fetch(only=["swebench_pro_v2"])["swebench_pro_v2"]


def test_the_board_of_all_tasks_is_chosen(
    fetch: Fetch, cache: Path, sources: dict[str, Source]
) -> None:
    assert pro_v2(fetch).status == "verified"
    body = (cache / "swebench_pro_v2.html").read_bytes()
    entries = parse_whole(sources["swebench_pro_v2"], body)["entries"]
    assert [entry["score"] for entry in entries] == [entry["score"] for entry in FULL]


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        pytest.param(two_boards(easy=FULL, hard=HARD), "'Easy set', 'Hard set'", id="others"),
        pytest.param(
            two_boards(**{"full": FULL, "full v1": HARD}), "one board 'full'", id="two of a name"
        ),
        pytest.param(two_boards(full=FULL[:2], hard=HARD), "at least 5 records", id="too few"),
    ],
)
def test_boards_that_cannot_be_told_apart_are_refused(
    page: bytes, expected: str, fetch: Fetch, played: Played
) -> None:
    played.answers[PRO_V2] = page
    row = pro_v2(fetch)
    assert row.status == "failed"
    assert expected in row.message


# LiveBench, tau-bench, OSWorld


def test_three_files_make_a_release_of_livebench(fetch: Fetch, played: Played) -> None:
    assert fetch(only=["livebench"])["livebench"].tries == 3
    assert {path.split("/")[-1] for path in played.paths()} == {
        "table_2026_06_25.csv",
        "categories_2026_06_25.json",
        "cost_2026_06_25.csv",
    }


def test_a_release_with_a_task_in_no_table_is_refused(fetch: Fetch, played: Played) -> None:
    categories = b'{"Reasoning": ["another_task"]}'
    played.answers["/livebench.ai/categories_2026_06_25.json"] = categories
    row = fetch(only=["livebench"])["livebench"]
    assert row.status == "failed"
    assert "another_task in the table" in row.message


def test_a_submission_that_is_not_there_is_told(fetch: Fetch, played: Played) -> None:
    path = next(path for path in played.answers if "gpt-5-5_sierra" in path)
    del played.answers[path]
    row = fetch(only=["tau2_bench"])["tau2_bench"]
    assert (row.status, row.n_records) == ("verified", 63)
    assert row.message.startswith("1 of 64 submissions are missing, such as gpt-5-5_sierra")


def test_addresses_of_people_are_not_kept(fetch: Fetch, played: Played, cache: Path) -> None:
    path = next(path for path in played.answers if "gpt-5-5_sierra" in path)
    submission = json.loads(played.answers[path]) | {"contact_info": {"email": "a@example.org"}}
    played.answers[path] = json.dumps(submission).encode()
    assert fetch(only=["tau2_bench"])["tau2_bench"].status == "verified"
    assert b"example.org" not in (cache / "tau2_bench.json").read_bytes()


@pytest.mark.parametrize("archive", [b"no archive", b"PK\x05\x06" + bytes(18)])
def test_an_archive_without_the_table_is_refused(
    archive: bytes, fetch: Fetch, played: Played
) -> None:
    played.answers["/epoch.ai/data/benchmark_data.zip"] = archive
    row = fetch(only=["osworld_2"])["osworld_2"]
    assert row.status == "failed"
    assert "expected a ZIP archive with osworld_2_external.csv" in row.message
