"""Whole runs on the fixtures, as a user starts them."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

Tree = dict[str, bytes]


def tree(folder: Path) -> Tree:
    """Every file's bytes by its path."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def previous(tmp_path: Path) -> Path:
    """An --out with an earlier result."""
    out = tmp_path / "out"
    (out / "site").mkdir(parents=True)
    (out / "scoreboard.toml").write_text("earlier")
    (out / "site" / "index.html").write_text("earlier")
    return out


@pytest.fixture
def cache(tmp_path: Path, project: Path) -> Path:
    """A copy of the fixtures that a test may spoil."""
    return shutil.copytree(project / "data" / "fixtures", tmp_path / "cache")


def test_run_writes_what_the_contract_names(board: SimpleNamespace) -> None:
    assert {path.name for path in board.out.iterdir()} == {
        "scoreboard.toml",
        "missing.toml",
        "coefficients.toml",
        "NOTICE",
        "site",
    }
    assert (board.out / "site" / "index.html").is_file()
    assert board.stdout == ""
    assert "\x1b" not in board.stderr
    assert [line.split(":")[0] for line in board.stderr.splitlines()[:6]] == [
        "Configuration",
        "Landing",
        "Scoring",
        "Export",
        "Site",
        "Publishing",
    ]
    scoreboard = tomllib.loads((board.out / "scoreboard.toml").read_text("utf-8"))
    assert scoreboard["generated_at"] == board.now
    for source_id, source in scoreboard["sources"].items():
        line = next(line for line in board.stderr.splitlines() if line.split()[:1] == [source_id])
        cells = line.split()[1:]
        assert cells[0] == source["status"]
        if source["status"] == "skipped":
            assert cells[1:] == ["–"] * 5
        else:
            assert f"{source['n_rows_ingested']:,}" in cells


def test_site_can_be_rendered_again_quietly_from_anywhere(
    board: SimpleNamespace, ipbr_rank: Callable, previous: Path
) -> None:
    scoreboard = Path(shutil.copy(board.out / "scoreboard.toml", previous))
    before = scoreboard.read_bytes()
    database = os.path.relpath(board.database, previous.parent)
    process = ipbr_rank(
        "--quiet", "render", "--database", database, "--out", "out", cwd=previous.parent
    )
    assert (process.returncode, process.stdout, process.stderr) == (0, "", "")
    assert tree(previous / "site") == tree(board.out / "site")
    assert scoreboard.read_bytes() == before


def test_site_can_be_rendered_from_the_scoreboard_alone(
    board: SimpleNamespace, ipbr_rank: Callable, tmp_path: Path
) -> None:
    process = ipbr_rank(
        "render", "--scoreboard", board.out / "scoreboard.toml", "--out", tmp_path / "out"
    )
    assert process.returncode == 0, process.stderr
    assert (tmp_path / "out" / "site" / "index.html").is_file()


def test_render_without_a_database_says_what_to_do(ipbr_rank: Callable, previous: Path) -> None:
    (previous / "scoreboard.toml").unlink()
    before = tree(previous)
    process = ipbr_rank("render", "--database", previous.parent / "no.duckdb", "--out", previous)
    assert process.returncode == 1
    assert f"`ipbr-rank all --database {previous.parent / 'no.duckdb'}` builds it" in process.stderr
    assert tree(previous) == before


def test_without_a_database_a_broken_scoreboard_is_named(
    ipbr_rank: Callable, previous: Path
) -> None:
    before = tree(previous)
    process = ipbr_rank("render", "--database", previous.parent / "no.duckdb", "--out", previous)
    first, last = process.stderr.splitlines()
    scoreboard = previous / "scoreboard.toml"
    assert process.returncode == 2
    assert first == f"There is no database, so the site shows {scoreboard}"
    assert last.startswith("error: ") and str(scoreboard) in last
    assert tree(previous) == before


SPOILED: dict[str, Callable[[Path], object]] = {
    "truncated": lambda file: os.truncate(file, file.stat().st_size // 2),
    "empty": lambda file: file.write_bytes(b""),
    "error page": lambda file: file.write_text("<!DOCTYPE html><h1>502 Bad Gateway</h1>"),
    "array": lambda file: file.write_text("[]"),
    "no rows": lambda file: file.write_text(json.dumps({"data": []})),
    "gone": lambda file: file.unlink(),
}


@pytest.mark.parametrize("how", SPOILED)
def test_unreadable_response_ends_the_run_with_1_and_one_message(
    ipbr_rank: Callable, cache: Path, previous: Path, how: str
) -> None:
    before = tree(previous)
    SPOILED[how](cache / "openrouter_models.json")
    database = previous.parent / "ipbr.duckdb"
    process = ipbr_rank(
        *("all", "--offline", "--cache", cache, "--out", previous, "--database", database)
    )
    assert process.returncode == 1
    errors = [line for line in process.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1 and "openrouter" in errors[0]
    assert "Traceback" not in process.stderr
    assert tree(previous) == before
    assert not database.exists()


def test_bad_configuration_ends_the_run_with_2_before_anything_is_written(
    ipbr_rank: Callable, project: Path, previous: Path
) -> None:
    before = tree(previous)
    bad = previous.parent / "bad.toml"
    text = (project / "data" / "coefficients.toml").read_text("utf-8")
    bad.write_text(text.replace("LMArenaText = ", "LMArenaTxt = ", 1), "utf-8")
    database = previous.parent / "ipbr.duckdb"
    process = ipbr_rank(
        *("all", "--offline", "--cache", project / "data" / "fixtures", "--out", previous),
        *("--database", database, "--coefficients", "bad.toml"),
        cwd=previous.parent,
    )
    assert process.returncode == 2
    assert process.stderr == (
        "error: bad.toml: [group_weights.CRE] LMArenaTxt: unknown metric; "
        "did you mean LMArenaText or LMArenaAgent?\n"
    )
    assert tree(previous) == before
    assert not database.exists()
    assert not (previous.parent / ".ipbr").exists()


@pytest.mark.slow
def test_failing_invariant_ends_the_run_with_3_and_nothing_is_published(
    project: Path, previous: Path
) -> None:
    """A copy of the project with one more rule, which does not hold."""
    before = tree(previous)
    copy = previous.parent / "project"
    for part in ("ipbr_rank", "ingest", "render", "models", "macros", "seeds", "data/fixtures"):
        shutil.copytree(project / part, copy / part)
    for part in ("dbt_project.yml", "profiles.yml", "pyproject.toml"):
        shutil.copy(project / part, copy / part)
    for file in (project / "data").glob("*.toml"):
        shutil.copy(file, copy / "data")
    shutil.copytree(project / "tests" / "dbt" / "generic", copy / "tests" / "dbt" / "generic")
    (copy / "tests" / "dbt" / "assert_no_model.sql").write_text(
        "select canonical_id from {{ ref('dim_models') }} limit 2"
    )
    process = subprocess.run(
        [sys.executable, "-m", "ipbr_rank", "score", "--offline", "--cache", "data/fixtures",
         "--out", str(previous)],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
    )  # fmt: skip
    assert process.returncode == 3, process.stderr
    assert "error: 1 data invariant failed; nothing was published\n" in process.stderr
    assert "  assert_no_model: 2 rows\n" in process.stderr
    assert tree(previous) == before
    assert not (copy / "data" / "ipbr.duckdb").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.usefixtures("dbt_runs")
def test_stopped_run_leaves_no_trace(project: Path, previous: Path, number: int) -> None:
    before = tree(previous)
    database = previous.parent / "ipbr.duckdb"
    process = subprocess.Popen(
        [sys.executable, "-m", "ipbr_rank", "all", "--offline", "--out", str(previous),
         "--database", str(database), "--cache", str(project / "data" / "fixtures")],
        cwd=project,
        env={"PYTHONPATH": str(project), **os.environ},
        stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    assert process.stderr
    # Into the middle of dbt.
    log = previous.parent / ".ipbr" / "ipbr" / "logs" / "dbt.log"
    while not log.exists():
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.05)
    process.send_signal(number)
    last = process.stderr.read().splitlines()[-1]
    if number == signal.SIGKILL:
        assert process.wait() == -number
        assert last.startswith("Landing")
    else:
        assert process.wait() == 128 + number
        assert last == "error: interrupted; nothing was published"
    assert tree(previous) == before
    assert not database.exists()
    for _ in range(100):
        listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout
        if str(database.parent / ".ipbr") not in listed:
            break
        time.sleep(0.05)
    else:
        pytest.fail("dbt still runs")
