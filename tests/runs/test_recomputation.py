"""The published scores agree with an independent recomputation, which is itself proven by hand."""

from __future__ import annotations

import copy
import math
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support import golden
from tests.support.recompute import (
    Average,
    Windowed,
    compare,
    competition_ranks,
    discount,
    missing_safe_average,
    normalise,
    of_the_newest_window,
    on_scale,
    quantile,
    recompute,
    weighted_leaf_metrics,
)

PROJECT = Path(__file__).resolve().parents[2]
COEFFICIENTS = PROJECT / "data" / "coefficients.toml"
AGGREGATION = {"trust_threshold": 0.70, "trust_transition_width": 0.20}
PENALTIES = {"synthesis": 0.15, "override_reported": 0.10}
Board = dict[str, Any]


def rules(transform: str, higher_better: bool = True, log_scale: bool = False) -> dict[str, Any]:
    """One table of [metrics]."""
    return {"transform": transform, "higher_better": higher_better, "log_scale": log_scale}


# The published board


def load(path: Path) -> dict[str, Any]:
    """A TOML file of the project, or a skip that says which one is not there."""
    if not path.exists():
        pytest.skip(f"{path.relative_to(PROJECT)} is not there")
    return tomllib.loads(path.read_text(encoding="utf-8"))


def test_the_golden_scoreboard_agrees_with_the_recomputation():
    scoreboard, coefficients = tomllib.loads(golden.text()), load(COEFFICIENTS)
    assert len(scoreboard["models"]) >= 45
    assert compare(scoreboard, coefficients) == []


def test_a_changed_figure_of_the_golden_scoreboard_is_found():
    scoreboard, coefficients = tomllib.loads(golden.text()), load(COEFFICIENTS)
    model = scoreboard["models"][0]
    metric = min(model["metrics"])
    model["metrics"][metric] += 1e-4
    differences = compare(scoreboard, coefficients)
    assert any(f"{model['canonical_id']}: metrics.{metric} is" in line for line in differences)


def test_another_weight_moves_the_golden_scoreboard():
    scoreboard, coefficients = tomllib.loads(golden.text()), load(COEFFICIENTS)
    coefficients["penalties"]["override_reported"] += 0.001
    assert compare(scoreboard, coefficients) != []


# A board computed by hand
#
# Quality, direct 0, 50, 100: p05 = 5, p95 = 95, so 0, 50, 100.
# Bugs (lower is better), direct 2 and 4: p05 = 2.1, p95 = 3.9, so 100 and 0; d's 2 comes from its
# sibling a and is discounted: 100 * 0.85 + 50 * 0.15 = 92.5.
# Shown carries no weight: 0.5 as score is 50.
# Craft = 0.25 Quality + 0.75 Bugs: a 75; b 12.5; c has 0.25 of the weight, 100 * 0.25 + 50 * 0.75;
# d has 0.75 of it: t = 0.75, u = 0.84375, shrunk = 92.5 * 0.75 + 50 * 0.25 = 81.875, so
# 81.875 * 0.15625 + 92.5 * 0.84375 = 90.83984375.
# CRE = 0.4 Quality + 0.6 Craft: a 45; b 27.5; c 77.5; d has 0.6 of the weight, t = 0, so
# 90.83984375 * 0.6 + 50 * 0.4 = 74.50390625.

DIRECT = {"class": "direct"}
FROM_A = {"class": "synthesised", "donor": "v/a", "category": "conservative", "hops": 1}

TINY_COEFFICIENTS: dict[str, Any] = {
    "group_weights": {"CRE": {"Quality": 0.4, "Craft": 0.6}, "OPS_long": {"Bugs": 1.0}},
    "composite_metrics": {"Craft": {"Quality": 0.25, "Bugs": 0.75}},
    "final_score_weights": {
        "I_raw": {"CRE": 0.8, "OPS_long": 0.2},
        "P_raw": {"CRE": 1.0},
        "B_raw": {"CRE": 0.5, "OPS_long": 0.5},
        "R": {"OPS_long": 1.0},
    },
    "synthesis": {"per_model_cap": 0.45, "per_source_cap": 0.65},
    "aggregation": AGGREGATION,
    "penalties": PENALTIES,
    "metrics": {
        "Quality": rules("percentile"),
        "Bugs": rules("percentile", higher_better=False),
        "Shown": rules("as_score"),
    },
}


def tiny_model(
    canonical_id: str,
    raw: dict[str, float],
    evidence: dict[str, Any],
    metrics: dict[str, float],
    groups: tuple[float, float],
    coverage: tuple[float, float],
    scores: tuple[float, float, float, float],
    ranks: tuple[int, int, int, int],
    missing: tuple[list[str], list[str], bool],
) -> dict[str, Any]:
    """One model of the board, in the shape of scoreboard.toml."""
    i, p, b, r = scores
    return {
        "canonical_id": canonical_id,
        "raw_metrics": raw,
        "evidence": evidence,
        "metrics": metrics,
        "groups": dict(zip(("CRE", "OPS_long"), groups, strict=True)),
        "coverage": dict(zip(("CRE", "OPS_long"), coverage, strict=True)),
        "scores": {
            "i_raw": i,
            "p_raw": p,
            "b_raw": b,
            "r": r,
            "i_adj": i,
            "p_adj": p,
            "b_adj": b,
        },
        "ranks": dict(zip("ipbr", ranks, strict=True)),
        "missing": dict(
            zip(("metrics", "groups_shrunk", "synthesis_dominant"), missing, strict=True)
        ),
    }


@pytest.fixture
def tiny() -> Board:
    """The board computed by hand; every number below is written down, none is computed."""
    return {
        "models": [
            tiny_model(
                "v/a",
                raw={"Quality": 0.0, "Bugs": 2.0},
                evidence={"Quality": DIRECT, "Bugs": DIRECT, "Craft": {"class": "direct"}},
                metrics={"Quality": 0.0, "Bugs": 100.0, "Craft": 75.0},
                groups=(45.0, 100.0),
                coverage=(1.0, 1.0),
                scores=(56.0, 45.0, 72.5, 100.0),
                ranks=(3, 3, 2, 1),
                missing=([], [], False),
            ),
            tiny_model(
                "v/b",
                raw={"Quality": 50.0, "Bugs": 4.0},
                evidence={"Quality": DIRECT, "Bugs": DIRECT},
                metrics={"Quality": 50.0, "Bugs": 0.0, "Craft": 12.5},
                groups=(27.5, 0.0),
                coverage=(1.0, 1.0),
                scores=(22.0, 27.5, 13.75, 0.0),
                ranks=(4, 4, 4, 4),
                missing=([], [], False),
            ),
            tiny_model(
                "v/c",
                raw={"Quality": 100.0},
                evidence={"Quality": DIRECT},
                metrics={"Quality": 100.0, "Craft": 62.5},
                groups=(77.5, 50.0),
                coverage=(1.0, 0.0),
                scores=(72.0, 77.5, 63.75, 50.0),
                ranks=(2, 1, 3, 3),
                missing=(["Bugs"], ["OPS_long"], False),
            ),
            tiny_model(
                "v/d",
                raw={"Bugs": 2.0, "Shown": 0.5},
                evidence={"Bugs": FROM_A, "Shown": DIRECT, "Craft": {"class": "synthesised"}},
                metrics={"Bugs": 92.5, "Shown": 50.0, "Craft": 90.839844},
                groups=(74.503906, 92.5),
                coverage=(0.6, 1.0),
                scores=(78.103125, 74.503906, 83.501953, 92.5),
                ranks=(1, 2, 1, 2),
                missing=(["Quality"], ["CRE"], True),
            ),
        ]
    }


def test_the_board_computed_by_hand_agrees(tiny: Board):
    assert compare(tiny, TINY_COEFFICIENTS) == []


def test_the_recomputation_reads_figures_and_evidence_only(tiny: Board):
    bare = {
        "models": [
            {key: model[key] for key in ("canonical_id", "raw_metrics", "evidence")}
            for model in tiny["models"]
        ]
    }
    assert recompute(bare, TINY_COEFFICIENTS) == recompute(tiny, TINY_COEFFICIENTS)
    assert recompute(bare, TINY_COEFFICIENTS)["v/d"].groups["CRE"] == pytest.approx(74.50390625)


def test_every_number_is_compared(tiny: Board):
    changed = 0
    for position, model in enumerate(tiny["models"]):
        for table in ("metrics", "groups", "coverage", "scores"):
            for key in model[table]:
                for step, is_found in ((1e-4, True), (-1e-5, True), (1e-6, False)):
                    board = copy.deepcopy(tiny)
                    board["models"][position][table][key] += step
                    differences = compare(board, TINY_COEFFICIENTS)
                    assert bool(differences) is is_found, (model["canonical_id"], table, key, step)
                    changed += 1
    assert changed == 3 * (11 + 8 + 8 + 28)


CHANGES: dict[str, Callable[[dict[str, Any]], object]] = {
    "a rank": lambda model: model["ranks"].update(p=1),
    "a rank is gone": lambda model: model["ranks"].pop("r"),
    "a metric is gone": lambda model: model["metrics"].pop("Bugs"),
    "a composite is gone": lambda model: model["metrics"].pop("Craft"),
    "a metric too many": lambda model: model["metrics"].update(Quality=50.0),
    "a group is gone": lambda model: model["groups"].pop("OPS_long"),
    "a score is gone": lambda model: model["scores"].pop("i_adj"),
    "a number without decimal point": lambda model: model["coverage"].update(OPS_long=1),
    "a number that is none": lambda model: model["groups"].update(CRE=math.nan),
    "a missing metric is not listed": lambda model: model["missing"].update(metrics=[]),
    "a missing metric is listed twice": lambda model: model["missing"]["metrics"].append("Quality"),
    "an unweighted metric is listed": lambda model: model["missing"]["metrics"].append("Shown"),
    "a shrunk group is not listed": lambda model: model["missing"].update(groups_shrunk=[]),
    "the flag": lambda model: model["missing"].update(synthesis_dominant=False),
    "a raw figure": lambda model: model["raw_metrics"].update(Bugs=3.0),
    "an unknown raw figure": lambda model: model["raw_metrics"].update(Other=3.0),
    "a raw figure that is none": lambda model: model["raw_metrics"].update(Bugs=math.inf),
    "the class": lambda model: model["evidence"]["Bugs"].update({"class": "direct"}),
    "an unknown class": lambda model: model["evidence"]["Bugs"].update({"class": "guessed"}),
    "the category": lambda model: model["evidence"]["Bugs"].update(category="same_series_forward"),
    "no category": lambda model: model["evidence"]["Bugs"].pop("category"),
    "the class of a composite": lambda model: model["evidence"]["Craft"].update(
        {"class": "direct"}
    ),
    "no evidence": lambda model: model["evidence"].pop("Bugs"),
    "evidence without a figure": lambda model: model["evidence"].update(Quality=DIRECT),
    "an inactive model": lambda model: model["raw_metrics"].pop("Shown"),
    "another model": lambda model: model.update(canonical_id="v/a"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_change_is_found(tiny: Board, change: Callable[[dict[str, Any]], object]):
    board = copy.deepcopy(tiny)
    change(board["models"][3])
    assert compare(board, TINY_COEFFICIENTS) != []


def test_the_order_of_lists_and_models_is_free(tiny: Board):
    tiny["models"].reverse()
    assert compare(tiny, TINY_COEFFICIENTS) == []


def test_a_board_without_models_is_a_difference():
    assert compare({}, TINY_COEFFICIENTS) == ["the scoreboard has no models"]


# The formulas, one by one


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([7.0], 0.05, 7.0),
        ([0.0, 10.0], 0.05, 0.5),
        ([30.0, 10.0, 20.0], 0.95, 29.0),
        ([1.0, 2.0, 4.0, 8.0], 0.5, 3.0),
        ([1.0, 2.0, 4.0, 8.0], 1.0, 8.0),
    ],
)
def test_quantile_interpolates_linearly(values: list[float], share: float, expected: float):
    assert quantile(values, share) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("raw", "log_scale", "expected"),
    [
        (0.0, False, 0.0),
        (-3, False, -3.0),
        (math.e, True, 1.0),
        (0.0, True, None),
        (-1.0, True, None),
        (None, False, None),
        (math.nan, False, None),
    ],
)
def test_log_scale_takes_the_logarithm_first(
    raw: float | None, log_scale: bool, expected: float | None
):
    assert on_scale(raw, rules("percentile", log_scale=log_scale)) == expected


HUNDRED = [float(value) for value in range(101)]  # p02 = 2, p05 = 5, p95 = 95, p98 = 98


@pytest.mark.parametrize(
    ("value", "baseline", "transform", "higher_better", "expected"),
    [
        (5.0, HUNDRED, "percentile", True, 0.0),
        (95.0, HUNDRED, "percentile", True, 100.0),
        (27.5, HUNDRED, "percentile", True, 25.0),
        (27.5, HUNDRED, "percentile", False, 75.0),
        (0.0, HUNDRED, "percentile", True, 0.0),
        (100.0, HUNDRED, "percentile", False, 0.0),
        (9.0, [3.0, 3.0], "percentile", True, 50.0),
        (2.0, HUNDRED, "tail_penalty", True, 0.0),
        (98.0, HUNDRED, "tail_penalty", True, 100.0),
        (50.0, HUNDRED, "tail_penalty", True, 81.25),  # q = 0.5: 70 + 0.375 * 30
        (21.2, HUNDRED, "tail_penalty", True, 70.0),  # q = 0.2
        (11.6, HUNDRED, "tail_penalty", True, 35.0),  # q = 0.1
        (88.4, HUNDRED, "tail_penalty", False, 35.0),
        (1.0, [0.0] * 18 + [10.0], "tail_penalty", True, 35.0),  # 19 values: min and max
        (1.55, [0.0] * 19 + [10.0], "tail_penalty", True, 71.875),  # 20: p98 = 6.2, q = 0.25
        (9.0, [3.0], "tail_penalty", False, 50.0),
        (0.0, [], "as_score", True, 0.0),
        (0.25, [], "as_score", True, 25.0),
        (1.0, [], "as_score", True, 100.0),
        (62.5, [], "as_score", True, 62.5),
        (130.0, [], "as_score", True, 100.0),
        (-4.0, [], "as_score", True, 0.0),
    ],
)
def test_normalise(
    value: float, baseline: list[float], transform: str, higher_better: bool, expected: float
):
    found = normalise(value, baseline, rules(transform, higher_better))
    assert found == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("figures", "higher_better", "expected"),
    [
        ([], True, None),
        ([(62.7, 2, 3), (50.7, 3, 5)], True, 50.7),
        ([(50.7, 3, 5), (90.0, 1, 5), (62.7, 2, 3)], True, 50.7),
        ([(50.7, 3, 5), (51.0, 3, 5)], True, 51.0),
        ([(50.7, 3, 5), (51.0, 3, 5)], False, 50.7),
    ],
)
def test_the_newest_window_counts(
    figures: list[tuple[float, float, float]], higher_better: bool, expected: float | None
):
    windowed = [Windowed(*figure) for figure in figures]
    assert of_the_newest_window(windowed, higher_better) == expected
    assert of_the_newest_window(windowed[::-1], higher_better) == expected


def test_an_unknown_transform_is_refused():
    with pytest.raises(ValueError, match="unknown transform 'cube'"):
        normalise(1.0, [0.0, 2.0], rules("cube"))


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        ({"class": "direct"}, 90.0),
        ({"class": "reported"}, 86.0),
        ({"class": "synthesised", "category": "conservative"}, 84.0),
        ({"class": "synthesised", "category": "same_series_forward"}, 90.0),
    ],
)
def test_discount(evidence: dict[str, str], expected: float):
    assert discount(90.0, evidence, PENALTIES) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"A": 90.0, "B": 60.0, "C": 30.0}, Average(64.5, 1.0, False)),
        ({"A": 90.0, "B": 60.0}, Average(73.125, 0.8, False)),  # 0.35 + 0.45 is 0.8: all trusted
        # t = 0.25, u = 0.15625, shrunk = 90 * 0.65 + 50 * 0.35 = 76
        ({"B": 90.0, "C": 90.0}, Average(78.1875, 0.65, True)),
        ({"A": 90.0}, Average(64.0, 0.35, True)),
        ({}, Average(50.0, 0.0, True)),
    ],
)
def test_missing_safe_average(values: dict[str, float], expected: Average):
    weights = {"A": 0.35, "B": 0.45, "C": 0.20}
    found = missing_safe_average(weights, values, AGGREGATION)
    assert found.coverage == pytest.approx(expected.coverage, abs=1e-12)
    assert found.is_shrunk is expected.is_shrunk
    assert found.value == pytest.approx(expected.value, abs=1e-9)


def test_equal_scores_share_a_rank_and_the_next_stays_free():
    scores = {"a": 50.0, "b": 70.0000001, "c": 70.0, "d": 70.000001}
    assert competition_ranks(scores) == {"d": 1, "b": 2, "c": 2, "a": 4}


def test_weighted_leaf_metrics_look_into_composites():
    coefficients = {
        "group_weights": {"CRE": {"A": 0.5, "X": 0.5, "Z": 0.0}, "GEN": {"A": 1.0}},
        "composite_metrics": {"X": {"B": 1.0, "C": 0.0}, "Y": {"D": 1.0}},
    }
    assert weighted_leaf_metrics(coefficients) == {"A", "B"}


def board_of(figures: dict[str, tuple[float, dict[str, Any]]]) -> Board:
    """A board with the one metric Quality."""
    return {
        "models": [
            {
                "canonical_id": canonical_id,
                "raw_metrics": {"Quality": raw},
                "evidence": {"Quality": evidence},
            }
            for canonical_id, (raw, evidence) in figures.items()
        ]
    }


def quality(figures: dict[str, tuple[float, dict[str, Any]]], **change: object) -> dict[str, float]:
    """The recomputed Quality of each model that has it."""
    coefficients = copy.deepcopy(TINY_COEFFICIENTS)
    coefficients["metrics"]["Quality"].update(change)
    results = recompute(board_of(figures), coefficients)
    return {
        canonical_id: result.metrics["Quality"]
        for canonical_id, result in results.items()
        if "Quality" in result.metrics
    }


REPORTED = {"class": "reported", "note": "n"}
FORWARD = {"class": "synthesised", "donor": "v/a", "category": "same_series_forward", "hops": 1}


def test_two_direct_values_are_the_baseline_alone():
    found = quality({"a": (0.0, DIRECT), "b": (10.0, DIRECT), "c": (99.0, REPORTED)})
    assert found == pytest.approx({"a": 0.0, "b": 100.0, "c": 95.0})


def test_with_one_direct_value_all_present_ones_are_the_baseline():
    # p05 = 1, p95 = 19: 10 is in the middle and stays there; 20 is 100, discounted to 95.
    found = quality({"a": (0.0, DIRECT), "b": (10.0, FORWARD), "c": (20.0, REPORTED)})
    assert found == pytest.approx({"a": 0.0, "b": 50.0, "c": 95.0})


def test_a_figure_without_logarithm_is_missing_and_no_baseline():
    # ln 1, 10, 100 are equally far apart.
    figures = {"a": (1.0, DIRECT), "b": (10.0, DIRECT), "c": (100.0, DIRECT), "d": (0.0, DIRECT)}
    assert quality(figures, log_scale=True) == pytest.approx({"a": 0.0, "b": 50.0, "c": 100.0})
    lonely = {"a": (0.0, DIRECT), "b": (10.0, DIRECT), "c": (100.0, FORWARD)}
    assert quality(lonely, log_scale=True) == pytest.approx({"b": 0.0, "c": 100.0})


def test_a_share_of_synthesised_figures_at_the_cap_is_not_dominant():
    board = board_of({"v/a": (1.0, DIRECT), "v/b": (1.0, FORWARD)})
    board["models"][1]["raw_metrics"]["Shown"] = 0.5
    board["models"][1]["evidence"]["Shown"] = DIRECT
    coefficients = copy.deepcopy(TINY_COEFFICIENTS)
    for cap, is_dominant in ((0.5, False), (0.49, True)):
        coefficients["synthesis"]["per_model_cap"] = cap
        assert recompute(board, coefficients)["v/b"].synthesis_dominant is is_dominant


def test_the_real_coefficients_are_understood():
    coefficients = load(COEFFICIENTS)
    assert weighted_leaf_metrics(coefficients) <= coefficients["metrics"].keys()
    names = sorted(coefficients["metrics"])
    board = {
        "models": [
            {
                "canonical_id": f"v/{number:02}",
                "raw_metrics": {
                    name: 1.0 + number * (1 + order) for order, name in enumerate(names)
                },
                "evidence": dict.fromkeys(names, DIRECT),
            }
            for number in range(25)
        ]
    }
    results = recompute(board, coefficients)
    assert len(results["v/00"].groups) == 8
    assert set(results["v/00"].coverage.values()) == {1.0}
    assert set(results["v/00"].scores) == {
        "i_raw",
        "p_raw",
        "b_raw",
        "r",
        "i_adj",
        "p_adj",
        "b_adj",
    }
    for result in results.values():
        assert result.missing_metrics == result.groups_shrunk == []
        for table in (result.metrics, result.groups, result.scores):
            assert all(0 <= value <= 100 for value in table.values())
