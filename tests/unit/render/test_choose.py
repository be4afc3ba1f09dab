"""Compare, what-if and the pictures: sums agree with the marts, the frontier is the frontier."""

import json
import math
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from render.board import Board
from render.build import render_site
from render.charts.forest import Line, forest
from render.charts.scatter import Dot, by_price, frontier
from render.from_marts import read_board
from render.lookup import Lookup
from render.pages.index import index_context
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
    for _, _, scores, _, groups, *_ in document["models"]:
        for score, (_, _, _, weights) in zip(scores, document["roles"], strict=True):
            total = sum(
                weight * sum(part or 0 for part in groups[group_id]) for group_id, weight in weights
            )
            assert total == pytest.approx(score, abs=1e-4)


def test_without_script_all_pairs_of_the_first_ten(made_up: Board, site: Path) -> None:
    tables = parsed(site / "compare.html").css("table.gaps")
    place = {
        entry.canonical_id: entry.place
        for entry in made_up.role_evidence
        if entry.role_id == "balanced" and entry.place
    }
    ranked = [row for row in made_up.scoreboard if row.canonical_id in place]
    top = sorted(ranked, key=lambda row: (place[row.canonical_id], row.canonical_id))[:10]
    assert len(tables) == 4
    assert len(top) > 2
    for table, role in zip(tables, made_up.roles, strict=True):
        for line, row in zip(table.css("tbody tr"), top, strict=True):
            for cell, other in zip(line.css("td"), top, strict=True):
                if other is not row:
                    gap = getattr(row, role.score_key.lower()) - getattr(
                        other, role.score_key.lower()
                    )
                    shown = f"{gap:+.1f}"
                    shown = "0.0" if shown in ("+0.0", "-0.0") else shown
                    assert cell.text().replace("−", "-") == shown
                    is_ahead = cell.attributes.get("class") == "ahead"
                    assert is_ahead == shown.startswith("+")


@pytest.mark.parametrize(
    ("points", "kept"),
    [
        ([(1, 50), (2, 40), (3, 60)], ["2", "0"]),
        ([(1, 50), (1, 50), (1, 40)], ["0"]),
        ([(1, 50), (2, 50)], ["0"]),
        ([(5, 5)], ["0"]),
        ([], []),
    ],
)
def test_the_frontier_is_what_no_other_beats(
    points: list[tuple[float, float]], kept: list[str]
) -> None:
    dots = [Dot(str(place), "n", x, y, True) for place, (x, y) in enumerate(points)]
    assert [dot.slug for dot in frontier(dots)] == kept


def test_what_has_no_place_is_on_no_frontier() -> None:
    dots = [Dot("a", "A", 1, 99, False), Dot("b", "B", 2, 50, True)]
    assert [dot.slug for dot in frontier(dots)] == ["b"]
    drawing = by_price(dots)
    assert drawing is not None
    assert [(slug, kind) for slug, _, _, kind in drawing.dots] == [("a", "open"), ("b", "on")]


def test_names_in_a_drawing_touch_nothing() -> None:
    # A crowd along the frontier: not all find room, and those that do are far enough apart.
    dots = [Dot(f"m{n:02}", f"Model {n:02}", 1 + n / 7, 40 + n, True) for n in range(30)]
    drawing = by_price(dots)
    assert drawing is not None
    assert 0 < len(drawing.labels) < len(drawing.frontier) == 30
    on_phone = [label for label in drawing.labels if not label.needs_room]
    assert 0 < len(on_phone) < len(drawing.labels)
    for width, labels in ((640, drawing.labels), (290, on_phone)):
        lines = [
            (float(x1) * width / 100, float(y1) * 2.4, float(x2) * width / 100, float(y2) * 2.4)
            for x1, y1, x2, y2 in drawing.lines
        ]
        boxes = []
        for label in labels:
            x, y = float(label.left) * width / 100 + label.dx, float(label.top) * 2.4 + label.dy
            left = x - 6.2 * len(label.text) if label.anchor == "end" else x
            boxes.append((left, y - 10, left + 6.2 * len(label.text), y + 3))
        for place, one in enumerate(boxes):
            assert one[0] >= 0 and one[2] <= width
            for other in boxes[:place] + lines:
                assert (
                    one[2] <= other[0]
                    or other[2] <= one[0]
                    or one[3] <= other[1]
                    or other[3] <= one[1]
                )


def test_a_forest_by_hand() -> None:
    drawing = forest(
        [
            Line("a", "A", 90, 85, 95, 1),
            Line("b", "B", 80, 70, 85, 2),
            Line("c", "C", 75, None, None, 1),
            Line("d", "D", 75, None, None, 2),
        ]
    )
    assert drawing is not None
    # An interval that ends at 70 has room before it.
    assert drawing.ticks == [("0", 60), ("25", 70), ("50", 80), ("75", 90), ("100", 100)]
    assert [(left, low, high) for _, _, left, low, high in drawing.lines] == [
        ("75", "62.5", "87.5"),
        ("50", "25", "62.5"),
        ("37.5", None, None),
        ("37.5", None, None),
    ]
    # The second is behind the first, but the third is not, so that a band ends below it.
    assert drawing.tiers == [(0, 3 * 19)]
    assert forest([]) is None


def test_a_comparison_has_the_lead_of_every_pair_with_a_place(made_up: Board, site: Path) -> None:
    leads = compared(site)["leads"]
    by_slug = {row.slug: row.canonical_id for row in made_up.scoreboard}
    found = {}
    for role_id, (order, ahead, clear) in leads.items():
        for at, model in enumerate(order):
            for other, share, is_clear in zip(order[at + 1 :], ahead[at], clear[at], strict=True):
                found[role_id, by_slug[model], by_slug[other]] = (share, is_clear == "1")
    assert found == {
        (lead.role_id, lead.canonical_id, lead.other_id): (
            math.floor(100 * lead.ahead_share + 1e-9),
            lead.is_clear,
        )
        for lead in made_up.score_leads
    }
    assert {is_clear for _, is_clear in found.values()} == {True, False}


def test_a_comparison_has_the_results_themselves(made_up: Board, site: Path) -> None:
    document = compared(site)
    figures = {
        (figure.canonical_id, figure.metric_id): figure
        for figure in made_up.measurements
        if figure.is_present
    }
    by_slug = {row.slug: row for row in made_up.scoreboard}
    names = {metric.metric_id: metric.display_name for metric in made_up.metrics or ()}
    seen = set()
    for slug, _, _, stands, _, facts, results in document["models"]:
        row = by_slug[slug]
        assert facts[0] == row.blended_cost_usd
        assert len(stands) == 4
        for (name, page, shares), result in zip(document["metrics"], results, strict=True):
            metric_id = next(key for key, shown in names.items() if f"metrics/{key}.html" == page)
            assert name == names[metric_id]
            assert sum(shares) > 0
            figure = figures.get((row.canonical_id, metric_id))
            assert (result is None) == (figure is None)
            if figure is not None:
                assert result[1] == pytest.approx(figure.value, abs=0.006)
                assert (
                    result[2]
                    == {"direct": "m", "reported": "c", "synthesised": "s"}[figure.evidence_class]
                )
                seen.add(result[2])
    assert seen == {"m", "c", "s"}


@pytest.mark.parametrize("names", [["One"], HOSTILE_NAMES], ids=["one", "hostile"])
def test_few_and_hostile_models(tmp_path: Path, names: list[str]) -> None:
    render_site(read_board(build_database(tmp_path / "x.duckdb", names=names)), tmp_path / "site")
    assert {model[1] for model in compared(tmp_path / "site")["models"]} == set(names)
    for page in ("compare.html", "benchmarks.html", "what-if.html"):
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


def test_the_scatter_leaves_out_scores_that_say_nothing(made_up: Board) -> None:
    """Of the provisional models one has an own share just below the least, one just at it."""
    rows = Lookup(made_up).rows
    below, at, *_ = (
        entry.canonical_id
        for entry in made_up.role_evidence or ()
        if entry.role_id == "b"
        and not entry.is_ranked
        and rows[entry.canonical_id].blended_cost_usd
    )
    own_shares = {below: 0.199, at: 0.2}
    evidence = tuple(
        replace(entry, own_share=own_shares.get(entry.canonical_id, entry.own_share))
        for entry in made_up.role_evidence or ()
    )
    before, after = (
        index_context(Lookup(board))
        for board in (made_up, replace(made_up, role_evidence=evidence))
    )
    drawn = [{slug for slug, *_ in shown["scatter"].dots} for shown in (before, after)]
    assert drawn[0] - drawn[1] == {rows[below].slug}
    assert (before["n_untold"], after["n_untold"]) == (0, 1)
