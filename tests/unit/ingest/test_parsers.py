"""Each parser on its fixture: exact counts, and rows that were checked by hand."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from base.errors import SourceError
from ingest.registry import Source
from ingest.sources import Parts, parser_of
from tests.support.counted import COUNTED

KNOWN_ROWS = [
    (source_id, row["part"], row["position"], row["fields"])
    for source_id, counted in COUNTED.items()
    for row in counted.get("known", [])
]


def test_every_source_has_module_fixture_and_sidecar(
    project: Path, fixtures: Path, sources: dict[str, Source]
) -> None:
    landed = {source.source_id: source for source in sources.values() if source.cache_file}
    modules = {path.stem for path in (project / "ingest/sources").glob("[a-z]*.py")}
    files = {path.name for path in fixtures.iterdir()}
    recorded = {source_id for source_id, source in sources.items() if source.is_recorded}
    expected = {source.cache_file for source in landed.values() if source.is_recorded}
    assert modules == set(landed)
    assert set(COUNTED) == recorded
    # What the cache is a demonstration of.
    about = {"demo.toml"}
    assert files == expected | {f"{name}.meta.json" for name in expected} | about


def test_fixture_yields_exactly_its_rows(
    source_id: str, parsed: Callable[[str], Parts], sources: dict[str, Source]
) -> None:
    counts = {part: len(records) for part, records in parsed(source_id).items()}
    assert counts == COUNTED[source_id]["records"]
    assert sum(counts.values()) >= sources[source_id].minimum_rows


@pytest.mark.parametrize(("source_id", "part", "position", "fields"), KNOWN_ROWS)
def test_known_row(
    source_id: str, part: str, position: int, fields: dict, parsed: Callable[[str], Parts]
) -> None:
    record = parsed(source_id)[part][position - 1]
    assert {name: record[name] for name in fields} == fields


def test_every_source_has_two_known_rows(source_id: str) -> None:
    assert sum(row[0] == source_id for row in KNOWN_ROWS) >= 2


def test_terminal_bench_without_a_standard_error_has_none(parsed: Callable[[str], Parts]) -> None:
    row = parsed("terminal_bench")["rows"][19]
    assert (row["agent"], row["stderr"]) == ("Crux", None)


def test_swerebench_takes_the_own_window_and_not_the_zeros_beside_it(
    parsed: Callable[[str], Parts],
) -> None:
    items = parsed("swerebench")["items"]
    assert all(item["stats"]["resolvedRate"] > 0 for item in items)
    assert items[-1]["stats"]["sem"] == 1.2856486930664508
    assert not any("rangeStats" in item for item in items)


def swerebench_page(*items: dict) -> bytes:
    """A page with these items in its stream."""
    pushed = json.dumps([1, json.dumps({"items": items}, separators=(",", ":"))])
    return f"<script>self.__next_f.push({pushed})</script></html>".encode()


SWEREBENCH_STATS = {"1:1": {"resolvedRate": 0}, "1:2": {"resolvedRate": 7}}


def test_swerebench_without_own_window_has_no_stats() -> None:
    own = {"modelName": "a", "taskRangeTimestamp": {"from": 1, "to": 2}}
    other = {"modelName": "b", "taskRangeTimestamp": {"from": 1, "to": 3}}
    stats = {"rangeStats": SWEREBENCH_STATS}
    odd = {"modelName": "c", "taskRangeTimestamp": None, "rangeStats": []}
    items = parser_of("swerebench")(swerebench_page(own | stats, other | stats, odd))["items"]
    assert [item.get("stats") for item in items] == [{"resolvedRate": 7}, None, None]


@pytest.mark.parametrize(
    ("range_stats", "expected"),
    [
        pytest.param({"all": SWEREBENCH_STATS}, {"resolvedRate": 7}, id="all tasks"),
        pytest.param(
            {"small": {"1:2": {"resolvedRate": 9}}, "all": SWEREBENCH_STATS},
            {"resolvedRate": 7},
            id="all tasks before a kind of them",
        ),
        pytest.param({"every": SWEREBENCH_STATS}, {"resolvedRate": 7}, id="the only kind"),
        pytest.param({"all": {"1:3": {"resolvedRate": 7}}}, None, id="another window"),
        pytest.param({"1:3": {"resolvedRate": 7}}, None, id="only another window"),
        pytest.param({"a": SWEREBENCH_STATS, "b": SWEREBENCH_STATS}, None, id="two kinds"),
        pytest.param({"all": []}, None, id="no windows"),
    ],
)
def test_swerebench_by_kind_of_task(range_stats: dict, expected: dict | None) -> None:
    window = {"taskRangeTimestamp": {"from": 1, "to": 2}}
    known = {"modelName": "known", **window, "rangeStats": {"all": SWEREBENCH_STATS}}
    asked = {"modelName": "asked", **window, "rangeStats": range_stats}
    items = parser_of("swerebench")(swerebench_page(known, asked))["items"]
    assert [item.get("stats") for item in items] == [{"resolvedRate": 7}, expected]


def test_swerebench_gives_the_same_records_by_kind_of_task(
    parsed: Callable[[str], Parts],
) -> None:
    items = [
        {name: item[name] for name in item if name != "stats"}
        | {
            "rangeStats": {
                "all": {"{from}:{to}".format(**item["taskRangeTimestamp"]): item["stats"]}
            }
        }
        for item in parsed("swerebench")["items"]
    ]
    assert parser_of("swerebench")(swerebench_page(*items)) == parsed("swerebench")


def test_swerebench_without_any_figures_says_what_came() -> None:
    item = {
        "modelName": "a",
        "taskRangeTimestamp": {"from": 1, "to": 2},
        "rangeStats": {"every": 1},
    }
    with pytest.raises(SourceError, match='none in 1 items, an object with "every" in the first'):
        parser_of("swerebench")(swerebench_page(item))


AA_MODEL = {"slug": "m", "evaluations": {"artificial_analysis_coding_index": 1}}
AA_PAID_MODEL = {"slug": "n", "evaluations": {"gpqa_diamond": 0.8}}
AA_PAGINATION = {"page": 1, "page_size": 200, "total_pages": 1, "has_more": False}


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        pytest.param(
            {"status": 200, "data": [AA_MODEL]}, [("m", "llms_models")], id="former endpoint"
        ),
        pytest.param(
            {"tier": "pro", "data": [AA_MODEL], "pagination": AA_PAGINATION},
            [("m", "language_models_free")],
            id="free endpoint, whatever the tier of the key",
        ),
        pytest.param(
            {
                "pages": [
                    {"data": [AA_MODEL], "pagination": AA_PAGINATION},
                    {"data": [AA_PAID_MODEL], "pagination": AA_PAGINATION},
                ]
            },
            [("m", "language_models"), ("n", "language_models")],
            id="paid endpoint, in pages",
        ),
    ],
)
def test_artificial_analysis_shapes(response: dict, expected: list[tuple[str, str]]) -> None:
    models = parser_of("artificial_analysis")(json.dumps(response).encode())["models"]
    assert [(model["slug"], model["shape"]) for model in models] == expected


def test_artificial_analysis_keeps_the_version_of_its_index() -> None:
    page = {"data": [AA_MODEL], "pagination": AA_PAGINATION, "intelligence_index_version": 4.3}
    parse = parser_of("artificial_analysis")
    (model,) = parse(json.dumps(page).encode())["models"]
    assert model == AA_MODEL | {"shape": "language_models_free", "index_version": "4.3"}
    pages = {"pages": [page, page | {"intelligence_index_version": 4.1}]}
    with pytest.raises(SourceError, match=r"same intelligence_index_version .* found 4\.1, 4\.3"):
        parse(json.dumps(pages).encode())


def test_sonar_registry_with_metrics_files_gives_names_and_metrics() -> None:
    response = {
        "registry": {
            "a": {
                "meta": {"name": "Model A", "organization": "Org"},
                "files": {"java": {"metrics": "org/a-metrics.json"}},
            },
            "b": {"meta": {"name": "Model B"}, "files": {}},
            "c": {"disabled": True, "meta": {"name": "Model C"}},
        },
        "metrics": {
            "org/a-metrics.json": {
                "models": {"Model A": {"metrics": {"passing_tests_pct": 78.4, "bugs_per_kloc": 0}}}
            }
        },
    }
    assert parser_of("sonar")(json.dumps(response).encode())["models"] == [
        {
            "id": "a",
            "name": "Model A",
            "organization": "Org",
            "passing_tests_pct": 78.4,
            "bugs_per_kloc": 0,
        },
        {"id": "b", "name": "Model B"},
    ]


def test_terminal_bench_without_streamed_rows_gives_the_table(
    fixture_body: Callable[[str], bytes],
) -> None:
    table = fixture_body("terminal_bench_2_1").split(b"<script>")[0] + b"</html>"
    rows = parser_of("terminal_bench_2_1")(table)["rows"]
    assert len(rows) == 11
    assert rows[0] == {
        "displayed": {
            "agent": "Codex CLI",
            "model": "GPT-5.5",
            "date": "2026-05-01",
            "agent_organization": "OpenAI",
            "model_organization": "OpenAI",
            "accuracy": "83.4%",
            "plus_minus": "2.2",
        }
    }


def test_multilingual_board_is_landed_when_it_is_there() -> None:
    result = {"name": "m", "resolved": 1.0}
    boards = [{"name": name, "results": [result]} for name in ("Verified", "Multilingual")]
    parts = parser_of("swebench")(json.dumps({"leaderboards": boards}).encode())
    assert list(parts) == ["Verified", "Multilingual"]
