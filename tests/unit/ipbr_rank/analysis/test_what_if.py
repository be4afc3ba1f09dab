"""`what-if`: exactly what a whole run under the same files would score, without writing a byte."""

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

from base.sql import spill_into
from ingest.registry import load_sources
from ipbr_rank.config import ConfigurationFiles, read_configuration
from ipbr_rank.engine import rebuild
from ipbr_rank.engine.overlay import Overlay
from ipbr_rank.engine.rebuild import Failure

FILES = {
    "coefficients": "coefficients.toml",
    "aliases": "required_aliases.toml",
    "overrides": "score_overrides.toml",
    "synthesis": "synthesis_aliases.toml",
}
SCORES = "select role_id, canonical_id, score, rank from marts.fct_role_scores"
# A donor of other models, which lose figures with it.
GONE = "moonshotai/kimi-k2.6"
# It has no figure of GSO.
RECEIVER = "qwen/qwen3.7-plus"
# Its name is in the recorded responses, and no model's.
NEW = "baidu/ernie-5.0"


def with_another_threshold(tables: dict[str, Any]) -> None:
    tables["coefficients"]["aggregation"]["trust_threshold"] = 0.55


def with_other_weights(tables: dict[str, Any]) -> None:
    weights = tables["coefficients"]["final_score_weights"]["I_raw"]
    first, second = list(weights)[:2]
    weights[first], weights[second] = weights[second], weights[first]


def with_doubled_weights(tables: dict[str, Any]) -> None:
    weights = tables["coefficients"]["final_score_weights"]["I_raw"]
    weights.update({key: 2 * weight for key, weight in weights.items()})


def with_another_transform(tables: dict[str, Any]) -> None:
    metric = tables["coefficients"]["metrics"]["LMArenaText"]
    assert metric["transform"] == "percentile"
    metric["transform"] = "tail_penalty"


def without_a_model(tables: dict[str, Any]) -> None:
    del tables["aliases"]["models"][GONE]
    for option in ("overrides", "synthesis"):
        for entries in tables[option].values():
            entries[:] = [entry for entry in entries if GONE not in str(entry)]


def under_another_name(tables: dict[str, Any]) -> None:
    tables["aliases"]["models"][GONE]["display_name"] = "Kimi of the test"


def without_a_reported_figure(tables: dict[str, Any]) -> None:
    tables["overrides"]["entries"].pop(0)


def without_a_pair(tables: dict[str, Any]) -> None:
    next(iter(tables["synthesis"].values())).pop(0)


def with_a_new_model(tables: dict[str, Any]) -> None:
    tables["aliases"]["models"][NEW] = {
        "vendor": "baidu",
        "display_name": "ERNIE of the test",
        "aliases": ["ernie-5-0-thinking-preview"],
    }


def with_a_new_figure(tables: dict[str, Any]) -> None:
    entries = tables["overrides"]["entries"]
    entries.append({**entries[0], "canonical_id": RECEIVER, "metric": "GSO", "value": 31.5})


def with_a_new_pair(tables: dict[str, Any]) -> None:
    pairs = tables["synthesis"]["pair"]
    pairs.append({"target": GONE, "from": "openai/gpt-5.5", "category": "conservative"})


def in_every_file(tables: dict[str, Any]) -> None:
    for change in (with_other_weights, without_a_model, with_a_new_figure, without_a_pair):
        change(tables)


def in_other_ways(tables: dict[str, Any]) -> None:
    for change in (
        with_another_threshold,
        with_another_transform,
        under_another_name,
        without_a_reported_figure,
        with_a_new_model,
        with_a_new_pair,
    ):
        change(tables)


def changed_files(project: Path, folder: Path, change: Callable) -> list[object]:
    """Options that name copies of the files that a change is made in."""
    tables, before = (
        {
            option: tomllib.loads((project / "data" / file).read_text("utf-8"))
            for option, file in FILES.items()
        }
        for _ in range(2)
    )
    change(tables)
    options: list[object] = []
    for option in FILES:
        if tables[option] != before[option]:
            path = folder / f"{option}.toml"
            path.write_text(tomli_w.dumps(tables[option]), "utf-8")
            options += [f"--{option}", path]
    assert options
    return options


def scores_in(database: Path) -> dict[tuple[str, str], tuple[float, int]]:
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = connection.execute(SCORES).fetchall()
    return {(role, model): (score, rank) for role, model, score, rank in rows}


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory, board: SimpleNamespace) -> Path:
    """A copy of the built database under another name, for runs under other files."""
    return shutil.copy(board.database, tmp_path_factory.mktemp("other") / "other.duckdb")


@pytest.mark.parametrize(
    "change",
    [in_every_file, pytest.param(in_other_ways, marks=pytest.mark.slow)],
    ids=lambda change: change.__name__,
)
def test_it_is_what_a_whole_run_scores(
    board: SimpleNamespace,
    other: Path,
    project: Path,
    ipbr_rank: Callable,
    tmp_path: Path,
    change: Callable,
) -> None:
    given = changed_files(project, tmp_path, change)
    told = ipbr_rank("what-if", "--database", board.database, *given, "--format", "json")
    assert told.returncode == 0, told.stderr
    files = {option: project / "data" / file for option, file in FILES.items()}
    files |= {name[2:]: path for name, path in zip(given[::2], given[1::2], strict=True)}
    configuration = read_configuration(ConfigurationFiles(**files), project, load_sources(project))
    spill_into(tmp_path)
    run = rebuild.build(
        project,
        other,
        tmp_path,
        configuration.write(tmp_path),
        on_progress=lambda *_: None,
        on_message=lambda _: None,
    )
    assert not run.is_by_dbt
    rows = json.loads(told.stdout)["scores"]
    before, after = (
        {
            (row["role_id"], row["canonical_id"]): (row[f"score_{when}"], row[f"rank_{when}"])
            for row in rows
            if row[f"rank_{when}"] is not None
        }
        for when in ("before", "after")
    )
    # To the last bit: it is the same SQL on the same figures.
    assert before == scores_in(board.database)
    assert after == scores_in(other)
    assert before != after


def test_it_writes_nothing(
    board: SimpleNamespace, project: Path, ipbr_rank: Callable, tmp_path: Path
) -> None:
    def everything() -> dict[Path, tuple[int, bytes]]:
        return {
            path: (path.stat().st_mtime_ns, path.read_bytes())
            for path in board.database.parent.rglob("*")
            if path.is_file()
        }

    before = everything()
    given = changed_files(project, tmp_path, with_another_threshold)
    process = ipbr_rank("what-if", "--database", board.database, *given, cwd=tmp_path)
    assert process.returncode == 0, process.stderr
    assert everything() == before
    assert [found.name for found in tmp_path.iterdir()] == ["coefficients.toml"]


def test_it_says_what_changes_and_whose_rank_moves(
    board: SimpleNamespace, project: Path, ipbr_rank: Callable, tmp_path: Path
) -> None:
    given = changed_files(project, tmp_path, with_another_threshold)
    given = ["what-if", "--database", board.database, *given]
    told = ipbr_rank(*given).stdout
    assert told.startswith(
        "Changes from the board of 2026-01-01 00:00 UTC:\n"
        "  coefficients: aggregation.trust_threshold 0.7 → 0.55\n\nIdea: "
    )
    rows = list(csv.DictReader(io.StringIO(ipbr_rank(*given, "--format", "csv").stdout)))
    moved = [row for row in rows if row["place_before"] != row["place_after"]]
    assert moved
    assert len(rows) == len(scores_in(board.database))
    for role_id, role in (("i", "Idea"), ("p", "Planning"), ("b", "Building"), ("r", "Reviewing")):
        n_moved = sum(row["role_id"] == role_id for row in moved)
        n_placed = sum(row["role_id"] == role_id and row["place_before"] != "" for row in rows)
        expected = f": {n_moved} places change; {n_placed} models have a place\nmodel "
        assert f"\n{role}{expected if n_moved else ': no place changes'}" in told
    assert told.count("→") == 1 + 3 * len(moved)
    (role,) = [ipbr_rank(*given, "--role", "planning", "--model", "gpt-5.5").stdout]
    assert role.endswith(
        "\nPlanning\nmodel    place          score         own evidence\n"
        "GPT-5.5  2 → 1  88.49 → 94.81  +6.33     79% → 79%\n"
    )


def test_a_model_that_comes_or_leaves_has_one_place(
    board: SimpleNamespace, project: Path, ipbr_rank: Callable, tmp_path: Path
) -> None:
    given = changed_files(project, tmp_path, without_a_model)
    told = ipbr_rank("what-if", "--database", board.database, *given).stdout
    (line, *_) = [line for line in told.splitlines() if line.startswith("Kimi K2.6 ")]
    place, _, gone, score, _, none, *_ = line.split()[2:]
    assert (gone, none) == ("–", "–") and float(score) > 0 and int(place) > 0


def test_it_says_what_has_come_and_gone(
    board: SimpleNamespace, project: Path, ipbr_rank: Callable, tmp_path: Path
) -> None:
    def everything(tables: dict[str, Any]) -> None:
        with_a_new_model(tables)
        with_a_new_figure(tables)
        without_a_pair(tables)
        tables["aliases"]["models"][GONE]["aliases"].append("kimi of the test")

    given = ["--database", board.database, *changed_files(project, tmp_path, everything)]
    told = ipbr_rank("what-if", *given, "--model", "ernie-5.0", "--role", "b")
    assert told.returncode == 0, told.stderr
    head, place = told.stdout.split("\n\n")
    assert sorted(head.splitlines()[1:]) == [
        f"  aliases: models.{NEW} is new",
        f"  aliases: models.{GONE}.aliases[kimi of the test] is new",
        f"  overrides: entries[{RECEIVER} GSO] is new",
        "  synthesis: pair[openai/gpt-5.5-pro openai/gpt-5.5] is gone",
    ]
    assert place.splitlines()[2].startswith("ERNIE of the test  – → ")
    changed = json.loads(ipbr_rank("what-if", *given, "--format", "json").stdout)["changed"]
    (figure,) = [one for one in changed if one["file"] == "overrides"]
    assert (figure["before"], figure["after"]["value"]) == (None, 31.5)


def test_an_edited_database_is_not_taken_for_the_built_one(
    other: Path, ipbr_rank: Callable, tmp_path: Path
) -> None:
    shutil.copytree(other.parent, tmp_path / "edited")
    database = tmp_path / "edited" / other.name
    with duckdb.connect(str(database)) as connection:
        connection.execute("update marts.fct_role_scores set score = score + 1, rank = rank + 1")
    process = ipbr_rank("what-if", "--database", database)
    assert (process.returncode, process.stdout) == (1, "")
    assert "fct_role_scores has changed since the last run" in process.stderr


def test_a_copy_is_the_board_too(board: SimpleNamespace, other: Path, ipbr_rank: Callable) -> None:
    process = ipbr_rank("what-if", "--database", other)
    assert process.returncode == 0, process.stderr


def test_the_same_files_change_nothing(
    board: SimpleNamespace, project: Path, ipbr_rank: Callable, tmp_path: Path
) -> None:
    given = ("what-if", "--database", board.database)
    assert ipbr_rank(*given).stdout == (
        "Nothing would change: the board of 2026-01-01 00:00 UTC was scored with these files.\n"
    )
    # A name moves nobody.
    renamed = changed_files(project, tmp_path, under_another_name)
    told = json.loads(ipbr_rank(*given, *renamed, "--format", "json").stdout)
    assert len(told["changed"]) == 1
    assert all(row["score_before"] == row["score_after"] for row in told["scores"])
    told = ipbr_rank(*given, "--model", "gpt-5.5", "--role", "b").stdout
    score, _ = scores_in(board.database)["b", "openai/gpt-5.5"]
    assert told.endswith(
        ".\n\nBuilding\nmodel    place          score        own evidence\n"
        f"GPT-5.5  1 → 1  {score:.2f} → {score:.2f}  0.00     90% → 90%\n"
    )
    told = json.loads(ipbr_rank(*given, "--format", "json").stdout)
    assert told["changed"] == []
    assert all(row["score_before"] == row["score_after"] for row in told["scores"])


def test_a_fault_is_told_as_a_run_tells_it(
    board: SimpleNamespace, project: Path, ipbr_rank: Callable, tmp_path: Path
) -> None:
    given = changed_files(project, tmp_path, with_doubled_weights)
    process = ipbr_rank("what-if", "--database", board.database, *given)
    assert (process.returncode, process.stdout) == (2, "")
    assert "I_raw" in process.stderr
    process = ipbr_rank("what-if", "--database", board.database, "--role", "poet")
    assert process.returncode == 2
    assert "--role: expected one of b (Building)" in process.stderr
    process = ipbr_rank("what-if", "--database", board.database, "--model", "nobody")
    assert process.returncode == 2
    assert process.stderr == (
        "error: no model on the board is called 'nobody'; expected an id or a name; "
        "`ipbr-rank list-models` lists the ids\n"
    )
    process = ipbr_rank("what-if", "--database", tmp_path / "none.duckdb")
    assert process.returncode == 1
    assert "there is no database" in process.stderr
    # Where no check of the files stands before them, the tests of dbt see the fault.
    files = {f"{name}_path": str(project / "data" / file) for name, file in FILES.items()}
    files |= {"coefficients_path": str(given[1])}
    with (
        Overlay(project, board.database, "?") as overlay,
        pytest.raises(Failure, match="assert_weights_sum_to_one"),
    ):
        query = "select count(*) from marts.fct_role_scores"
        overlay.score({"fct_role_scores": query}, variables=files)


def test_a_database_of_another_version_is_not_scored(
    board: SimpleNamespace, ipbr_rank: Callable, tmp_path: Path
) -> None:
    database = shutil.copy(board.database, tmp_path / "earlier.duckdb")
    with duckdb.connect(str(database)) as connection:
        connection.execute("update ops.build_keys set key = 'earlier' where node = 'manifest'")
    process = ipbr_rank("what-if", "--database", database)
    assert process.returncode == 1
    assert "build the database again" in process.stderr
