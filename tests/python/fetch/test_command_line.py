"""`fetch`, `all` and `verify-sources` as processes, against the server that plays the sources."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from played_sources import KEYS, Played, status

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(played: Played, ipbr_rank: Run, tmp_path: Path) -> Run:
    """The command line with cache, database and --out in `tmp_path`; no secret is left behind."""

    def call(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
        process = ipbr_rank(
            *("--cache", tmp_path / "cache", "--database", tmp_path / "board.duckdb"),
            *("--out", tmp_path / "out", *arguments),
            cwd=tmp_path,
            **{"IPBR_BASE_URL": played.base, **KEYS, **environment},
        )
        said = process.stdout + process.stderr
        assert "Traceback" not in said and "nanobind" not in said
        contents = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
        for value in KEYS.values():
            assert value not in said
            assert not any(value.encode() in content for content in contents)
        return process

    return call


def without_times(scoreboard: Path) -> str:
    """A scoreboard without the times at which the sources were fetched and have changed."""
    text = scoreboard.read_text(encoding="utf-8")
    return re.sub(r'^(fetched_at|content_changed_at) = ".*"$', "", text, flags=re.M)


def test_live_run_gives_the_board_of_the_fixtures(
    run: Run, board: SimpleNamespace, project: Path, tmp_path: Path
) -> None:
    live = run("all", "--now", board.now)
    assert live.returncode == 0, live.stderr
    n_fetched = len(list((project / "data/fixtures").glob("*.meta.json")))
    assert f"Fetching: {n_fetched} verified; {n_fetched} transferred" in live.stderr
    assert without_times(tmp_path / "out/scoreboard.toml") == without_times(
        board.out / "scoreboard.toml"
    )
    for name in ("missing.toml", "coefficients.toml"):
        assert (tmp_path / "out" / name).read_bytes() == (board.out / name).read_bytes()
    header = next(line for line in live.stderr.splitlines() if line.startswith("Source"))
    assert header.split() == [
        *("Source", "Status", "Age", "Bytes", "Rows", "Matched", "Ignored", "Unmatched"),
        *("Seconds", "Tries"),
    ]


def test_fetch_tells_what_it_did(run: Run, played: Played, project: Path) -> None:
    played.faults["/gso-bench.github.io"] = status(404)
    process = run("fetch", AA_API_KEY="")
    assert process.returncode == 0
    assert process.stdout == ""
    n_good = len(list((project / "data/fixtures").glob("*.meta.json"))) - 2
    counts = f"{n_good} verified, 1 skipped"
    assert f"Fetching: {counts}, 1 failed; {n_good} transferred" in re.sub(
        f"1 skipped, {n_good} verified", counts, process.stderr
    )
    assert "skipped AA_API_KEY is not set" in process.stderr
    assert "failed gso: cannot fetch https://gso-bench.github.io/" in process.stderr
    again = run("fetch", "--only", "bfcl", "--quiet")
    assert (again.returncode, again.stderr) == (0, "")


def test_key_file_comes_before_the_environment(run: Run, tmp_path: Path) -> None:
    # Outside of what is searched for the key afterwards.
    folder = tmp_path.with_name(f"{tmp_path.name}-keys")
    folder.mkdir()
    (folder / "aa").write_text(KEYS["AA_API_KEY"])
    process = run(
        *("fetch", "--only", "artificial_analysis", "--aa-api-key-file", folder / "aa"),
        AA_API_KEY="another-key-00",
    )
    assert "1 verified" in process.stderr, process.stderr


def test_verify_sources_fails_if_any_source_does(run: Run, played: Played, tmp_path: Path) -> None:
    process = run("verify-sources", "--only", "gso,bfcl")
    assert process.returncode == 0, process.stderr
    assert [line.split()[:2] for line in process.stdout.splitlines() if "verified" in line] == [
        ["gso", "verified"],
        ["bfcl", "verified"],
    ]
    played.faults["/gso-bench.github.io"] = status(404)
    process = run("verify-sources", "--only", "gso,bfcl")
    assert process.returncode == 1
    assert "sources failed: gso" in process.stderr
    assert not (tmp_path / "cache").exists()
