"""Reading the marts and scoreboard.toml: whole, in order, or with one clear message."""

import dataclasses
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from base.errors import IpbrError, RenderError
from base.scoreboard import SCHEMA_VERSION
from render.board import Board
from render.files.toml import write_coefficients, write_scoreboard
from render.from_marts import read_board
from render.from_scoreboard import read_scoreboard
from tests.support.made_up import GENERATED_AT, N_MODELS, TABLES


def test_reads_every_mart(made_up: Board) -> None:
    assert made_up.run.generated_at == GENERATED_AT
    assert [role.role_id for role in made_up.roles] == ["i", "p", "b", "r"]
    assert len(made_up.scoreboard) == N_MODELS
    # Nothing is withheld from the full edition.
    assert made_up.withheld_weight == ()
    for field in dataclasses.fields(made_up):
        assert getattr(made_up, field.name) or field.name == "withheld_weight", field.name


def test_reads_in_the_order_of_the_keys(made_up: Board) -> None:
    models = [row.canonical_id for row in made_up.scoreboard]
    assert models == sorted(models)
    keys = [(row.canonical_id, row.metric_id) for row in made_up.measurements]
    assert keys == sorted(keys)


def test_does_not_write_to_the_database(database: Path) -> None:
    before = database.read_bytes()
    read_board(database)
    assert database.read_bytes() == before


def test_a_missing_database_is_named(tmp_path: Path) -> None:
    with pytest.raises(IpbrError, match=r"there is no database .*none.duckdb") as caught:
        read_board(tmp_path / "none.duckdb")
    assert caught.value.exit_code == 1


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "text.duckdb"
    path.write_text("not a database " * 500, encoding="utf-8")
    with pytest.raises(RenderError, match=r"text\.duckdb cannot be opened"):
        read_board(path)


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("drop table marts.dim_groups", "has no table marts.dim_groups"),
        (
            "alter table marts.dim_roles drop column letter",
            "marts.dim_roles lacks the column letter",
        ),
        ("delete from marts.dim_runs", "expected one row in marts.dim_runs .* found 0"),
        (
            "update marts.rpt_scoreboard set balanced = null",
            "marts.rpt_scoreboard.balanced is null",
        ),
    ],
)
def test_marts_that_are_not_as_promised_are_named(
    database: Path, tmp_path: Path, statement: str, message: str
) -> None:
    changed = shutil.copy(database, tmp_path / "changed.duckdb")
    with duckdb.connect(str(changed)) as connection:
        connection.execute(statement)
    with pytest.raises(RenderError, match=message):
        read_board(changed)


def test_columns_that_are_not_needed_do_no_harm(database: Path, tmp_path: Path) -> None:
    changed = shutil.copy(database, tmp_path / "changed.duckdb")
    with duckdb.connect(str(changed)) as connection:
        for table in TABLES:
            connection.execute(f"alter table marts.{table} add column later integer")
    assert read_board(changed) == read_board(database)


def test_a_scoreboard_alone_gives_the_same_table(made_up: Board, tmp_path: Path) -> None:
    write_scoreboard(made_up, tmp_path / "scoreboard.toml")
    write_coefficients(made_up, tmp_path / "coefficients.toml")
    alone = read_scoreboard(tmp_path / "scoreboard.toml")
    not_told = {"open_weights", "release_date"}
    to_six_decimals = {"balanced", "coverage_share"}
    for ours, theirs in zip(alone.scoreboard, made_up.scoreboard, strict=True):
        for field in dataclasses.fields(ours):
            one, other = getattr(ours, field.name), getattr(theirs, field.name)
            if field.name in not_told:
                assert one is None
            elif field.name in to_six_decimals or field.name[1:] in ("", "_raw", "_adj"):
                assert one == pytest.approx(other, abs=1e-6)
            else:
                assert one == other, field.name


def test_a_scoreboard_alone_gives_the_same_ranks_and_shares(made_up: Board, tmp_path: Path) -> None:
    """Found by the marts' own SQL; figures and scores stand there with six decimals."""
    write_scoreboard(made_up, tmp_path / "scoreboard.toml")
    write_coefficients(made_up, tmp_path / "coefficients.toml")
    alone = read_scoreboard(tmp_path / "scoreboard.toml")
    for table, key in (("measurements", "metric_id"), ("group_scores", "group_id")):
        ours, theirs = (
            {
                (row.canonical_id, getattr(row, key)): row.rank
                for row in getattr(board, table)
                if row.rank is not None
            }
            for board in (alone, made_up)
        )
        assert ours == theirs
        assert len(set(ours.values())) > 20
    shares, expected = (
        {(entry.metric_id, entry.role_id): entry for entry in board.metric_shares or ()}
        for board in (alone, made_up)
    )
    assert shares.keys() == expected.keys()
    for place, entry in shares.items():
        assert entry.weight_share == pytest.approx(expected[place].weight_share)
        assert entry.total_share == pytest.approx(expected[place].total_share)


def test_a_scoreboard_of_which_the_coefficients_are_others(made_up: Board, tmp_path: Path) -> None:
    write_scoreboard(made_up, tmp_path / "scoreboard.toml")
    write_coefficients(made_up, tmp_path / "coefficients.toml")
    path = tmp_path / "coefficients.toml"
    path.write_text(path.read_text("utf-8").replace("CRE = ", "NEW = "), "utf-8")
    with pytest.raises(RenderError, match=r"a different coefficients\.toml .*/.* has no group NEW"):
        read_scoreboard(tmp_path / "scoreboard.toml")


def test_what_a_scoreboard_does_not_tell_is_none(made_up: Board, tmp_path: Path) -> None:
    write_scoreboard(made_up, tmp_path / "scoreboard.toml")
    alone = read_scoreboard(tmp_path / "scoreboard.toml")
    assert alone.weights is None
    assert alone.metrics is None
    assert alone.metric_shares is None
    assert alone.group_contributions is None
    assert {row.coverage_share for row in alone.scoreboard} == {None}


def test_sources_keep_their_attribution(made_up: Board, tmp_path: Path) -> None:
    write_scoreboard(made_up, tmp_path / "scoreboard.toml")
    alone = read_scoreboard(tmp_path / "scoreboard.toml")
    assert [
        (source.source_id, source.attribution, source.home_page) for source in alone.sources
    ] == [(source.source_id, source.attribution, source.home_page) for source in made_up.sources]


def test_a_source_that_is_not_known_is_shown_by_its_id(made_up: Board, tmp_path: Path) -> None:
    path = tmp_path / "scoreboard.toml"
    write_scoreboard(made_up, path)
    path.write_text(
        path.read_text("utf-8").replace("[sources.gso]", "[sources.new_board]"), "utf-8"
    )
    names = {source.source_id: source.display_name for source in read_scoreboard(path).sources}
    assert names["new_board"] == "new_board"
    assert "gso" not in names


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: None, "cannot read .*scoreboard.toml: No such file"),
        (lambda text: text + "\n[", "found an unreadable file"),
        (
            lambda text: text.replace(f'"{SCHEMA_VERSION}"', '"2.0.0"'),
            "schema_version, found '2.0.0'",
        ),
        (lambda text: text.replace("[models.ranks]", "[models.places]", 1), "with ranks of .*/"),
        (lambda text: text.replace("i_raw =", "i_new =", 1), "with scores.i_raw of .*/"),
        (lambda text: text.replace('Z"', 'T"'), "an ISO 8601 time as generated_at, found '2026"),
        (lambda text: "models = 3\n", "schema_version, found nothing"),
    ],
)
def test_a_bad_scoreboard_is_one_message(
    made_up: Board, tmp_path: Path, change: Callable[[str], str | None], message: str
) -> None:
    path = tmp_path / "scoreboard.toml"
    write_scoreboard(made_up, path)
    text = change(path.read_text("utf-8"))
    path.unlink() if text is None else path.write_text(text, "utf-8")
    with pytest.raises(RenderError, match=message):
        read_scoreboard(path)
