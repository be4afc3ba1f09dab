"""`diff`: each kind of change ends up in its own column, and effects and rest make the move."""

import csv
import io
import json
import re
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
import tomli_w

from base.scoreboard import SCORE_KEYS
from ipbr_rank.analysis.rank_changes.report import diff

EARLIER = "2025-12-25T00:00:00Z"
EFFECTS = ("own", "others", "population", "coefficients", "aliases", "stand_ins")
OPUS = "anthropic/claude-opus-4.7"
# A donor of five models, by whose departure they lose figures.
KIMI = "moonshotai/kimi-k2.6"
RENAMED = "anthropic/claude-opus-4.6"
METRIC = "ARC_AGI_2"
# The figure of Opus 4.7, and the same one of Opus 4.6 and GPT-5.5: now and then.
GSO = {"figures": ("42.16", "12.5"), "more_figures": ("37.25", "50.0")}
# Six decimals of the earlier file.
ROUNDING = 1e-6


class Boards:
    """Earlier boards, each scored in truth from an input that is changed in one way or several."""

    def __init__(self, folder: Path, run: Callable, project: Path) -> None:
        self.folder, self._run, self.project = folder, run, project
        self.database = folder / "ipbr.duckdb"
        self._cache = folder / "cache"
        self._scored: dict[str, Path] = {}
        shutil.copytree(project / "data" / "fixtures", self._cache)

    def score(self, *kinds: str) -> Path:
        """The scoreboard.toml of what was scored with the changes of these kinds."""
        name = "_".join(kinds)
        if name in self._scored:
            return self._scored[name]
        tables = {
            option: tomllib.loads((self.project / "data" / f"{file}.toml").read_text("utf-8"))
            for option, file in (
                ("coefficients", "coefficients"),
                ("aliases", "required_aliases"),
                ("overrides", "score_overrides"),
                ("synthesis", "synthesis_aliases"),
            )
        }
        for kind in kinds:
            if kind not in GSO:
                globals()[f"without_{kind}"](tables)
        options = []
        for option, content in tables.items():
            path = self.folder / f"{name}_{option}.toml"
            path.write_text(tomli_w.dumps(content), "utf-8")
            options += [f"--{option}", path]
        text = (self.project / "data" / "fixtures" / "gso.json").read_text("utf-8")
        for old, new in (GSO[kind] for kind in kinds if kind in GSO):
            assert f'"score_hack_control":{old}' in text
            text = text.replace(f'"score_hack_control":{old}', f'"score_hack_control":{new}')
        (self._cache / "gso.json").write_text(text, "utf-8")
        # A board of other files is an experiment, and has a database of its own.
        is_experiment = any(kind not in GSO for kind in kinds)
        self.database = self.folder / ("other.duckdb" if is_experiment else "ipbr.duckdb")
        process = self._run(
            *("score", "--offline", "--cache", self._cache, "--now", EARLIER, "--quiet"),
            *("--database", self.database, "--out", self.folder / name, *options),
        )
        assert process.returncode == 0, process.stderr
        self._scored[name] = self.folder / name / "scoreboard.toml"
        return self._scored[name]


def without_coefficients(tables: dict[str, Any]) -> None:
    """As if other numbers had been in force."""
    tables["coefficients"]["aggregation"]["trust_threshold"] = 0.8
    tables["coefficients"]["penalties"]["override_reported"] = 0.2


def without_metric(tables: dict[str, Any]) -> None:
    """As if a metric had not been declared, which then has no figures either."""
    del tables["coefficients"]["metrics"][METRIC]
    for kind in ("group_weights", "composite_metrics"):
        for weights in tables["coefficients"][kind].values():
            rest = 1 - weights.pop(METRIC, 0)
            weights.update({metric: weight / rest for metric, weight in weights.items()})
    tables["overrides"]["entries"] = [
        entry for entry in tables["overrides"]["entries"] if entry["metric"] != METRIC
    ]


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
    """As if a model's name on the boards of SWE Atlas had not been known."""
    tables["aliases"]["models"][RENAMED]["aliases"].remove("opus 4.6")


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


@pytest.mark.parametrize(
    ("kind", "column"),
    [
        ("coefficients", "coefficients"),
        pytest.param("metric", "coefficients", marks=pytest.mark.slow),
        pytest.param("population", "population", marks=pytest.mark.slow),
    ],
)
def test_a_change_of_one_kind_is_in_its_column(boards, board, project, kind, column):
    previous = boards.score(kind)
    # There and back: what arrives on the one way leaves on the other.
    for earlier, database in (
        (previous, board.database),
        (board.out / "scoreboard.toml", boards.database),
    ):
        found = told(project, database, earlier)
        require_pure(require_whole(found, earlier, database), column)
        one_more = [KIMI] if kind == "population" else []
        is_back = database == boards.database
        assert (found["arrived"], found["left"]) == (([], one_more) if is_back else (one_more, []))


def test_a_figure_moves_its_model_and_the_others(boards, board, project):
    previous = boards.score("figures")
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


@pytest.mark.slow
def test_own_figures_and_those_of_several_others(boards, board, project):
    previous = boards.score("figures", "more_figures")
    before = published(previous)
    moves = require_whole(told(project, board.database, previous), previous, board.database)
    with_own, with_others = (published(boards.score(kind)) for kind in ("more_figures", "figures"))
    changed = {OPUS, "anthropic/claude-opus-4.6", "openai/gpt-5.5"}
    for move in moves:
        key = (move["canonical_id"], move["role_id"])
        effects = {"own": with_own, "others": with_others} if key[0] == OPUS else {}
        for name, truth in effects.items():
            assert move[f"{name}_points"] == pytest.approx(
                truth[key][0] - before[key][0], abs=ROUNDING
            )
            assert move[f"{name}_places"] == before[key][1] - truth[key][1]
        if key[0] not in changed:
            assert move["others_points"] == pytest.approx(move["score_move"], abs=ROUNDING)
            assert move["others_places"] == move["rank_move"]
        assert bool(move["own_points"]) <= (key[0] in changed)
    assert any(move["own_points"] for move in moves if move["canonical_id"] == "openai/gpt-5.5")
    text = told(project, board.database, previous, "text", model="gpt-5.4", role="b")
    assert "    others: Claude Opus 4.6 +0.19; GPT-5.5 +0.19\n" in text


@pytest.mark.slow
def test_everything_at_once(boards, board, project):
    """Each effect is what a board shows that was scored in truth with this one input exchanged.

    The earlier pairs are not in the earlier file, so they are exchanged first.
    """
    previous = boards.score(*ALL)
    moves = require_whole(told(project, board.database, previous), previous, board.database)
    before, pairs = published(previous), published(boards.score(*ALL[:-1]))
    for kind in ALL:
        rest = [other for other in ALL[:-1] if other != kind]
        one, base = (
            (pairs, before) if kind == "stand_ins" else (published(boards.score(*rest)), pairs)
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


def test_without_earlier_coefficients_they_are_taken_as_unchanged(boards, board, project, tmp_path):
    previous = tmp_path / "scoreboard.toml"
    shutil.copy(boards.score("coefficients"), previous)
    found = told(project, board.database, previous)
    assert found["coefficients_are_known"] is False
    for move in found["moves"]:
        # What the earlier scores have that the present coefficients do not give.
        assert move["rest_points"] == pytest.approx(move["score_move"], abs=1e-9)
        assert move["unreproduced_points"] == pytest.approx(move["score_move"], abs=ROUNDING)
    text = " ".join(told(project, board.database, previous, "text", role="b").split())
    assert "Coefficients: assumed unchanged, because there is no coefficients.toml beside" in text
    worst = max(
        abs(move["unreproduced_points"])
        for move in found["moves"]
        if move["role_id"] == "b" and move["rank_move"]
    )
    assert f"does not give the earlier scores (off by up to {worst:.3g} points, " in text
    # Named, they explain it.
    beside = boards.score("coefficients").with_name("coefficients.toml")
    found = told(project, board.database, previous, previous_coefficients=beside)
    assert found["coefficients_are_known"] is True
    require_pure(require_whole(found, previous, board.database), "coefficients")


def test_text(boards, board, project):
    previous = boards.score(*ALL)
    text = told(project, board.database, previous, "text")
    lines = text.splitlines()
    assert max(map(len, lines)) <= 100
    assert lines[:5] == [
        "Between the boards of 2025-12-25 00:00 UTC and 2026-01-01 00:00 UTC:",
        "New: Kimi K2.6.",
        "Changed: 1 value of 1 model, 3 values by other aliases of 1 model.",
        "Coefficients: aggregation.trust_threshold 0.8 → 0.7, penalties.override_reported 0.2 → "
        "0.1.",
        "",
    ]
    moves = told(project, board.database, previous, role="r")["moves"]
    n_moved = sum(move["rank_move"] not in (0, None) for move in moves)
    start = lines.index(f"Reviewing: {n_moved} ranks moved")
    assert lines[start + 1].split() == [
        *("model", "score", "own", "others", "came/left", "coeff.", "aliases", "stand-ins", "rest")
    ]
    name = "Claude Opus 4.6  "
    (place,) = [place for place, line in enumerate(lines) if place > start and name in line[:17]]
    (move,) = [move for move in moves if move["canonical_id"] == RENAMED]
    cells = lines[place].removeprefix(name).split()
    assert cells[:3] == [f"{move['score_before']:.2f}", "→", f"{move['score_after']:.2f}"]
    assert float(cells[7]) == round(move["aliases_points"], 2) > 1
    assert lines[place + 1].split()[:3] == ["6", "→", "5"]
    places = [move["place_before"], move["place_after"]]
    assert None not in places
    stands = str(places[1]) if places[0] == places[1] else f"{places[0]} → {places[1]}"
    assert lines[place + 2] == f"    place {stands}; {move['own_share_after']:.0%} own evidence"
    assert [line.removeprefix("    ") for line in lines[place + 3 : place + 7]] == [
        "figures: SWEAtlasRefactoring none → 35.58 percent (sweatlas_refactoring, Opus-4.6 (Claude",
        "Code)); SWEAtlasQnA none → 33.3 percent (sweatlas_qna, Opus 4.6 (Claude Code));",
        "SWEAtlasTestWriting none → 36.67 percent (sweatlas_test_writing, Opus-4.6 (Claude Code))",
        "others: Claude Opus 4.7 -0.04",
    ]


def test_one_model_in_one_role_and_csv(boards, board, project):
    previous = boards.score(*ALL)
    options = {"model": "claude-opus-4.6", "role": "Reviewing"}
    rows = list(
        csv.DictReader(io.StringIO(told(project, board.database, previous, "csv", **options)))
    )
    assert [(row["role_id"], row["canonical_id"]) for row in rows] == [("r", RENAMED)]
    points = sum(float(rows[0][f"{name}_points"]) for name in (*EFFECTS, "rest"))
    assert points == pytest.approx(float(rows[0]["score_move"]), abs=1e-9)
    text = told(project, board.database, previous, "text", **options)
    is_moved = rows[0]["place_before"] != rows[0]["place_after"]
    # Two coefficients, score, rank and three values.
    assert text.count("→") == 7 + is_moved
    assert "\nReviewing\nmodel" in text
    text = told(project, board.database, previous, "text", model=KIMI)
    assert text.startswith("Kimi K2.6 is not on the earlier board.\nNew: Kimi K2.6.\n")


def test_odd_files_are_scored_as_far_as_they_go(board, project, tmp_path):
    """A donor is nowhere, a name would steer the terminal, zero has no logarithm."""
    text = (board.out / "scoreboard.toml").read_text("utf-8")
    text = text.replace(f'canonical_id = "{KIMI}"', 'canonical_id = "gone/gone"')
    text = text.replace('display_name = "Kimi K2.6"', 'display_name = "Go\\u001b[2Jne"')
    # The first is the normalised one, the second the raw one of the same model.
    speed = list(re.finditer(r"^OutputSpeed = [\d.]+$", text, re.MULTILINE))[1]
    assert text.rindex("[models.raw_metrics]", 0, speed.start()) > text.rindex(
        "[models.metrics]", 0, speed.start()
    )
    found = []
    for line in ("OutputSpeed = 0.0", ""):
        previous = tmp_path / "scoreboard.toml"
        previous.write_text(text[: speed.start()] + line + text[speed.end() :], "utf-8")
        found.append(told(project, board.database, previous))
    zero, missing = found
    assert zero == missing
    assert (zero["arrived"], zero["left"]) == ([KIMI], ["gone/gone"])
    n_models = len(tomllib.loads(text)["models"])
    assert len(zero["moves"]) == 4 * (n_models - 1)
    for move in zero["moves"]:
        points = sum(move[f"{name}_points"] for name in (*EFFECTS, "rest"))
        assert points == pytest.approx(move["score_after"] - move["score_before"], abs=1e-9)
    shown = told(project, board.database, previous, "text")
    assert "Left: Go\ufffd[2Jne." in shown


def test_nothing_moved(board, project):
    previous = board.out / "scoreboard.toml"
    assert told(project, board.database, previous, "text", role="Idea") == (
        "No rank moved in Idea between the boards of 2026-01-01 00:00 UTC and 2026-01-01 00:00 "
        "UTC.\nNo value changed.\nCoefficients: unchanged.\n"
    )
    for move in require_whole(told(project, board.database, previous), previous, board.database):
        assert [move[f"{name}_points"] for name in EFFECTS] == [0.0] * len(EFFECTS)
        assert move["rank_move"] == 0


def test_names_that_nobody_has_looked_at_are_listed(board, project, tmp_path):
    database = Path(shutil.copy(board.database, tmp_path))
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            "insert into marts.rpt_names_to_review values"
            " ('gso', 'acme/GPT-5.5 fp4', null, 'openai/gpt-5.5', 'affix_stripped', 'acme fp4', 3)"
        )
    text = told(project, database, board.out / "scoreboard.toml", "text", role="Idea")
    head, listed = text.split("Newly resolved names to review: 1\n")
    assert head.startswith("No rank moved")
    (_, line) = listed.splitlines()
    assert re.split("  +", line.strip()) == [
        *("gso", "acme/GPT-5.5 fp4", "→ openai/gpt-5.5", "words taken off", "acme fp4")
    ]
    (name,) = told(project, database, board.out / "scoreboard.toml")["names_to_review"]
    assert (name["name"], name["canonical_id"]) == ("acme/GPT-5.5 fp4", "openai/gpt-5.5")


def test_values_of_another_scale_are_no_news_of_the_models(board, project, tmp_path):
    database = Path(shutil.copy(board.database, tmp_path))
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            "update marts.dim_sources set scale_version = '4.3'"
            " where source_id = 'artificial_analysis'"
        )
    previous = tmp_path / "scoreboard.toml"
    table = "[sources.artificial_analysis]\n"
    text = (board.out / "scoreboard.toml").read_text("utf-8")
    previous.write_text(text.replace(table, f'{table}scale_version = "4.1"\n'), "utf-8")
    found = told(project, database, previous)
    assert found["changed_scales"] == {"artificial_analysis": {"before": "4.1", "after": "4.3"}}
    text = " ".join(told(project, database, previous, "text", role="Idea").split())
    assert (
        "Scales: artificial_analysis 4.1 → 4.3. Values on different versions of a scale are" in text
    )
    # Without a version on either side there is nothing to tell.
    assert told(project, database, board.out / "scoreboard.toml")["changed_scales"] == {}


def test_what_cannot_be_compared_is_told(ipbr_rank, board, project, tmp_path):
    whole = (board.out / "scoreboard.toml").read_text("utf-8")
    coefficients = (project / "data" / "coefficients.toml").read_text("utf-8")

    def refused(text: str, *arguments: object, coefficients: str | None = None) -> str:
        previous = tmp_path / "earlier.toml"
        previous.write_text(text, "utf-8")
        if coefficients is not None:
            (tmp_path / "its.toml").write_text(coefficients, "utf-8")
            arguments = (*arguments, "--prev-coefficients", tmp_path / "its.toml")
        process = ipbr_rank("diff", "--prev", previous, "--database", board.database, *arguments)
        assert (process.returncode, process.stdout) == (2, ""), process.stderr
        assert process.stderr.startswith("error: ")
        assert process.stderr.count("\n") == 1
        return process.stderr

    assert "expected an earlier scoreboard.toml, found an unreadable file" in refused("[")
    assert "expected a board of the edition 'full', as in the database, found 'publ" in refused(
        whole.replace('edition = "full"', 'edition = "publishable"', 1)
    )
    # What would steer a terminal is not printed.
    foreign = refused(whole.replace('methodology = "v1"', 'methodology = "v\\u001b2"', 1))
    assert "expected a board of the methodology 'v1'" in foreign
    assert "\x1b" not in foreign
    assert "expected an earlier scoreboard.toml with evidence.LMArenaText of " in refused(
        whole.replace("[models.evidence.LMArenaText]", "[models.evidence.Other]", 1)
    )
    assert "no model on the board is called 'nobody'" in refused(whole, "--model", "nobody")
    assert "--role: expected one of b (Building)" in refused(whole, "--role", "x")
    wrong = refused(whole, coefficients="unknown = 1\n" + coefficients)
    assert "its.toml: unknown: unknown key" in wrong


def test_what_is_not_there(ipbr_rank, board, tmp_path):
    previous = board.out / "scoreboard.toml"
    process = ipbr_rank("diff", "--database", board.database)
    assert process.returncode == 2
    assert "give --prev scoreboard.toml" in process.stderr
    process = ipbr_rank("diff", "--prev", previous, "--database", tmp_path / "no.duckdb")
    assert process.returncode == 1
    assert "there is no database" in process.stderr
    # A copy elsewhere holds all that is needed, unless somebody has taken it away.
    shutil.copy(board.database, tmp_path / "copy.duckdb")
    process = ipbr_rank("diff", "--prev", previous, "--database", tmp_path / "copy.duckdb")
    assert process.returncode == 0
    with duckdb.connect(str(tmp_path / "copy.duckdb")) as connection:
        connection.execute("drop table ops.build_keys")
    process = ipbr_rank("diff", "--prev", previous, "--database", tmp_path / "copy.duckdb")
    assert process.returncode == 1
    assert "built from the project's present files" in process.stderr
    assert "build the database again with `ipbr-rank score`" in process.stderr
