"""The TOML files: the promised layout, six decimals, and nothing lost on the way."""

import dataclasses
import re
import tomllib
from pathlib import Path

import pytest

from base.errors import RenderError
from base.scoreboard import SCHEMA_VERSION
from render.board import Board
from render.build import render_site
from render.files.toml import write_coefficients, write_missing, write_scoreboard
from render.from_marts import read_board
from render.from_scoreboard import read_scoreboard
from tests.support.made_up import PROJECT, build_database

HOSTILE_NAMES = [
    "<script>alert(1)</script>",
    "\"quoted\" and 'single' \\ back\\slash",
    "four byte \U0001f98a \U0001d54f",
    "right \u202e to \u202c left \u05e2\u05d1\u05e8\u05d9\u05ea",
    "L" + "o" * 9999,
    "line\nbreak\r\n\ttab \x1b escape",
]


def test_scoreboard_has_the_promised_layout(made_up: Board, tmp_path: Path) -> None:
    write_scoreboard(made_up, tmp_path / "scoreboard.toml")
    document = tomllib.loads((tmp_path / "scoreboard.toml").read_text("utf-8"))
    assert list(document) == [
        *("schema_version", "generated_at", "generator", "methodology", "edition", "calibration"),
        *("sources", "models"),
    ]
    assert document["schema_version"] == SCHEMA_VERSION
    assert document["generated_at"] == "2026-06-20T11:35:46Z"
    assert list(document["sources"]) == sorted(source.source_id for source in made_up.sources)
    assert list(document["sources"]["lmarena"]) == [
        *("status", "n_rows_ingested", "n_rows_matched", "n_rows_ignored", "n_rows_unmatched"),
        *("fetched_at", "content_changed_at", "sha256", "licence", "redistribution", "attribution"),
    ]
    assert "fetched_at" not in document["sources"]["artificial_analysis"]
    models = document["models"]
    assert [model["canonical_id"] for model in models] == sorted(
        row.canonical_id for row in made_up.scoreboard
    )
    for model in models:
        assert list(model) == [
            *("canonical_id", "display_name", "vendor", "thinking_effort", "aliases", "sources"),
            *(
                "scores",
                "ranks",
                "intervals",
                "roles",
                "groups",
                "coverage",
                "metrics",
                "raw_metrics",
            ),
            *("evidence", "missing"),
        ]
        assert list(model["scores"]) == ["i_raw", "p_raw", "b_raw", "r", "i_adj", "p_adj", "b_adj"]
        assert list(model["ranks"])[:7] == [
            "i",
            "p",
            "b",
            "r",
            "b_best_rank",
            "b_worst_rank",
            "b_tier",
        ]
        assert len(model["ranks"]) == 4 + 4 * 3 and len(model["intervals"]) == 4 * 7
        assert model["intervals"]["r_p95_score"] >= model["scores"]["r"] - 1e-6
        assert (
            model["ranks"]["r_best_rank"] <= model["ranks"]["r"] <= model["ranks"]["r_worst_rank"]
        )
        for table in ("groups", "coverage", "metrics", "raw_metrics", "evidence"):
            assert list(model[table]) == sorted(model[table])
        assert model["metrics"].keys() == model["evidence"].keys()
        assert list(model["missing"]) == ["metrics", "groups_shrunk", "synthesis_dominant"]


def test_intervals_of_the_leading_models_alone(made_up: Board, tmp_path: Path) -> None:
    """As on a board of more models than doubt is computed for; read back, and drawn."""
    leading = {row.canonical_id for row in made_up.scoreboard[:3]}
    some = tuple(entry for entry in made_up.score_intervals if entry.canonical_id in leading)
    write_scoreboard(
        dataclasses.replace(made_up, score_intervals=some), tmp_path / "scoreboard.toml"
    )
    document = tomllib.loads((tmp_path / "scoreboard.toml").read_text("utf-8"))
    assert {m["canonical_id"] for m in document["models"] if "intervals" in m} == leading
    board = read_scoreboard(tmp_path / "scoreboard.toml", None)
    assert {(entry.canonical_id, entry.role_id) for entry in board.score_intervals} == {
        (canonical_id, role_id) for canonical_id in leading for role_id in "ipbr"
    }
    render_site(board, tmp_path / "site")
    index = (tmp_path / "site" / "index.html").read_text("utf-8")
    # One interval per role of those who have one.
    assert len(re.findall(r'title="[^"]+90\s% interval', index)) == 4 * len(leading)


def test_evidence_tells_what_its_class_has(made_up: Board, tmp_path: Path) -> None:
    write_scoreboard(made_up, tmp_path / "scoreboard.toml")
    document = tomllib.loads((tmp_path / "scoreboard.toml").read_text("utf-8"))
    keys = {
        "direct": ["class", "source", "name", "effort"],
        "reported": ["class", "source", "name", "note"],
        "synthesised": ["class", "source", "name", "donor", "category", "hops"],
    }
    composites = {"SWEComposite", "SWEAtlasComposite", "SonarComposite"}
    seen = set()
    for model in document["models"]:
        for metric_id, evidence in model["evidence"].items():
            is_composite = metric_id in composites
            expected = ["class"] if is_composite else keys[evidence["class"]]
            assert list(evidence) == expected
            assert (metric_id in model["raw_metrics"]) != is_composite
            seen.add((evidence["class"], is_composite))
    assert len(seen) >= 5


def test_raw_figures_are_not_rounded(made_up: Board, tmp_path: Path) -> None:
    figure = 1500.2551859283258
    row = next(row for row in made_up.measurements if row.raw_value is not None)
    board = dataclasses.replace(
        made_up,
        measurements=tuple(
            dataclasses.replace(other, raw_value=figure) if other is row else other
            for other in made_up.measurements
        ),
    )
    write_scoreboard(board, tmp_path / "scoreboard.toml")
    assert f"{row.metric_id} = 1500.2551859283258\n" in (tmp_path / "scoreboard.toml").read_text()


def test_missing_lists_what_each_model_lacks(made_up: Board, tmp_path: Path) -> None:
    write_missing(made_up, tmp_path / "missing.toml")
    document = tomllib.loads((tmp_path / "missing.toml").read_text("utf-8"))
    assert list(document) == ["generated_at", "models"]
    assert list(document["models"]) == [row.canonical_id for row in made_up.scoreboard]
    row = made_up.scoreboard[0]
    assert document["models"][row.canonical_id] == {
        "display_name": row.display_name,
        "metrics": list(row.missing_metrics),
        "groups_shrunk": list(row.groups_shrunk),
    }


def test_coefficients_are_those_of_the_run(made_up: Board, tmp_path: Path) -> None:
    write_coefficients(made_up, tmp_path / "coefficients.toml")
    written = tomllib.loads((tmp_path / "coefficients.toml").read_text("utf-8"))
    given_ = tomllib.loads((PROJECT / "data" / "coefficients.toml").read_text("utf-8"))
    assert written == given_
    assert list(written) == list(given_)
    for table in ("group_weights", "final_score_weights"):
        assert list(written[table]) == list(given_[table])
        for parent, children in written[table].items():
            assert list(children) == list(given_[table][parent])
    for metric in written["metrics"].values():
        assert list(metric) == ["higher_better", "log_scale", "groups", "transform"]


def test_coefficients_that_are_not_known_are_not_made_up(made_up: Board, tmp_path: Path) -> None:
    write_scoreboard(made_up, tmp_path / "scoreboard.toml")
    alone = read_scoreboard(tmp_path / "scoreboard.toml")
    with pytest.raises(RenderError, match=r"without its coefficients\.toml"):
        write_coefficients(alone, tmp_path / "coefficients.toml")


@pytest.mark.parametrize("names", [None, HOSTILE_NAMES], ids=["plain", "hostile"])
def test_read_back_and_written_again_the_bytes_are_the_same(
    tmp_path: Path, names: list[str] | None
) -> None:
    board = read_board(build_database(tmp_path / "x.duckdb", names=names))
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
        write_scoreboard(board, folder / "scoreboard.toml")
        write_missing(board, folder / "missing.toml")
        write_coefficients(board, folder / "coefficients.toml")
        board = read_scoreboard(folder / "scoreboard.toml")
    for path in sorted(first.iterdir()):
        assert path.read_bytes() == (second / path.name).read_bytes()
        assert path.read_bytes().endswith(b"\n")
        assert b"\r" not in path.read_bytes()
    if names:
        document = tomllib.loads((second / "scoreboard.toml").read_text("utf-8"))
        assert {model["display_name"] for model in document["models"]} == set(names)


@pytest.mark.parametrize("figure", [float("nan"), float("inf")])
def test_what_is_not_a_number_is_not_written(made_up: Board, tmp_path: Path, figure: float) -> None:
    row = made_up.scoreboard[0]
    board = dataclasses.replace(
        made_up, scoreboard=(dataclasses.replace(row, i_raw=figure), *made_up.scoreboard[1:])
    )
    with pytest.raises(RenderError, match=r"finite number as scores\.i_raw of .*, found (nan|inf)"):
        write_scoreboard(board, tmp_path / "scoreboard.toml")
    assert not (tmp_path / "scoreboard.toml").exists()


def test_a_present_figure_without_value_is_named(made_up: Board, tmp_path: Path) -> None:
    present = next(row for row in made_up.measurements if row.is_present)
    board = dataclasses.replace(
        made_up,
        measurements=tuple(
            dataclasses.replace(row, value=None) if row is present else row
            for row in made_up.measurements
        ),
    )
    with pytest.raises(RenderError, match=f"{present.metric_id} of {present.canonical_id}"):
        write_scoreboard(board, tmp_path / "scoreboard.toml")
