"""`board` and `pick`: places and what to take, also checked by hand from the marts."""

import json
import tomllib
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest

from ingest.registry import RemoteSource, load_sources

PRICES = """
select canonical_id, score, own_share, blended_cost_usd as price, open_weights as is_open
from marts.fct_role_evidence
inner join marts.rpt_scoreboard using (canonical_id)
where role_id = 'b' and status = 'ranked'"""


@pytest.fixture(scope="module")
def ranked(board: SimpleNamespace) -> list[dict]:
    """The models with a place in Building."""
    with duckdb.connect(str(board.database), read_only=True) as connection:
        result = connection.execute(PRICES)
        names = [column[0] for column in result.description]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


@pytest.fixture(scope="module")
def n_models(board: SimpleNamespace) -> int:
    """How many models the published board has."""
    return len(tomllib.loads((board.out / "scoreboard.toml").read_text("utf-8"))["models"])


def picked(ipbr_rank, board: SimpleNamespace, *arguments: object) -> dict[str, dict]:
    """What `pick` says as JSON, by pick."""
    process = ipbr_rank("pick", *arguments, "-f", "json", "--database", board.database)
    assert process.returncode == 0, process.stderr
    return {row["pick"]: row for row in json.loads(process.stdout)}


def test_picks_are_those_that_a_reader_finds_by_hand(ipbr_rank, board, ranked) -> None:
    found = picked(ipbr_rank, board, "--role", "building", "--max-price", 5)
    fit = [row for row in ranked if row["price"] is not None and row["price"] <= 5]
    best = max(fit, key=lambda row: row["score"])
    near = [row for row in fit if row["score"] >= 0.85 * best["score"]]
    value = min(near, key=lambda row: (row["price"], -row["score"]))
    free = max((row for row in fit if row["is_open"]), key=lambda row: row["score"])
    assert [found[pick]["model"] for pick in ("Best", "Best value", "Best open")] == [
        row["canonical_id"] for row in (best, value, free)
    ]
    assert f"the highest score of {len(fit)} ranked models" in found["Best"]["reason"]
    assert all(
        f"own evidence {row['own_share']:.0%}".replace("%", " %") in row["reason"]
        for row in found.values()
    )


def test_a_mix_weighs_the_roles(ipbr_rank, board) -> None:
    with duckdb.connect(str(board.database), read_only=True) as connection:
        ((model, score),) = connection.execute(
            "select canonical_id, (3 * b.score + 2 * p.score) / 5 as mixed "
            "from marts.fct_role_evidence as b inner join marts.fct_role_evidence as p "
            "using (canonical_id) where b.role_id = 'b' and p.role_id = 'p' "
            "and b.status = 'ranked' and p.status = 'ranked' order by mixed desc limit 1"
        ).fetchall()
    best = picked(ipbr_rank, board, "--mix", "building=60,planning=40")["Best"]
    assert best["model"] == model
    assert best["score"] == pytest.approx(score)


def test_nothing_that_fits_is_said(ipbr_rank, board) -> None:
    process = ipbr_rank("pick", "--max-price", 0.001, "--database", board.database)
    assert process.returncode == 0
    lines = process.stdout.splitlines()
    assert len(lines) == 3
    assert all("  no " in line for line in lines)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--role", "b", "--mix", "b=1"], "cannot be combined"),
        (["--mix", "b"], "found 'b'"),
        (["--mix", "b=-1"], "weights of 0 or more"),
        (["--mix", "b=0"], "at least one above 0"),
        (["--mix", "cooking=1"], "expected one of"),
    ],
)
def test_a_mix_that_is_none(ipbr_rank, board, arguments: list[str], told: str) -> None:
    process = ipbr_rank("pick", *arguments, "--database", board.database)
    assert (process.returncode, process.stdout) == (2, "")
    assert told in process.stderr


def test_the_board_lists_places_and_then_what_has_none(
    ipbr_rank, board, ranked, n_models: int
) -> None:
    process = ipbr_rank("board", "-r", "b", "--all", "-f", "json", "--database", board.database)
    rows = json.loads(process.stdout)
    places = [row["place"] for row in rows]
    n_placed = len(ranked)
    assert len(rows) == n_models
    assert places[:n_placed] == sorted(places[:n_placed])
    assert set(places[n_placed:]) == {None}
    assert {row["status"] for row in rows[n_placed:]} == {"provisional"}
    ours = ipbr_rank("board", "-r", "b", "--top", 3, "-f", "json", "--database", board.database)
    assert json.loads(ours.stdout) == rows[:3]


@pytest.mark.parametrize("role", [(), ("--role", "building")])
def test_the_board_fits_80_columns(ipbr_rank, board, n_models: int, role: tuple[str, ...]) -> None:
    process = ipbr_rank("board", *role, "--all", "--database", board.database, COLUMNS="80")
    lines = process.stdout.splitlines()
    assert (process.returncode, process.stderr) == (0, "")
    assert len(lines) == n_models + 3
    assert max(map(len, lines)) <= 80
    assert lines[-1].startswith(f"{n_models} of {n_models} models; ")
    assert "\x1b" not in process.stdout


def test_filters_of_the_board(ipbr_rank, board, n_models: int) -> None:
    process = ipbr_rank(
        *("board", "--all", "--max-price", 2, "--open", "--own-evidence", 60),
        *("-f", "json", "--database", board.database),
    )
    rows = json.loads(process.stdout)
    assert 0 < len(rows) < n_models
    assert all(row["price_usd"] <= 2 and row["has_open_weights"] for row in rows)
    assert all(row["own_share"] >= 0.6 for row in rows)


def test_the_board_as_markdown(ipbr_rank, board) -> None:
    process = ipbr_rank("board", "--top", 2, "-f", "markdown", "--database", board.database)
    header, rule, *rows = process.stdout.splitlines()
    assert header.startswith("| place |")
    assert set(rule) <= set("|-: ")
    assert len(rows) == 2


def test_sources_are_listed_without_a_database(ipbr_rank, project: Path, tmp_path: Path) -> None:
    process = ipbr_rank("sources", "--cache", tmp_path, "-f", "json", cwd=tmp_path)
    rows = json.loads(process.stdout)
    assert [row["source"] for row in rows] == [
        source_id
        for source_id, source in load_sources(project).items()
        if isinstance(source, RemoteSource)
    ]
    assert {row["cache"].split(" (")[0] for row in rows} == {"not cached"}
    (tmp_path / "gso.json").touch()
    table = ipbr_rank("sources", "--cache", tmp_path).stdout
    assert "gso" in table and "fresh" in table
