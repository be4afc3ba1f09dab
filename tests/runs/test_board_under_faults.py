"""A whole run in which every source but three has a fault of its own: the board is built."""

import os
import shutil
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.fetch.client import TransportSettings
from ingest.registry import Source
from ipbr_rank.run import fetching, pipeline
from ipbr_rank.run.settings import make_settings
from tests.support.played_sources import KEYS, NOW, Played, body, faults_at
from tests.unit.ingest.fetch.test_faults import BODIES, FAULTS, LIMITS

HEALTHY = ("swebench", "lmarena", "bfcl")
ALL_FAULTS = {
    **{name: fault for name, (fault, _) in FAULTS.items() if name != "304 to no question"},
    **{name: body(content) for name, content in BODIES.items()},
}


@pytest.mark.parametrize("deal", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_board_is_built_from_the_rest_and_the_last_good_cache(
    deal: int,
    filled: Path,
    played: Played,
    sources: dict[str, Source],
    settings: TransportSettings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    faulty = [s for s in sources.values() if s.cache_file and s.source_id not in HEALTHY]
    # One each, from the first on or up to the last: the two runs together see every fault.
    assert len(faulty) < len(ALL_FAULTS) <= 2 * len(faulty)
    first = deal * (len(ALL_FAULTS) - len(faulty))
    dealt = dict(zip(faulty, [*ALL_FAULTS][first : first + len(faulty)], strict=True))
    for source, fault in dealt.items():
        played.faults |= faults_at(source, ALL_FAULTS[fault])
    # Every other source has no earlier response.
    cache = shutil.copytree(filled, tmp_path / "cache")
    without = faulty[deal % 2 :: 2]
    for source in without:
        (cache / source.cache_file).unlink()
    for path in cache.iterdir():
        os.utime(path, (1_700_000_000, 1_700_000_000))
    good = {path: path.read_bytes() for path in cache.iterdir() if "meta" not in path.name}
    patient = replace(settings, budget_seconds=10, grace_seconds=1, **LIMITS)
    monkeypatch.setattr(fetching, "transport_settings", lambda *_: patient)
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    given = {
        "cache": cache,
        "database": tmp_path / "board.duckdb",
        "out": tmp_path / "out",
        "now": NOW,
    }
    pipeline.score(make_settings(given), with_site=True)
    said = capfd.readouterr().err
    assert not [value for value in KEYS.values() if value in said]
    expected = dict.fromkeys(sources, "verified")
    for source in faulty:
        expected[source.source_id] = "failed" if source in without else "stale"
        lines = [line for line in said.splitlines() if f" {source.source_id}: cannot " in line]
        assert len(lines) == 1, (source.source_id, said)
        assert lines[0].startswith(f"{expected[source.source_id]} {source.source_id}: ")
    board = tomllib.loads((tmp_path / "out" / "scoreboard.toml").read_text("utf-8"))
    assert {name: source["status"] for name, source in board["sources"].items()} == expected
    assert len(board["models"]) > 40
    assert (tmp_path / "out" / "site" / "index.html").is_file()
    assert {path: path.read_bytes() for path in good} == good
