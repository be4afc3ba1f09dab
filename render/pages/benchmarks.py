"""Benchmarks: the heat map of models by benchmarks, and what each benchmark is worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from base.evidence import WORDS
from render import show
from render.board import Measurement
from render.lookup import Lookup


@dataclass(frozen=True, slots=True)
class HeatCell:
    """One value of the heat map: points, how strong the tint is (0 to 9), and its evidence."""

    points: float
    heat: int
    kind: str
    words: str


def benchmarks_context(lookup: Lookup) -> dict[str, Any]:
    """What benchmarks.html shows."""
    columns = sorted(
        {
            entry.metric_id
            for entry in lookup.board.measurements
            if entry.metric_kind == "metric" and lookup.total_share(entry.metric_id)
        },
        key=lambda metric_id: (-lookup.total_share(metric_id), metric_id),
    )

    return {
        "columns": columns,
        "heat_rows": [
            (
                row,
                [
                    _cell(lookup, lookup.measurements[row.canonical_id].get(metric_id))
                    for metric_id in columns
                ],
            )
            for row in lookup.by_place
        ],
        "qualities": [
            (
                lookup.metrics[metric_id],
                quality,
                _counts(lookup.of_metric[metric_id]),
            )
            for metric_id, quality in sorted(
                lookup.quality.items(),
                key=lambda item: (
                    -lookup.total_share(item[0]),
                    lookup.metric_name(item[0]).lower(),
                    item[0],
                ),
            )
        ],
    }


def _cell(lookup: Lookup, figure: Measurement | None) -> HeatCell | None:
    if figure is None or figure.value is None or figure.evidence_class not in show.KINDS:
        return None
    kind = show.KINDS[figure.evidence_class]
    words = WORDS[figure.evidence_class]
    if figure.donor_id:
        words += f" from {lookup.names.get(figure.donor_id, figure.donor_id)}"
    metric = lookup.metrics.get(figure.metric_id)
    unit = f" {metric.unit}" if metric is not None and metric.unit else ""
    return HeatCell(
        points=figure.value,
        heat=min(9, int(figure.value // 10)),
        kind=kind,
        words=(
            f"{lookup.metric_name(figure.metric_id)}: {'≈ ' if kind == 's' else ''}"
            f"{show.figure(figure.raw_value, 4)}{unit}, "
            f"{show.number(figure.value, 1)} points, {words}"
        ),
    )


def _counts(figures: list[Measurement]) -> list[int]:
    return [sum(figure.evidence_class == kind for figure in figures) for kind in show.KINDS]
