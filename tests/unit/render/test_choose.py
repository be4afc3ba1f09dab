"""Compare and trade-offs: sums agree with the marts, the frontier is the frontier."""

import json
import tomllib
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from render.board import Board
from render.build import render_site
from render.from_marts import read_board
from render.pages.tradeoffs import AXES, frontier
from tests.support.made_up import HOSTILE_NAMES, build_database


def parsed(page: Path) -> LexborHTMLParser:
    """A page as a browser without scripts has it."""
    return LexborHTMLParser(page.read_text(encoding="utf-8"))


def compared(site: Path) -> dict:
    """What the script of the page of comparisons reads."""
    return json.loads(parsed(site / "compare.html").css_first("#compare").attributes["data-board"])


def test_the_parts_of_a_comparison_sum_to_the_score(made_up: Board, site: Path) -> None:
    document = compared(site)
    assert len(document["models"]) == len(made_up.scoreboard)
    for _, _, scores, _, groups in document["models"]:
        for score, (_, _, _, weights) in zip(scores, document["roles"], strict=True):
            total = sum(
                weight * sum(part or 0 for part in groups[group_id]) for group_id, weight in weights
            )
            assert total == pytest.approx(score, abs=1e-4)


def test_without_script_all_pairs_of_the_first_ten(made_up: Board, site: Path) -> None:
    tables = parsed(site / "compare.html").css("table.gaps")
    top = sorted(made_up.scoreboard, key=lambda row: (row.balanced_rank, row.canonical_id))[:10]
    assert len(tables) == 4
    for table, role in zip(tables, made_up.roles, strict=True):
        for line, row in zip(table.css("tbody tr"), top, strict=True):
            for cell, other in zip(line.css("td"), top, strict=True):
                if other is not row:
                    gap = getattr(row, role.score_key.lower()) - getattr(
                        other, role.score_key.lower()
                    )
                    assert cell.text().replace("−", "-") == f"{gap:+.1f}"


@pytest.mark.parametrize(
    ("points", "higher", "kept"),
    [
        ([(1, 50), (2, 40), (3, 60)], False, {0, 2}),
        ([(1, 50), (2, 40), (3, 60)], True, {2}),
        ([(1, 50), (1, 50), (1, 40)], False, {0, 1}),
        ([(1, 50), (2, 50)], False, {0}),
        ([(1, 50), (2, 50)], True, {1}),
        ([(5, 5)], True, {0}),
        ([], True, set()),
    ],
)
def test_the_frontier_is_what_no_other_beats(
    points: list[tuple[float, float]], higher: bool, kept: set[int]
) -> None:
    assert frontier(points, is_higher_better=higher) == kept


def test_a_drawing_per_role_and_axis(made_up: Board, site: Path) -> None:
    plots = parsed(site / "trade-offs.html").css(".plot")
    assert len(plots) == 4 * len(AXES)
    for plot in plots:
        axis = next(axis for axis in AXES if f"x-{axis.axis_id}" in plot.attributes["class"])
        known = [row for row in made_up.scoreboard if getattr(row, axis.column)]
        assert len(plot.css("circle")) == len(known)
        listed = [node.text() for node in plot.css("tbody bdi")]
        assert len(listed) == len(plot.css("circle.on")) > 0


@pytest.mark.parametrize("names", [["One"], HOSTILE_NAMES], ids=["one", "hostile"])
def test_few_and_hostile_models(tmp_path: Path, names: list[str]) -> None:
    render_site(read_board(build_database(tmp_path / "x.duckdb", names=names)), tmp_path / "site")
    assert {model[1] for model in compared(tmp_path / "site")["models"]} == set(names)
    for page in ("compare.html", "trade-offs.html", "what-if.html"):
        assert all(
            node.attributes.get("src") for node in parsed(tmp_path / "site" / page).css("script")
        )


def test_the_what_if_has_every_value_that_counts(made_up: Board, site: Path) -> None:
    page = parsed(site / "what-if.html")
    document = json.loads(page.css_first("#what-if").attributes["data-board"])
    values = {
        (figure.canonical_id, figure.metric_id): figure.value
        for figure in made_up.measurements
        if figure.is_present
    }
    rows = {row.slug: row for row in made_up.scoreboard}
    assert len(document["models"]) == len(rows)
    for model in document["models"]:
        row = rows[model["slug"]]
        assert model["scores"] == pytest.approx([row.i_raw, row.p_raw, row.b_raw, row.r], abs=1e-6)
        for (metric_id, _), value in zip(document["metrics"], model["values"], strict=True):
            expected = values.get((row.canonical_id, metric_id))
            assert value is None if expected is None else value == pytest.approx(expected, abs=1e-8)
    assert tomllib.loads(document["rest"]).keys() == {
        "composite_metrics",
        "synthesis",
        "aggregation",
        "penalties",
        "metrics",
    }
