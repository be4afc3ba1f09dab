"""`verify-sources`: what every source answers, and whether its models are still found."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from ingest.fetch.download import FetchedSource
from ingest.registry import RemoteSource, Source
from ipbr_rank.analysis.verify_sources import Resolved, judged
from tests.support.played_sources import KEYS, NOW, Played, body, status

Run = Callable[..., subprocess.CompletedProcess[str]]
ROW = FetchedSource("gso", "verified", n_records=28)


@pytest.fixture
def verify(played: Played, ipbr_rank: Run, tmp_path: Path, board: SimpleNamespace) -> Run:
    """`verify-sources` beside a board that was built from the fixtures."""
    shutil.copy(board.database, tmp_path / "board.duckdb")

    def call(*arguments: object) -> subprocess.CompletedProcess[str]:
        before = {path: path.read_bytes() for path in tmp_path.iterdir()}
        process = ipbr_rank(
            *("verify-sources", "--cache", tmp_path / "cache", "--now", NOW.isoformat()),
            *("--database", tmp_path / "board.duckdb", "--out", tmp_path / "out", *arguments),
            cwd=tmp_path,
            **{"IPBR_BASE_URL": played.base, **KEYS, "HF_TOKEN": "", "AA_API_KEY": ""},
        )
        assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before, "a trace is left"
        return process

    return call


def table(process: subprocess.CompletedProcess[str]) -> dict[str, dict[str, str]]:
    """Cells by source and column."""
    header, *lines = [line.split() for line in process.stdout.splitlines() if line.strip()]
    lines = [re.split(r"\s+", re.sub(r"(\d) ([kM]?B|min|h|d)\b", r"\1\2", " ".join(line)))
             for line in lines]  # fmt: skip
    return {line[0]: dict(zip(header, line, strict=True)) for line in lines}


def test_sources_in_good_health(verify: Run, sources: dict[str, Source]) -> None:
    remote = [source for source in sources.values() if isinstance(source, RemoteSource)]
    # The made-up responses of what is not on record name no ranked model.
    made_up = [source.source_id for source in remote if not source.is_recorded]
    process = verify("--except", ",".join(made_up))
    assert process.returncode == 0, process.stderr
    rows = table(process)
    assert rows.keys() == {source.source_id for source in remote} - set(made_up)
    assert rows.pop("artificial_analysis")["Status"] == "skipped"
    assert "AA_API_KEY is not set" in process.stderr
    for source_id, row in rows.items():
        assert row["Status"] == "verified", source_id
        # The one ranked model that LiveCodeBench lists is another build there.
        assert row["Models"] == "–" if source_id == "livecodebench" else int(row["Models"]) > 0
        assert row["Lost"] == "–", source_id
    # Counted by hand in the fixture: twelve entries of twelve ranked models.
    assert rows["hil_bench"]["Models"] == "12"


def test_failures_as_json(verify: Run, played: Played) -> None:
    played.faults = {"/gorilla.cs.berkeley.edu": status(404)}
    process = verify("--only", "bfcl", "--format", "json")
    assert process.returncode == 1
    (row,) = json.loads(process.stdout)
    assert (row["source_id"], row["status"], row["n_models"]) == ("bfcl", "failed", None)


def test_failures_of_every_kind_are_told_apart(verify: Run, played: Played) -> None:
    names = re.compile(rb'"(model|name)":\s*"[^"]*"')
    gso = played.fixture("gso")
    played.faults = {
        "/gorilla.cs.berkeley.edu": status(404),
        # Every name another.
        "/gso-bench.github.io": body(names.sub(rb'"\1":"nonsense"', gso)),
        "/labs.scale.com/leaderboard/hil": body(
            played.fixture("hil_bench").replace(b"GPT-5.5", b"Nonsense-1")
        ),
        "/arcprize.org": body(b"<html>log in</html>"),
    }
    process = verify("--only", "gso,bfcl,hil_bench,arc_agi,swebench")
    assert process.returncode == 1
    assert {name: row["Status"] for name, row in table(process).items()} == {
        **dict.fromkeys(("gso", "bfcl", "arc_agi"), "failed"),
        **dict.fromkeys(("hil_bench", "swebench"), "verified"),
    }
    said = process.stderr
    assert "sources failed: gso, bfcl, arc_agi" in said
    assert (
        "failed gso: expected at least one name of a listed model, found none in 28 records" in said
    )
    assert "failed bfcl: cannot fetch https://gorilla.cs.berkeley.edu/data_overall.csv" in said
    told = "hil_bench: 1 of 12 models of the last board are no longer found: openai/gpt-5.5"
    assert f"verified {told}" in said
    assert table(process)["hil_bench"]["Lost"] == "1"


@pytest.mark.parametrize(
    ("found", "expected", "told"),
    [
        (Resolved(0, 0), "failed", "listed model, found none in 28 records"),
        (Resolved(3, 0), "verified", None),
        (Resolved(5, 5), "verified", None),
        (Resolved(3, 5, ("a/b", "c/d")), "verified", "2 of 5 models .* no longer found: a/b, c/d$"),
        (Resolved(9, 5, ("a", "b", "c")), "failed", "3 of 5 models .*: a, b, c; look for"),
        (Resolved(80, 100, tuple("abcdefghijkl")), "verified", "g, h, i, j and 2 more$"),
    ],
)
def test_what_may_be_lost(found: Resolved, expected: str, told: str | None) -> None:
    row = judged(ROW, {"gso": found})
    assert row.status == expected
    assert re.search(told, row.message) if told else row.message is None


def test_source_that_was_not_read_is_left_as_it_is() -> None:
    failed = FetchedSource("gso", "failed", "gso: cannot fetch")
    assert judged(failed, {}) == failed
