"""The fixtures say the same as the recorded responses they were cut from."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.fetch.cache import read_cached, sidecar_of
from ingest.registry import Source
from ingest.sources import Parts, parser_of
from scripts.make_fixtures import PARTIAL, RECORDED_AT, RECORDED_LATER

RECORDED_PAGES = (
    *("openrouter", "lmarena", "artificial_analysis", "swebench", "swebench_pro", "mcp_atlas"),
    *("livecodebench", "gso", "terminal_bench", "bfcl", "sonar", "arc_agi"),
)
TRANSCRIBED_SCALE_PAGES = (
    *("sweatlas_qna", "sweatlas_test_writing", "sweatlas_refactoring", "hil_bench"),
)
BOARD_CATEGORIES = {
    "text": ("overall", "creative_writing", "hard_prompts"),
    "webdev": ("overall",),
    "search": ("overall",),
    "document": ("overall",),
}


def like(value: object, model: object) -> object:
    """The value reduced to the fields that the model has, at every depth of objects."""
    if isinstance(value, dict) and isinstance(model, dict):
        return {name: like(value[name], model[name]) for name in model}
    return value


def read_part_of_the_board(source_id: str, part: str, records: list[dict]) -> list[dict]:
    """The records that the staging models read; a fixture has all of these, and a few others."""
    if source_id == "lmarena":
        return [record for record in records if record["category"] in BOARD_CATEGORIES[part]]
    if (source_id, part) == ("arc_agi", "evaluations"):
        sets = ("v2_Semi_Private", "v3_Semi_Private")
        return [record for record in records if record["datasetId"] in sets]
    return records


@pytest.mark.parametrize("source_id", RECORDED_PAGES)
def test_fixture_has_the_records_of_the_recorded_response(
    source_id: str, recorded: Path, sources: dict[str, Source], parsed: Callable[[str], Parts]
) -> None:
    whole = parser_of(source_id)((recorded / "raw" / sources[source_id].cache_file).read_bytes())
    for part, cut in parsed(source_id).items():
        if (source_id, part) == ("lmarena", "webdev"):
            # Of autumn; see below.
            continue
        if (source_id, part) == ("swebench", "Lite"):
            assert cut == [like(record, cut[0]) for record in whole[part][: len(cut)]]
            continue
        expected = read_part_of_the_board(source_id, part, whole[part])
        found = read_part_of_the_board(source_id, part, cut)
        assert len(found) == len(expected) > 0
        assert found == [like(*pair) for pair in zip(expected, found, strict=True)]


@pytest.mark.parametrize("source_id", TRANSCRIBED_SCALE_PAGES)
def test_scale_fixture_has_the_transcribed_rows(
    source_id: str, recorded: Path, parsed: Callable[[str], Parts]
) -> None:
    facts = json.loads((recorded / "facts" / f"{source_id}.json").read_bytes())
    names = {
        "model": "model",
        "rank": "rank",
        "score": "score",
        "confidenceInterval_upper": "confidence_interval",
        "company": "organisation",
        "createdAt": "created_at",
        "deprecated": "deprecated",
    }
    entries = parsed(source_id)["entries"]
    assert [{name: entry[name] for name in names} for entry in entries] == [
        {name: row[fact] for name, fact in names.items()} for row in facts["rows"]
    ]


def test_terminal_bench_2_1_fixture_has_the_transcribed_rows(
    recorded: Path, parsed: Callable[[str], Parts]
) -> None:
    facts = json.loads((recorded / "facts" / "terminal_bench_2_1.json").read_bytes())
    found = [
        (
            *(row["agent"], row["model"], row["modelNames"], row["date"]),
            *(row["accuracy"], row["stderr"]),
            *(row["displayed"]["accuracy"], row["displayed"]["plus_minus"]),
        )
        for row in parsed("terminal_bench_2_1")["rows"]
    ]
    assert found == [
        (
            *(row["agent"], [row["model"]], [row["model_name"]], row["date"]),
            *(row["accuracy"], row["stderr"]),
            *(f"{row['score']}%", str(row["plus_minus"])),
        )
        for row in facts["rows"]
    ]


def test_swerebench_fixture_has_the_transcribed_rows(
    recorded: Path, parsed: Callable[[str], Parts]
) -> None:
    facts = json.loads((recorded / "facts" / "swerebench.json").read_bytes())
    items = parsed("swerebench")["items"]
    assert len(items) == len(facts["rows"])
    for item, row in zip(items, facts["rows"], strict=True):
        for name in ("modelName", "agentVersion", "taskRangeTimestamp"):
            assert item[name] == row[name]
        stats = row["rangeStats"]
        if row["basis"].startswith("approximate"):
            stats = stats | {"resolvedRate": round(stats["resolvedRate"], 1)}
        assert item["stats"] == stats


def later(recorded: Path, source_id: str) -> Path:
    """What was recorded of a source in autumn."""
    return recorded / "autumn2026" / RECORDED_LATER[source_id]


@pytest.mark.parametrize("source_id", ["eqbench_creative_writing", "eqbench_judgemark", "bc_bench"])
def test_fixture_has_the_records_of_the_recorded_body(
    source_id: str, recorded: Path, parsed: Callable[[str], Parts]
) -> None:
    whole = parser_of(source_id)(later(recorded, source_id).read_bytes())
    for part, cut in parsed(source_id).items():
        assert cut == [like(*pair) for pair in zip(whole[part], cut, strict=True)]


def test_livebench_fixture_has_the_recorded_tables(
    recorded: Path, parsed: Callable[[str], Parts]
) -> None:
    table = later(recorded, "livebench")
    parts = {
        "table": table.read_text(encoding="utf-8"),
        "cost": (table.parent / "cost_2026_06_25.csv").read_text(encoding="utf-8"),
        "categories": json.loads((table.parent / "categories_2026_06_25.json").read_bytes()),
    }
    whole = parser_of("livebench")(json.dumps(parts).encode())
    for part, cut in parsed("livebench").items():
        assert cut == [like(*pair) for pair in zip(whole[part], cut, strict=True)]


def test_tau2_bench_fixture_has_the_recorded_submissions(
    recorded: Path, parsed: Callable[[str], Parts]
) -> None:
    file = later(recorded, "tau2_bench")
    parts = {
        "manifest": json.loads((file.parent / "manifest.json").read_bytes()),
        "submissions": json.loads(file.read_bytes()),
    }
    whole = parser_of("tau2_bench")(json.dumps(parts).encode())["submissions"]
    cut = parsed("tau2_bench")["submissions"]
    assert cut == [like(*pair) for pair in zip(whole, cut, strict=True)]
    assert len(cut) == 64


def test_fixtures_have_the_figures_that_were_typed_over(
    recorded: Path, parsed: Callable[[str], Parts]
) -> None:
    def facts(source_id: str) -> list[dict]:
        return json.loads(later(recorded, source_id).read_bytes())["rows"]

    assert [
        (row["Model version"], row["Reasoning"], float(row["Binary accuracy"]))
        for row in parsed("osworld_2")["rows"]
    ] == [
        (row["model"], row["effort"] or "", round(row["percent"] / 100, 4))
        for row in facts("osworld_2")
    ]
    assert [(row["Model"], float(row["eci"])) for row in parsed("epoch_eci")["models"]] == [
        (row["model"], row["eci"]) for row in facts("epoch_eci")
    ]
    assert [
        (row["model"], row["reasoning_effort"], round(100 * row["pass_at_1"], 2))
        for row in parsed("deepswe")["rows"]
    ] == [
        (row["model"], row["reasoning_effort"], row["pass_at_1_percent"])
        for row in facts("deepswe")
    ]
    assert [
        (row["metadata"]["model_names"], row["metrics"]["accuracy"])
        for row in parsed("terminal_bench_4_0")["submissions"]
    ] == [([row["model_id"]], row["accuracy"]) for row in facts("terminal_bench_4_0")]
    webdev = facts("lmarena")
    names = [row["model_name"] for row in webdev]
    # Of the two rows under one name none is known to be the model's.
    assert len(webdev) == 139
    assert [(row["model_name"], row["rating"]) for row in parsed("lmarena")["webdev"]] == [
        (row["model_name"], row["rating"]) for row in webdev if names.count(row["model_name"]) == 1
    ]


def test_fixtures_are_what_the_script_makes(
    project: Path, recorded: Path, fixtures: Path, tmp_path: Path
) -> None:
    script = project / "scripts" / "make_fixtures.py"
    subprocess.run(
        [sys.executable, script, "--recorded", recorded, "--out", tmp_path],
        check=True,
        capture_output=True,
        timeout=60,
    )
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert len(made) >= 2 * (len(RECORDED_PAGES) + len(RECORDED_LATER))
    assert made.keys() <= {path.name for path in fixtures.iterdir()}
    different = [name for name, body in made.items() if body != (fixtures / name).read_bytes()]
    assert different == []


def test_sidecar_belongs_to_its_fixture(
    source_id: str, fixtures: Path, sources: dict[str, Source]
) -> None:
    path = fixtures / sources[source_id].cache_file
    sidecar = json.loads(sidecar_of(path).read_bytes())
    assert sidecar["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert sidecar["url"] == RECORDED_AT.get(source_id, sources[source_id].endpoint)
    response = read_cached(sources[source_id], fixtures)
    assert f"{response.fetched_at:%Y-%m-%dT%H:%M:%SZ}" == sidecar["fetched_at"]
    assert "2025-05-01" <= sidecar["fetched_at"] < "2026-11"
    assert response.is_partial == (source_id in PARTIAL)
