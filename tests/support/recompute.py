"""The scores once more, in plain Python, from what a scoreboard.toml itself says.

Written from the scoring contract and not from the SQL: the two share nothing but the contract, so
that a slip in one of them shows. What goes in are the raw figures with their evidence and the
coefficients; what comes out is everything that follows from them.
"""

from __future__ import annotations

import math
import sys
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Table = Mapping[str, Any]

TOLERANCE = 2e-6
SAME = 1e-12  # bounds this close are one bound
COVERAGE_NOISE = 1e-9  # a coverage of 0.30 + 0.35 + 0.15 is 0.80, whatever the floats say
NEUTRAL = 50.0
SMALL_POPULATION = 20
CLASSES = ("direct", "reported", "synthesised")  # best first
CATEGORIES = ("conservative", "same_series_forward")
RANKED = {"i": "i_raw", "p": "p_raw", "b": "b_raw", "r": "r"}
REPEATED = {"i_adj": "i_raw", "p_adj": "p_raw", "b_adj": "b_raw"}


@dataclass
class Recomputed:
    """What follows from one model's figures, in the words of scoreboard.toml."""

    metrics: dict[str, float] = field(default_factory=dict)
    groups: dict[str, float] = field(default_factory=dict)
    coverage: dict[str, float] = field(default_factory=dict)
    scores: dict[str, float] = field(default_factory=dict)
    ranks: dict[str, int] = field(default_factory=dict)
    missing_metrics: list[str] = field(default_factory=list)
    groups_shrunk: list[str] = field(default_factory=list)
    synthesis_dominant: bool = False
    composite_classes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Average:
    """A missing-safe average, the share of weight behind it, and whether it is pulled to 50."""

    value: float
    coverage: float
    is_shrunk: bool


def clip(value: float, low: float, high: float) -> float:
    """The value, kept between low and high."""
    return min(max(value, low), high)


def quantile(values: Iterable[float], share: float) -> float:
    """The quantile with linear interpolation between neighbours."""
    ordered = sorted(values)
    position = share * (len(ordered) - 1)
    below = math.floor(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)


def on_scale(raw: object, metric: Table) -> float | None:
    """The figure as it is normalised (ln for log_scale), or nothing where it counts as missing."""
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not math.isfinite(raw):
        return None
    if not metric["log_scale"]:
        return float(raw)
    return math.log(raw) if raw > 0 else None


def normalise(value: float, baseline: list[float], metric: Table) -> float:
    """A figure on its scale as 0 to 100, by the metric's transform and direction."""
    transform = metric["transform"]
    if transform == "as_score":
        return clip(value * 100 if 0 <= value <= 1 else value, 0, 100)
    if transform == "percentile":
        low, high = quantile(baseline, 0.05), quantile(baseline, 0.95)
    elif transform == "tail_penalty" and len(baseline) < SMALL_POPULATION:
        low, high = min(baseline), max(baseline)
    elif transform == "tail_penalty":
        low, high = quantile(baseline, 0.02), quantile(baseline, 0.98)
    else:
        raise ValueError(f"unknown transform {transform!r}")
    if abs(high - low) <= SAME:
        return NEUTRAL
    position = clip((value - low) / (high - low), 0, 1)
    if not metric["higher_better"]:
        position = 1 - position
    if transform == "percentile":
        return 100 * position
    if position >= 0.20:
        return 70 + (position - 0.20) / 0.80 * 30
    return position / 0.20 * 70


def discount(value: float, evidence: Table, penalties: Table) -> float:
    """A normalised figure, pulled towards 50 by how far it is from a public source's own row."""
    share = 0.0
    if evidence["class"] == "reported":
        share = penalties["override_reported"]
    elif evidence["class"] == "synthesised" and evidence["category"] == "conservative":
        share = penalties["synthesis"]
    return value * (1 - share) + NEUTRAL * share


def missing_safe_average(weights: Table, values: Table, aggregation: Table) -> Average:
    """The average of what is present; the more weight is missing, the nearer to 50."""
    threshold, width = aggregation["trust_threshold"], aggregation["trust_transition_width"]
    present = {key: weight for key, weight in weights.items() if weight > 0 and key in values}
    if not present:
        return Average(NEUTRAL, 0.0, True)
    weight_present = math.fsum(present.values())
    mean = math.fsum(weight * values[key] for key, weight in present.items()) / weight_present
    coverage = weight_present / math.fsum(weights.values())
    shrunk = mean * coverage + NEUTRAL * (1 - coverage)
    if width > 0:
        step = clip((coverage - (threshold - width / 2)) / width, 0, 1)
    else:
        step = float(coverage >= threshold - COVERAGE_NOISE)
    trust = step**2 * (3 - 2 * step)
    value = clip(shrunk * (1 - trust) + mean * trust, 0, 100)
    return Average(value, coverage, coverage < threshold + width / 2 - COVERAGE_NOISE)


def competition_ranks(scores: Mapping[str, float]) -> dict[str, int]:
    """1 = best; scores that are equal to 6 decimals share a rank and the next ranks stay free."""
    rounded = {key: round(score, 6) for key, score in scores.items()}
    return {
        key: 1 + sum(other > score for other in rounded.values()) for key, score in rounded.items()
    }


def weighted_leaf_metrics(coefficients: Table) -> set[str]:
    """The measured metrics that carry weight in a group, directly or within a composite."""
    composites = coefficients["composite_metrics"]
    leaves: set[str] = set()
    for weights in coefficients["group_weights"].values():
        for metric in (key for key, weight in weights.items() if weight > 0):
            inputs = composites.get(metric, {metric: 1.0})
            leaves |= {leaf for leaf, weight in inputs.items() if weight > 0}
    return leaves


@dataclass(frozen=True)
class Windowed:
    """A figure that was measured on what has come between two dates, such as new tasks."""

    value: float
    start: float
    end: float


def of_the_newest_window(figures: Iterable[Windowed], higher_better: bool = True) -> float | None:
    """The figure that counts of those at one effort: freshest first, then the better one."""
    ordered = sorted(
        figures,
        key=lambda figure: (figure.end, figure.start, figure.value * (1 if higher_better else -1)),
    )
    return ordered[-1].value if ordered else None


def faults(scoreboard: Table, coefficients: Table) -> list[str]:
    """What in the figures or their evidence the contract does not allow."""
    found = []
    if not scoreboard.get("models"):
        found.append("the scoreboard has no models")
    identities = [model["canonical_id"] for model in scoreboard.get("models", [])]
    if len(identities) != len(set(identities)):
        found.append("a model is on the scoreboard twice")
    for model in scoreboard.get("models", []):
        where = model["canonical_id"]
        raw, evidence = model.get("raw_metrics", {}), model.get("evidence", {})
        for metric in raw:
            if metric not in coefficients["metrics"]:
                found.append(f"{where}: raw_metrics.{metric} is no metric of the coefficients")
            elif on_scale(raw[metric], {"log_scale": False}) is None:
                found.append(f"{where}: raw_metrics.{metric} is no finite number")
            entry = evidence.get(metric, {})
            if entry.get("class") not in CLASSES:
                found.append(f"{where}: evidence.{metric} has the class {entry.get('class')!r}")
            elif entry["class"] == "synthesised" and entry.get("category") not in CATEGORIES:
                found.append(f"{where}: evidence.{metric} has the category {entry.get('category')}")
        found += [
            f"{where}: evidence.{metric} has no figure"
            for metric in evidence.keys() - raw.keys() - coefficients["composite_metrics"].keys()
        ]
        if not any(evidence.get(metric, {}).get("class") in CLASSES[:2] for metric in raw):
            found.append(f"{where}: is not active, it has neither a direct nor a reported figure")
    return found


def recompute(scoreboard: Table, coefficients: Table) -> dict[str, Recomputed]:
    """Everything that follows from the raw figures and their evidence, by canonical id."""
    models = {model["canonical_id"]: model for model in scoreboard["models"]}
    results = {canonical_id: Recomputed() for canonical_id in models}
    aggregation = coefficients["aggregation"]

    def class_of(canonical_id: str, metric: str) -> str:
        return models[canonical_id]["evidence"][metric]["class"]

    for metric, rules in coefficients["metrics"].items():
        figures = {
            canonical_id: figure
            for canonical_id, model in models.items()
            if (figure := on_scale(model.get("raw_metrics", {}).get(metric), rules)) is not None
        }
        direct = [figures[key] for key in figures if class_of(key, metric) == "direct"]
        baseline = direct if len(direct) >= 2 else list(figures.values())
        for canonical_id, figure in figures.items():
            results[canonical_id].metrics[metric] = discount(
                normalise(figure, baseline, rules),
                models[canonical_id]["evidence"][metric],
                coefficients["penalties"],
            )

    leaves = weighted_leaf_metrics(coefficients)
    for canonical_id, result in results.items():
        measured = dict(result.metrics)
        classes = {metric: class_of(canonical_id, metric) for metric in measured}
        result.missing_metrics = sorted(leaves - measured.keys())
        synthesised = sum(name == "synthesised" for name in classes.values())
        cap = coefficients["synthesis"]["per_model_cap"]
        result.synthesis_dominant = bool(measured) and synthesised / len(measured) > cap

        for composite, weights in coefficients["composite_metrics"].items():
            inputs = [key for key, weight in weights.items() if weight > 0 and key in measured]
            if inputs:
                average = missing_safe_average(weights, measured, aggregation)
                result.metrics[composite] = average.value
                worst = max(CLASSES.index(classes[key]) for key in inputs)
                result.composite_classes[composite] = CLASSES[worst]

        for group, weights in coefficients["group_weights"].items():
            average = missing_safe_average(weights, result.metrics, aggregation)
            result.groups[group] = average.value
            result.coverage[group] = average.coverage
            if average.is_shrunk:
                result.groups_shrunk.append(group)
        result.groups_shrunk.sort()

        for role, weights in coefficients["final_score_weights"].items():
            result.scores[role.lower()] = math.fsum(
                weight * result.groups[group] for group, weight in weights.items()
            )
        for repeated, score in REPEATED.items():
            result.scores[repeated] = result.scores[score]

    for letter, score in RANKED.items():
        ranks = competition_ranks({key: result.scores[score] for key, result in results.items()})
        for canonical_id, rank in ranks.items():
            results[canonical_id].ranks[letter] = rank
    return results


def compare(scoreboard: Table, coefficients: Table) -> list[str]:
    """One line for each place where the scoreboard is not what follows from its own figures.

    Numbers may differ by 2e-6; ranks, flags and which entries there are may not differ at all.
    The order within a list is not compared.
    """
    differences = faults(scoreboard, coefficients)
    if differences:
        return differences
    results = recompute(scoreboard, coefficients)
    for model in scoreboard["models"]:
        where, expected = model["canonical_id"], results[model["canonical_id"]]

        for table in ("metrics", "groups", "coverage", "scores"):
            found, wanted = model.get(table, {}), getattr(expected, table)
            differences += [
                f"{where}: {table}.{key} is {found.get(key, 'absent')}, "
                f"recomputed {wanted.get(key, 'absent')}"
                for key in sorted(found.keys() | wanted.keys())
                if key not in found or key not in wanted or not near(found[key], wanted[key])
            ]

        missing = model.get("missing", {})
        exact = [
            ("ranks", of_roles(model.get("ranks"), expected.ranks), expected.ranks),
            ("missing.metrics", in_order(missing.get("metrics")), expected.missing_metrics),
            (
                "missing.groups_shrunk",
                in_order(missing.get("groups_shrunk")),
                expected.groups_shrunk,
            ),
            (
                "missing.synthesis_dominant",
                missing.get("synthesis_dominant"),
                expected.synthesis_dominant,
            ),
        ]
        for composite in model["evidence"].keys() & coefficients["composite_metrics"].keys():
            found_class = model["evidence"][composite].get("class")
            wanted_class = expected.composite_classes.get(composite)
            exact.append((f"evidence.{composite}.class", found_class, wanted_class))
        differences += [
            f"{where}: {what} is {found}, recomputed {wanted}"
            for what, found, wanted in exact
            if found != wanted
        ]
    return differences


def of_roles(ranks: Table | None, roles: Iterable[str]) -> Table | None:
    """The ranks alone, without what stands beside them about their spread."""
    return None if ranks is None else {role: ranks.get(role) for role in roles}


def near(found: object, wanted: float) -> bool:
    """Whether a published number is the recomputed one; what is no float never is."""
    return isinstance(found, float) and abs(found - wanted) <= TOLERANCE


def in_order(names: list[str] | None) -> list[str] | None:
    """A list of names sorted, double ones kept; nothing where there is no list."""
    return None if names is None else sorted(names)


if __name__ == "__main__":
    read = [tomllib.loads(Path(name).read_text(encoding="utf-8")) for name in sys.argv[1:3]]
    lines = compare(*read)
    print("\n".join(lines) or "No difference")
    sys.exit(bool(lines))
