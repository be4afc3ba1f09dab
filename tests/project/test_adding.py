"""docs/adding-*.md, followed word by word in a copy of the project.

All four pages are edited first and looked at together, with one run of the board. Of what they end
with, `make golden queries` and `make test` would run this test again: style, the unit test and the
tests that know of a single source stand for them.
"""

import hashlib
import json
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.support.follow import Reader
from tests.support.project_copy import copy_project

pytestmark = pytest.mark.slow

PAGES = ("source", "metric", "weight", "model")
STAGING = "models/staging/benchmarks/stg_toy_bench__observations.sql"


def contents(copy: Path) -> dict[str, str]:
    """Hash by path of every file that git would keep."""
    return {
        path.relative_to(copy).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for name in ("ingest", "models", "seeds", "tests", "docs", "data", "ipbr_rank")
        for path in sorted((copy / name).rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts and ".ipbr" not in path.parts
        if not path.name.startswith("ipbr.duckdb")
    }


@pytest.fixture(scope="module")
def followed(tmp_path_factory, board) -> SimpleNamespace:
    """The copy after all four pages, its scoreboard, and by page which files it changed."""
    folder = tmp_path_factory.mktemp("adding")
    reader = Reader(copy_project(folder), folder, skip=lambda command: command.startswith("make "))
    # `triage`, which a page begins with, looks at the last board.
    shutil.copy(board.database, reader.copy / "data/ipbr.duckdb")
    pages = {}
    for page in PAGES:
        reader.edited.clear()
        before = contents(reader.copy)
        reader.follow(f"docs/adding-a-{page}.md")
        after = contents(reader.copy)
        pages[page] = SimpleNamespace(
            edited=list(reader.edited),
            changed={path for path in after if after[path] != before.get(path)},
        )
        if page == "metric":
            unweighted = folder / "coefficients.toml"
            shutil.copy(reader.copy / "data/coefficients.toml", unweighted)
    for page in PAGES:
        reader.look(f"docs/adding-a-{page}.md")
    return SimpleNamespace(
        reader=reader,
        copy=reader.copy,
        scoreboard=tomllib.loads((reader.copy / "out/scoreboard.toml").read_text("utf-8")),
        unweighted=unweighted,
        **pages,
    )


def models_of(scoreboard: dict) -> dict[str, dict]:
    """Models by id."""
    return {model["canonical_id"]: model for model in scoreboard["models"]}


@pytest.fixture(scope="module")
def official(board) -> dict:
    """The scoreboard before anything was added."""
    return tomllib.loads((board.out / "scoreboard.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("page", "n_places"), [("source", 9), ("metric", 3), ("weight", 1), ("model", 1)]
)
def test_a_page_takes_few_places_and_no_other_file_was_touched(followed, page, n_places):
    found = getattr(followed, page)
    assert len(found.edited) == n_places
    stamped = {"data/fixtures/toy_bench.json.meta.json"} if page == "source" else set()
    written = {"docs/sources.md"} if page in ("source", "metric") else set()
    assert found.changed == {*found.edited, *stamped, *written}


def test_the_board_is_built_once(followed):
    runs = [command for command in followed.reader.ran if command.startswith("ipbr-rank all")]
    assert len(runs) == 1
    assert set(followed.reader.skipped) == {
        *("make golden queries", "make golden queries coefficients", "make test"),
    }


def test_the_source_is_on_the_board(followed, official):
    source = followed.scoreboard["sources"]["toy_bench"]
    assert source["status"] == "verified"
    assert source["fetched_at"] == "2026-05-02T00:00:00Z"
    assert [source[f"n_rows_{kind}"] for kind in ("ingested", "matched", "unmatched")] == [3, 2, 1]
    model = models_of(followed.scoreboard)["anthropic/claude-fable-5"]
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


def test_the_metric_is_on_the_board(followed, official):
    metrics = [model["metrics"] for model in followed.scoreboard["models"]]
    assert sum("BFCLMultiTurnBase" in figures for figures in metrics) > 5
    assert not any("BFCLMultiTurnBase" in model["metrics"] for model in official["models"])


def test_the_weight_moves_scores(followed):
    """By what the board would be without the page."""
    command = f"ipbr-rank what-if --coefficients {followed.unweighted} --format json"
    rows = json.loads(followed.reader.run(command))["scores"]
    moved = {row["role_id"] for row in rows if row["score_before"] != row["score_after"]}
    assert "p" in moved


def test_the_model_is_ranked(followed, official):
    before, after = models_of(official), models_of(followed.scoreboard)
    assert set(after) - set(before) == {"anthropic/claude-haiku-4.5"}
    assert len(after["anthropic/claude-haiku-4.5"]["sources"]) >= 7


def test_style_and_the_tests_of_a_source_pass(followed):
    reader = followed.reader
    reader.run("python -m ruff check . && python -m ruff format --check .")
    # Without dbt's templater, which would start dbt for one file.
    reader.run(f"python -m sqlfluff lint --templater jinja {STAGING}")
    reader.run("dbt test --select stg_toy_bench__observations assert_seeds_agree")
    process = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
            *("tests/unit/ingest", "tests/project/test_structure.py"),
            *("-k", "toy_bench or test_structure"),
        ],
        cwd=reader.copy,
        env={"PATH": f"{reader.bin}:/usr/bin:/bin", "PYTHONPATH": str(reader.copy)},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=600,
    )
    assert process.returncode == 0, process.stdout
