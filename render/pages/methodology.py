"""The methodology: weights, metrics and their bounds, curves, and one score worked out."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from render import show
from render.board import Metric
from render.lookup import Lookup, WeightTables, bound_of
from render.pages.worked_example import worked_example


def methodology_context(lookup: Lookup) -> dict[str, Any]:
    """What methodology.html shows."""
    board = lookup.board
    return {
        "weights": lookup.weights,
        "groups": lookup.groups,
        "metrics": lookup.metrics,
        "metric_sections": _metric_sections(lookup, lookup.weights),
        "sources": lookup.sources,
        "settings": lookup.settings,
        "curves": _curves(lookup.settings),
        "example": worked_example(lookup),
        "board_thresholds": board.thresholds,
        "thresholds": lookup.thresholds,
        "backtest": [row for row in board.backtest or () if row.role_id == "all"],
        "calibration": {
            row.band: row
            for row in board.calibration or ()
            if row.predictor == "v1" and row.role_id == "all"
        },
        "inactive_models": [model for model in board.models if not model.is_active],
        "n_models": len(board.scoreboard),
    }


def _metric_sections(lookup: Lookup, weights: WeightTables | None) -> list[dict[str, Any]]:
    """Metrics under the first group they count in; then those that carry no weight."""
    board = lookup.board
    if board.metrics is None or weights is None:
        return []
    groups = lookup.groups
    composite_of = {
        child_id: parent_id
        for parent_id, children in weights["composite"]
        for child_id, _ in children
    }

    def section(metric: Metric) -> str:
        if not metric.is_weighted:
            return ""
        known = [group_id for group_id in metric.group_ids if group_id in groups]
        return min(known, key=lambda group_id: groups[group_id].group_order, default="")

    def order(metric: Metric) -> tuple[Any, ...]:
        # A composite stands right before its inputs.
        composite_id = composite_of.get(metric.metric_id, metric.metric_id)
        total = lookup.total_share(composite_id)
        is_input = metric.metric_id in composite_of
        own = lookup.total_share(metric.metric_id)
        return -total, composite_id, is_input, -own, metric.display_name.lower(), metric.metric_id

    none = dict.fromkeys((role.role_id for role in board.roles), 0.0)
    by_section: dict[str, list[Metric]] = defaultdict(list)
    for metric in board.metrics:
        by_section[section(metric)].append(metric)
    return [
        {
            "group": groups.get(group_id),
            "metrics": [
                {
                    "metric": metric,
                    "shares": lookup.shares.get(metric.metric_id, none),
                    "is_input": metric.metric_id in composite_of,
                    "zero_at": bound_of(metric, is_best=False),
                    "hundred_at": bound_of(metric, is_best=True),
                }
                for metric in sorted(by_section[group_id], key=order)
            ],
        }
        for group_id in [*groups, ""]
        if by_section[group_id]
    ]


def _curves(settings: dict[str, float] | None) -> dict[str, str]:
    """Paths of the three drawings, each in a square of 100 by 100 with the origin top left."""
    curves = {
        "percentile": "M0 100L15 100L85 0L100 0",
        "tail_penalty": "M0 100L20 30L100 0",
    }
    if settings is not None:
        threshold = settings["aggregation.trust_threshold"]
        width = settings["aggregation.trust_transition_width"]
        points = []
        for step in range(0, 101, 2):
            coverage = step / 100
            if width > 0:
                t = min(max((coverage - (threshold - width / 2)) / width, 0.0), 1.0)
            else:
                t = float(coverage >= threshold)
            trust = t * t * (3 - 2 * t)
            kept = coverage * (1 - trust) + trust
            points.append(f"{step} {show.coordinate(100 * (1 - kept))}")
        curves["trust"] = "M" + "L".join(points)
    return curves
