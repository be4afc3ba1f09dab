"""Check of coefficients.toml: weights, thresholds, penalties and how each metric is normalised."""

import math
import re
from collections.abc import Collection
from dataclasses import dataclass

from ipbr_rank.config.problems import (
    Document,
    check_keys,
    check_top_level,
    choices,
    finite_number,
    list_of_text,
    subtables,
)
from ipbr_rank.words import shown

TRANSFORMS = ("percentile", "tail_penalty", "as_score")
METRIC_KEYS = ("higher_better", "log_scale", "groups", "transform")
SETTINGS = {
    "synthesis": ("per_model_cap", "per_source_cap"),
    "aggregation": ("trust_threshold", "trust_transition_width"),
    "penalties": ("synthesis", "override_reported"),
}
TABLES = ("group_weights", "composite_metrics", "final_score_weights", *SETTINGS, "metrics")
SUM_TOLERANCE = 1e-9
# A metric id becomes a file name and part of a web address.
METRIC_ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,79}", re.ASCII)


@dataclass(frozen=True)
class Coefficients:
    """What the other files are checked against."""

    metrics: list[str]
    composites: list[str]
    weighted: dict[str, str]
    """Metric id → the first table that gives it a weight."""


def check_coefficients(
    document: Document, *, groups: Collection[str], roles: Collection[str]
) -> Coefficients:
    """Reports everything wrong with the file as far as it can be told from the file alone."""
    check_top_level(document, TABLES)
    metrics = list(subtables(document, "metrics", "metric"))
    composites = list(subtables(document, "composite_metrics", "composite"))
    if not metrics:
        document.report("[metrics]", "", "no metric is declared", "one [metrics.X] per metric")
    for kind, ids in (("metrics", metrics), ("composite_metrics", composites)):
        for metric in ids:
            if not METRIC_ID.fullmatch(metric):
                document.report(
                    f"[{kind}]",
                    shown(metric),
                    "not a metric id",
                    "a letter, then letters, digits, _ and -, 80 characters at most",
                )
    _check_metrics(document, groups, composites)
    _check_parents(document, "group_weights", groups)
    _check_parents(document, "final_score_weights", roles)
    weighted: dict[str, str] = {}
    for kind, children, child_kind in (
        ("composite_metrics", metrics, "metric"),
        ("group_weights", [*metrics, *composites], "metric"),
        ("final_score_weights", list(groups), "group"),
    ):
        for parent, weights in subtables(document, kind, "parent").items():
            table = f"[{kind}.{parent}]"
            for child in weights:
                if child not in children:
                    nested = kind == "composite_metrics" and child in composites
                    document.report(
                        table,
                        child,
                        "is itself a composite" if nested else f"unknown {child_kind}",
                        "a composite is made of metrics" if nested else choices(children, child),
                    )
                elif child_kind == "metric":
                    weighted.setdefault(child, table)
            _check_weights(document, table, weights)
    _check_settings(document)
    return Coefficients(metrics, composites, weighted)


def check_weighted_metrics_have_figures(
    document: Document, coefficients: Coefficients, supplied: Collection[str]
) -> None:
    """Reports weighted metrics that no source and no override can ever fill."""
    for metric, table in coefficients.weighted.items():
        if metric in coefficients.metrics and metric not in supplied:
            document.report(
                table,
                metric,
                "weighted, but no source and no override has a figure for it",
                "give it a row in seeds/source_metrics.csv or an override, or take the weight away",
            )


def _check_metrics(document: Document, groups: Collection[str], composites: list[str]) -> None:
    for metric, keys in subtables(document, "metrics", "metric").items():
        table = f"[metrics.{metric}]"
        if metric in composites:
            document.report(
                table, "", "also declared as a composite", "an id is a metric or a composite"
            )
        check_keys(document, table, keys, METRIC_KEYS)
        for key in ("higher_better", "log_scale"):
            if key in keys and not isinstance(keys[key], bool):
                document.report(table, key, f"found {shown(keys[key])}", "valid: true, false")
        transform = keys.get("transform")
        if "transform" in keys and transform not in TRANSFORMS:
            document.report(
                table,
                "transform",
                f"unknown transform {shown(transform)}",
                choices(TRANSFORMS, str(transform)),
            )
        if transform == "as_score" and keys.get("log_scale") is True:
            document.report(
                table,
                "log_scale",
                "found true beside transform as_score",
                "as_score takes the figure as it is: false was expected",
            )
        for group in list_of_text(document, table, "groups", keys.get("groups", [])):
            if group not in groups:
                document.report(
                    table, "groups", f"unknown group {shown(group)}", choices(groups, group)
                )


def _check_parents(document: Document, kind: str, expected: Collection[str]) -> None:
    """Every group, and every role, has its table of weights and there is no other."""
    found = subtables(document, kind, "parent")
    for parent in found:
        if parent not in expected:
            of = "group" if kind == "group_weights" else "role"
            document.report(f"[{kind}.{parent}]", "", f"unknown {of}", choices(expected, parent))
    for parent in expected:
        if parent not in found:
            document.report(f"[{kind}.{parent}]", "", "missing", f"needed: {', '.join(expected)}")


def _check_weights(document: Document, table: str, weights: dict[str, object]) -> None:
    """Weights are finite numbers, none below 0, and sum to 1."""
    numbers = []
    for child, weight in weights.items():
        number = finite_number(weight)
        if number is None:
            document.report(
                table, child, f"found {shown(weight)}", "a number between 0 and 1 was expected"
            )
        elif number < 0:
            document.report(table, child, f"found {shown(weight)}", "a weight cannot be negative")
        else:
            numbers.append(number)
    if len(numbers) == len(weights) and abs(math.fsum(numbers) - 1) > SUM_TOLERANCE:
        document.report(
            table, "", f"the weights sum to {math.fsum(numbers):.12g}", "they must sum to 1"
        )


def _check_settings(document: Document) -> None:
    for name, keys in SETTINGS.items():
        table = f"[{name}]"
        values = document.tables.get(name)
        if not isinstance(values, dict):
            document.report(table, "", "missing", f"this table needs {', '.join(keys)}")
            continue
        check_keys(document, table, values, keys)
        for key in keys:
            if key not in values:
                continue
            number = finite_number(values[key])
            # The trust curve divides by its width.
            above_zero = key == "trust_transition_width"
            if number is None or not 0 <= number <= 1 or (above_zero and number == 0):
                bound = "a number above 0 and up to 1" if above_zero else "a number from 0 to 1"
                document.report(table, key, f"found {shown(values[key])}", f"{bound} was expected")
