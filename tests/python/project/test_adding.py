"""docs/adding-*.md, followed word by word in a copy of the project.

Only `make test` is not run as a whole, since it would run this test: lint and the tests that a
source can break stand for it. The board is recorded anew once, after the last page.
"""

import hashlib
import subprocess
import sys
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest
from follow import Reader
from project_copy import copy_project

MOST_PLACES = 5


def contents(copy: Path) -> dict[str, str]:
    """Hash by path of every file that git would keep."""
    return {
        path.relative_to(copy).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for name in ("ingest", "models", "seeds", "tests", "docs", "data", "ipbr_rank")
        for path in sorted((copy / name).rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts and ".ipbr" not in path.parts
        if not path.name.startswith("ipbr.duckdb")
    }


def run_tests(reader: Reader, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Tests of the copy, as a process."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments],
        cwd=reader.copy,
        env={"PATH": f"{reader.bin}:/usr/bin:/bin", "PYTHONPATH": str(reader.copy)},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=600,
    )


@pytest.fixture(scope="module")
def followed(tmp_path_factory) -> SimpleNamespace:
    """The copy after all four pages; edited places and boards by page."""
    folder = tmp_path_factory.mktemp("adding")
    reader = Reader(copy_project(folder), folder, skip=lambda command: command.startswith("make "))
    pages = {}
    for page in ("source", "metric", "weight", "model"):
        reader.edited.clear()
        before = contents(reader.copy)
        reader.follow(f"docs/adding-a-{page}.md")
        after = contents(reader.copy)
        pages[page] = SimpleNamespace(
            edited=list(reader.edited),
            changed={path for path in after if after[path] != before.get(path)},
            made=after.keys() - before.keys(),
            scoreboard=tomllib.loads((reader.copy / "out/scoreboard.toml").read_text("utf-8")),
        )
    return SimpleNamespace(reader=reader, copy=reader.copy, **pages)


def models_of(scoreboard: dict) -> dict[str, dict]:
    """Models by id."""
    return {model["canonical_id"]: model for model in scoreboard["models"]}


@pytest.fixture(scope="module")
def official(board) -> dict:
    """The scoreboard before anything was added."""
    return tomllib.loads((board.out / "scoreboard.toml").read_text(encoding="utf-8"))


def test_a_source_takes_five_places_and_no_other_file_was_touched(followed):
    assert 0 < len(followed.source.edited) <= MOST_PLACES
    written = {
        *("seeds/sources.csv", "seeds/source_metrics.csv", "docs/sources.md"),
        *("models/intermediate/int_observations_unioned.sql",),
        "data/fixtures/toy_bench.json.meta.json",
    }
    assert followed.source.changed == {*followed.source.edited, *written}
    for page in (followed.metric, followed.weight, followed.model):
        assert 0 < len(page.edited) <= MOST_PLACES
        assert page.changed == set(page.edited)


def test_the_source_is_on_the_board(followed, official):
    source = followed.source.scoreboard["sources"]["toy_bench"]
    assert source["status"] == "verified"
    assert source["fetched_at"] == "2026-05-02T00:00:00Z"
    assert [source[f"n_rows_{kind}"] for kind in ("ingested", "matched", "unmatched")] == [3, 2, 1]
    model = models_of(followed.source.scoreboard)["anthropic/claude-fable-5"]
    assert model["evidence"]["SciCode"] == {
        "class": "direct",
        "source": "toy_bench",
        "name": "Claude Fable 5",
        "effort": "high",
    }
    assert model["raw_metrics"]["SciCode"] == 61.0
    before = models_of(official)["anthropic/claude-fable-5"]
    assert before["evidence"]["SciCode"]["class"] == "synthesised"
    assert before["scores"] != model["scores"]
    page = (followed.copy / "out/site/sources.html").read_text(encoding="utf-8")
    assert "Toy Bench" in page


def test_the_metric_is_on_the_board(followed):
    metrics = [model["metrics"] for model in followed.metric.scoreboard["models"]]
    assert sum("BFCLMultiTurnBase" in figures for figures in metrics) > 5
    assert not any(
        "BFCLMultiTurnBase" in model["metrics"] for model in followed.source.scoreboard["models"]
    )


def test_the_weight_moves_scores(followed):
    before, after = models_of(followed.metric.scoreboard), models_of(followed.weight.scoreboard)
    moved = [name for name in after if after[name]["scores"] != before[name]["scores"]]
    assert moved
    assert all(after[name]["metrics"] == before[name]["metrics"] for name in after)


def test_the_model_is_ranked(followed):
    before, after = models_of(followed.weight.scoreboard), models_of(followed.model.scoreboard)
    assert set(after) - set(before) == {"anthropic/claude-haiku-4.5"}
    assert len(after["anthropic/claude-haiku-4.5"]["sources"]) >= 7


def test_lint_and_tests_pass_after_all_four_pages(followed):
    """Last: it renews what is recorded of the board."""
    reader = followed.reader
    assert set(reader.skipped) == {"make golden queries", "make test"}
    reader.skip = lambda command: False
    reader.run(f"make -o setup golden queries BIN={reader.bin}")
    reader.run("python -m ruff check . && python -m ruff format --check .")
    staging = "models/staging/benchmarks/stg_toy_bench__observations.sql"
    reader.run(f"IPBR_DATABASE=:memory: python -m sqlfluff lint {staging}")
    reader.run("dbt test --select stg_toy_bench__observations assert_seeds_agree")
    process = run_tests(
        reader,
        *("tests/python/ingest", "tests/python/project/test_structure.py"),
        *("tests/python/project/test_board.py", "tests/python/project/test_docs.py"),
        *("--deselect", "tests/python/project/test_board.py::test_strangers_resolve_to_nothing"),
        *("-k", "not time_zone and not reproduce and not effective"),
    )
    assert process.returncode == 0, process.stdout
