"""One page per metric: what it is, its strip plot and ranking, and where its weight goes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from render import show
from render.board import Measurement, Metric
from render.charts.left_out import RoleMoves, moves_of_metrics
from render.files.notice import credited
from render.lookup import Lookup, bound_of


@dataclass(frozen=True, slots=True)
class Entry:
    """One model in the ranking of a metric."""

    figure: Measurement
    shown: float | None  # raw figure, or the points of a composite
    place: str | None  # where on the strip, in hundredths


def metric_pages(lookup: Lookup) -> dict[str, dict[str, Any]]:
    """Address → context of every metric's page."""
    moves = moves_of_metrics(lookup)
    return {
        lookup.metric_pages[metric_id]: _context(lookup, metric, moves[metric_id])
        for metric_id, metric in lookup.metrics.items()
    }


def _context(lookup: Lookup, metric: Metric, moves: list[RoleMoves]) -> dict[str, Any]:
    figures = lookup.of_metric[metric.metric_id]
    zero_at = bound_of(metric, is_best=False)
    hundred_at = bound_of(metric, is_best=True)
    scale = _scale(metric, figures, [zero_at, hundred_at])
    weights = lookup.weights or {"role": [], "group": [], "composite": []}
    parents = [
        (kind, parent_id, dict(children)[metric.metric_id])
        for kind in ("group", "composite")
        for parent_id, children in weights[kind]
        if metric.metric_id in dict(children)
    ]
    entries = _ranking(metric, figures, scale)
    return {
        "metric": metric,
        "moves": moves,
        "quality": lookup.quality.get(metric.metric_id),
        "credits": credited(lookup, _own_figures(lookup, metric)),
        "zero_at": zero_at,
        "hundred_at": hundred_at,
        "marks": [
            (label, value, scale(value))
            for label, value in (("0 points", zero_at), ("100 points", hundred_at))
            if value is not None and scale is not None
        ],
        "entries": entries,
        "parents": parents,
        "inputs": dict(weights["composite"]).get(metric.metric_id, []),
        "decimals": show.decimals_of(entry.shown for entry in entries if entry.shown is not None),
        "without": [row for row in lookup.ranked
                    if metric.metric_id not in lookup.measurements[row.canonical_id]],
    }  # fmt: skip


def _shown(metric: Metric, figure: Measurement) -> float | None:
    return figure.value if metric.metric_kind == "composite" else figure.raw_value


def _scale(metric: Metric, figures: list[Measurement], bounds: list[float | None]) -> Any:
    """A function from a figure to its place in hundredths of the strip; None without figures."""
    values = [value for value in [*(_shown(metric, f) for f in figures), *bounds]
              if value is not None and (value > 0 or not metric.log_scale)]  # fmt: skip
    if not values:
        return None
    move = math.log if metric.log_scale else float
    low, high = move(min(values)), move(max(values))

    def place(value: float) -> str | None:
        if metric.log_scale and value <= 0:
            return None
        share = 0.5 if high == low else (move(value) - low) / (high - low)
        return show.coordinate(100 * share)

    return place


def _own_figures(lookup: Lookup, metric: Metric) -> list[Measurement]:
    """The figures that the page shows; a composite's points stand on those of its inputs."""
    composites = dict((lookup.weights or {}).get("composite", ()))
    inputs = [input_id for input_id, _ in composites.get(metric.metric_id, ())]
    return [entry for key in (metric.metric_id, *inputs) for entry in lookup.of_metric[key]]


def _ranking(metric: Metric, figures: list[Measurement], scale: Any) -> list[Entry]:
    """Models by the result itself, never by points: a ceiling or a discount is no difference."""
    sign = -1 if metric.higher_better or metric.metric_kind == "composite" else 1

    def order(figure: Measurement) -> tuple[Any, ...]:
        shown = _shown(metric, figure)
        return shown is None, sign * (shown or 0.0), figure.canonical_id

    entries = []
    for figure in sorted(figures, key=order):
        shown = _shown(metric, figure)
        entries.append(
            Entry(
                figure=figure,
                shown=shown,
                place=scale(shown) if scale is not None and shown is not None else None,
            )
        )
    return entries
