"""Nothing good is overwritten by something worse."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest

from base.errors import LossError
from ipbr_rank.run.loss_guard import (
    Held,
    held_in,
    is_demo,
    losses,
    require_no_live_board,
    require_no_loss,
)
from ipbr_rank.run.settings import make_settings


@pytest.fixture
def held(board: SimpleNamespace) -> Held:
    """What the board of the fixtures amounts to."""
    found = held_in(board.database)
    assert found
    return found


def test_what_a_database_holds(held: Held, tmp_path: Path) -> None:
    assert held[:3] == ("full", False, 92)
    assert held.n_values > 1000
    assert held.is_demo is True
    assert held_in(tmp_path / "none.duckdb") is None
    (tmp_path / "broken.duckdb").write_bytes(b"no database")
    assert held_in(tmp_path / "broken.duckdb") is None


def test_recorded_responses_are_a_demonstration(project: Path, tmp_path: Path) -> None:
    assert is_demo(make_settings({"cache": project / "data/fixtures"}))
    assert not is_demo(make_settings({"cache": tmp_path}))


def test_no_demonstration_takes_the_place_of_a_live_board(held: Held) -> None:
    settings = make_settings({})
    with pytest.raises(LossError, match=r"has a live board, but --cache .* for a demonstration"):
        require_no_live_board(settings, held._replace(is_demo=False))
    for other in (None, held):
        assert require_no_live_board(settings, other) is None
    forced = replace(settings, accept_loss=True)
    assert require_no_live_board(forced, held._replace(is_demo=False)) is None


@pytest.mark.parametrize(
    ("now", "before", "n_told"),
    [((40, 1000), (49, 1223), 0), ((32, 1000), (49, 1223), 1), ((1, 1), (49, 1223), 2)],
)
def test_over_a_third_is_a_loss(now: tuple, before: tuple, n_told: int) -> None:
    assert len(losses(now, before, "the earlier one")) == n_told


def test_a_board_that_has_lost_a_third_is_not_kept(board: SimpleNamespace, held: Held) -> None:
    settings = make_settings({"database": board.database})
    more = held._replace(n_values=2 * held.n_values)
    with pytest.raises(
        LossError, match=r"it has \d+ values, but the one in .* has \d+: over a third is lost"
    ):
        require_no_loss(settings, board.database, more)
    accepted = replace(settings, accept_loss=True)
    unlike = more._replace(edition="publishable")
    for given, other in [
        *((accepted, more), (settings, None), (settings, held), (settings, unlike)),
        (settings, more._replace(is_experiment=True)),
    ]:
        assert require_no_loss(given, board.database, other) is None


def test_a_run_that_loses_a_third_ends_with_4_and_changes_nothing(
    ipbr_rank, board: SimpleNamespace, project: Path, tmp_path: Path
) -> None:
    database, cache = tmp_path / "ipbr.duckdb", tmp_path / "cache"
    database.write_bytes(board.database.read_bytes())
    with duckdb.connect(str(database)) as connection:
        connection.execute("update marts.rpt_scoreboard set n_direct = 3 * n_direct")
    before = database.read_bytes()
    cache.symlink_to(project / "data/fixtures")
    run = ("score", "--offline", "--cache", cache, "--database", database, "--out", tmp_path / "o")
    process = ipbr_rank(*run)
    assert process.returncode == 4
    assert "over a third is lost" in process.stderr
    assert "--accept-loss" in process.stderr
    assert database.read_bytes() == before
    assert not (tmp_path / "o").exists()
