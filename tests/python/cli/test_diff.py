"""`diff`: each kind of change ends up in its own column, and effects and rest make the move."""

import csv
import io
import json
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import pytest
import tomli_w

from ingest.errors import ConfigurationError, IpbrError
from ingest.previous_figures import SCORE_KEYS
from ipbr_rank.diffing import diff

EARLIER = "2025-12-25T00:00:00Z"
EFFECTS = ("own", "others", "population", "coefficients", "aliases", "stand_ins")
OPUS = "anthropic/claude-opus-4.7"
# A donor of five models, by whose departure they lose figures.
KIMI = "moonshotai/kimi-k2.6"
SEARCHING = "openai/gpt-5.4"
# Six decimals of the earlier file.
ROUNDING = 1e-6


class Boards:
    """Earlier boards, each scored in truth from an input that is changed in one way or several."""

    def __init__(self, folder: Path, run: Callable, project: Path) -> None:
        self.folder, self._run, self.project = folder, run, project
        self.database = folder / "ipbr.duckdb"
        self._cache = folder / "cache"
        shutil.copytree(project / "data" / "fixtures", self._cache)
        gso = (self._cache / "gso.json").read_text("utf-8")
        assert gso.count('"score_hack_control":42.16') == 1
        (self._cache / "gso.json").write_text(
            gso.replace('"score_hack_control":42.16', '"score_hack_control":12.5'), "utf-8"
        )

    def score(self, name: str, *kinds: str) -> Path:
        """The scoreboard.toml of what was scored with the changes of these kinds."""
        tables = {
            name: tomllib.loads((self.project / "data" / f"{file}.toml").read_text("utf-8"))
            for name, file in (
                ("coefficients", "coefficients"),
                ("aliases", "required_aliases"),
                ("overrides", "score_overrides"),
                ("synthesis", "synthesis_aliases"),
            )
        }
        for kind in kinds:
            if kind != "figures":
                globals()[f"without_{kind}"](tables)
        options = []
        for option, content in tables.items():
            path = self.folder / f"{name}_{option}.toml"
            path.write_text(tomli_w.dumps(content), "utf-8")
            options += [f"--{option}", path]
        cache = self._cache if "figures" in kinds else self.project / "data" / "fixtures"
        process = self._run(
            *("score", "--offline", "--cache", cache, "--now", EARLIER, "--quiet"),
            *("--database", self.database, "--out", self.folder / name, *options),
        )
        assert process.returncode == 0, process.stderr
        return self.folder / name / "scoreboard.toml"


def without_coefficients(tables: dict[str, Any]) -> None:
    """As if some weights had been others, and a metric had not been declared at all."""
    tables["coefficients"]["aggregation"]["trust_threshold"] = 0.8
    tables["coefficients"]["penalties"]["override_reported"] = 0.2


def without_population(tables: dict[str, Any]) -> None:
    """As if a model had not been listed, and nothing been said of it."""
    del tables["aliases"]["models"][KIMI]
    tables["overrides"]["entries"] = [
        entry for entry in tables["overrides"]["entries"] if entry["canonical_id"] != KIMI
    ]
    tables["synthesis"]["pair"] = [
        pair for pair in tables["synthesis"]["pair"] if KIMI not in (pair["target"], pair["from"])
    ]


def without_aliases(tables: dict[str, Any]) -> None:
    """As if a model's name on LMArena's search board had not been known."""
    tables["aliases"]["models"][SEARCHING]["aliases"].remove("gpt-5.4-search")


def without_stand_ins(tables: dict[str, Any]) -> None:
    """As if no figures had been lent to one model."""
    tables["synthesis"]["pair"] = [
        pair for pair in tables["synthesis"]["pair"] if pair["target"] != "openai/gpt-5.4-pro"
    ]


ALL = ("figures", "coefficients", "population", "aliases", "stand_ins")


@pytest.fixture(scope="module")
def boards(tmp_path_factory: pytest.TempPathFactory, ipbr_rank: Callable, project: Path) -> Boards:
    """Where earlier boards are scored."""
    return Boards(tmp_path_factory.mktemp("diff"), ipbr_rank, project)


def told(project: Path, database: Path, previous: Path, form: str = "json", **options: Any) -> Any:
    """What the command writes."""
    out = io.StringIO()
    given = {"previous_coefficients": None, "model": None, "role": None} | options
    diff(project, database, previous, form=form, out=out, **given)
    return json.loads(out.getvalue()) if form == "json" else out.getvalue()


def published(scoreboard: Path) -> dict[tuple[str, str], tuple[float, int]]:
    """Score and rank in the file by model and role."""
    return {
        (model["canonical_id"], role): (model["scores"][key], model["ranks"][role])
        for model in tomllib.loads(scoreboard.read_text("utf-8"))["models"]
        for role, key in SCORE_KEYS.items()
    }


def built(database: Path) -> dict[tuple[str, str], tuple[float, int]]:
    """Score and rank in the database by model and role."""
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = connection.execute(
            "select canonical_id, role_id, score, rank from marts.fct_role_scores"
        ).fetchall()
    return {(model, role): (score, rank) for model, role, score, rank in rows}


def require_whole(found: dict[str, Any], previous: Path, database: Path) -> list[dict[str, Any]]:
    """Every model of both boards is told in every role, and its parts sum to its move."""
    before, after = published(previous), built(database)
    moves = found["moves"]
    assert {
        (move["canonical_id"], move["role_id"]) for move in moves
    } == before.keys() & after.keys()
    assert len(moves) == len(before.keys() & after.keys()) >= 4 * 48
    for move in moves:
        key = (move["canonical_id"], move["role_id"])
        assert (move["score_before"], move["rank_before"]) == before[key]
        assert (move["score_after"], move["rank_after"]) == after[key]
        points = sum(move[f"{name}_points"] for name in (*EFFECTS, "rest"))
        assert points == pytest.approx(after[key][0] - before[key][0], abs=1e-9)
        places = sum(move[f"{name}_places"] for name in (*EFFECTS, "rest"))
        assert places == before[key][1] - after[key][1]
        # The earlier board is scored again as it was.
        assert abs(move["unreproduced_points"]) <= ROUNDING
    return moves


def require_pure(moves: list[dict[str, Any]], *columns: str) -> None:
    """The whole move is in these columns, in points and in places."""
    assert any(move["rank_move"] for move in moves)
    for move in moves:
        for name in (*EFFECTS, "rest"):
            if name not in columns:
                allowed = ROUNDING if name == "rest" else 1e-9
                assert abs(move[f"{name}_points"]) <= allowed, move
                assert move[f"{name}_places"] == 0, move


@pytest.mark.parametrize("kind", ["coefficients", "population", "aliases", "stand_ins"])
def test_a_change_of_one_kind_is_in_its_column(boards, board, project, kind):
    previous = boards.score(kind, kind)
    # There and back: what arrives on the one way leaves on the other.
    for earlier, database in (
        (previous, board.database),
        (board.out / "scoreboard.toml", boards.database),
    ):
        found = told(project, database, earlier)
        require_pure(require_whole(found, earlier, database), kind)
        one_more = [KIMI] if kind == "population" else []
        is_back = database == boards.database
        assert (found["arrived"], found["left"]) == (([], one_more) if is_back else (one_more, []))


def test_a_figure_moves_its_model_and_the_others(boards, board, project):
    previous = boards.score("figures", "figures")
    moves = require_whole(told(project, board.database, previous), previous, board.database)
    require_pure(moves, "own", "others")
    for move in moves:
        mine, theirs = ("own", "others") if move["canonical_id"] == OPUS else ("others", "own")
        assert abs(move[f"{theirs}_points"]) <= 1e-9
        assert move[f"{theirs}_places"] == 0
        assert move[f"{mine}_points"] == pytest.approx(move["score_move"], abs=ROUNDING)
        assert move[f"{mine}_places"] == move["rank_move"]
    assert any(move["own_points"] for move in moves)
    assert any(move["others_points"] for move in moves)


def test_everything_at_once(boards, board, project):
    """Each effect is what a board shows that was scored in truth with this one input exchanged.

    The earlier pairs are not in the earlier file, so they are exchanged first.
    """
    previous = boards.score("all", *ALL)
    moves = require_whole(told(project, board.database, previous), previous, board.database)
    before, pairs = published(previous), published(boards.score("pairs", *ALL[:-1]))
    for kind in ALL:
        rest = [other for other in ALL[:-1] if other != kind]
        one, base = (
            (pairs, before)
            if kind == "stand_ins"
            else (published(boards.score(f"but_{kind}", *rest)), pairs)
        )
        for move in moves:
            key = (move["canonical_id"], move["role_id"])
            name = kind
            if kind == "figures":
                name = "own" if move["canonical_id"] == OPUS else "others"
            change = one[key][0] - base[key][0]
            assert move[f"{name}_points"] == pytest.approx(change, abs=ROUNDING), (kind, key)
            assert move[f"{name}_places"] == base[key][1] - one[key][1]
    for name in EFFECTS:
        assert any(abs(move[f"{name}_points"]) > 0.001 for move in moves), name
    # Coefficients and figures change together what they do not change alone.
    assert any(abs(move["rest_points"]) > ROUNDING for move in moves)


def test_text(boards, board, project):
    previous = boards.score("shown", *ALL)
    text = told(project, board.database, previous, "text")
    assert max(map(len, text.splitlines())) <= 100
    print(text)
