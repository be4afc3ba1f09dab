"""`fetch`, `all` and `verify-sources` as processes, against the server that plays the sources."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from ingest.registry import Source
from tests.support.played_sources import KEYS, Played, status

# The recorded response has the older shape, which is looked for after the newer one only.
OLDER_SONAR = "there is no registry of models, so the older single file is used"

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(played: Played, ipbr_rank: Run, tmp_path: Path) -> Run:
    """The command line with cache, database and --out in `tmp_path`; it says no secret."""

    def call(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
        process = ipbr_rank(
            *("--cache", tmp_path / "cache", "--database", tmp_path / "board.duckdb"),
            *arguments,
            cwd=tmp_path,
            IPBR_OUT=str(tmp_path / "out"),
            **{"IPBR_BASE_URL": played.base, **KEYS, **environment},
        )
        said = process.stdout + process.stderr
        assert "Traceback" not in said and "nanobind" not in said
        assert not any(value in said for value in KEYS.values())
        return process

    return call


def tree(folder: Path) -> dict[str, bytes]:
    """Every file's bytes by its path."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.slow
def test_live_run_gives_the_board_of_the_fixtures_byte_for_byte(
    run: Run,
    project: Path,
    sources: dict[str, Source],
    board: SimpleNamespace,
    tmp_path: Path,
) -> None:
    # The same responses, as if they had been recorded at the time of the live run; and Sonar's
    # from the address where it stands on the server.
    recorded = shutil.copytree(project / "data/fixtures", tmp_path / "recorded")
    (recorded / "demo.toml").unlink()
    for path in recorded.glob("*.meta.json"):
        known = {**json.loads(path.read_bytes()), "fetched_at": board.now}
        # What a source answers is taken for the whole.
        known.pop("is_partial", None)
        if path.name.startswith("sonar"):
            known["warnings"] = [OLDER_SONAR]
        path.write_text(json.dumps(known))
    live = run("all", "--now", board.now)
    assert live.returncode == 0, live.stderr
    # What is not on record is played with made-up responses.
    for source in sources.values():
        if source.cache_file and not source.is_recorded:
            for kept in (tmp_path / "cache").glob(f"{source.cache_file}*"):
                shutil.copy(kept, recorded)
    n_fetched = len(list(recorded.glob("*.meta.json")))
    assert f"Fetching: {n_fetched} verified; {n_fetched} transferred" in live.stderr
    offline = run(
        *("score", "--offline", "--now", board.now, "--cache", recorded),
        *("--out", tmp_path / "offline", "--database", tmp_path / "offline.duckdb"),
    )
    assert offline.returncode == 0, offline.stderr
    # That the same board gives the same site is shown elsewhere.
    assert (tmp_path / "out" / "site" / "index.html").is_file()
    shutil.rmtree(tmp_path / "out" / "site")
    assert tree(tmp_path / "out") == tree(tmp_path / "offline")
    header = next(line for line in live.stderr.splitlines() if line.startswith("Source"))
    assert header.split() == [
        *("Source", "Status", "Age", "Bytes", "Rows", "Matched", "Ignored", "Unmatched"),
        *("Seconds", "Tries"),
    ]


def test_fetch_tells_what_it_did(run: Run, played: Played, sources: dict[str, Source]) -> None:
    played.faults["/gso-bench.github.io"] = status(404)
    process = run("fetch", AA_API_KEY="")
    assert process.returncode == 0
    assert process.stdout == ""
    n_good = sum(source.cache_file is not None for source in sources.values()) - 2
    counts = f"{n_good} verified, 1 skipped"
    assert f"Fetching: {counts}, 1 failed; {n_good} transferred" in re.sub(
        f"1 skipped, {n_good} verified", counts, process.stderr
    )
    assert "skipped artificial_analysis: AA_API_KEY is not set" in process.stderr
    assert "failed gso: cannot fetch https://gso-bench.github.io/" in process.stderr
    again = run("fetch", "--only", "bfcl", "--quiet", "--format", "json")
    assert (again.returncode, again.stderr) == (0, "")
    (row,) = json.loads(again.stdout)
    assert (row["source_id"], row["status"], row["n_tries"]) == ("bfcl", "verified", 0)


def test_key_file_comes_before_the_environment(run: Run, tmp_path: Path) -> None:
    # Outside of what is searched for secrets afterwards.
    folder = tmp_path.with_name(f"{tmp_path.name}-keys")
    folder.mkdir()
    (folder / "aa").write_text(KEYS["AA_API_KEY"])
    process = run(
        *("fetch", "--only", "artificial_analysis", "--aa-api-key-file", folder / "aa"),
        AA_API_KEY="another-key-0000",
    )
    assert "1 verified" in process.stderr, process.stderr
