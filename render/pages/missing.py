"""What is missing: the map of models and benchmarks."""

from __future__ import annotations

from typing import Any

from render.board import Measurement
from render.lookup import Lookup

CELL = 15
EVIDENCE = ("direct", "reported", "synthesised")


def missing_context(lookup: Lookup) -> dict[str, Any]:
    """The map of models by metrics: per model one path of cells for each class of evidence."""
    columns = sorted(
        {
            entry.metric_id
            for entry in lookup.board.measurements
            if entry.metric_kind == "metric" and lookup.shares.get(entry.metric_id)
        },
        key=lambda metric_id: (-lookup.total_share(metric_id), metric_id),
    )
    place = {metric_id: number for number, metric_id in enumerate(columns)}
    return {
        "columns": columns,
        "cell": CELL,
        "map_rows": [
            (row, _cells(lookup.measurements[row.canonical_id], place)) for row in lookup.by_place
        ],
        "counts": [
            (metric_id, _counts(lookup.of_metric[metric_id], lookup)) for metric_id in columns
        ],
    }


def _cells(figures: dict[str, Measurement], place: dict[str, int]) -> list[tuple[str, str]]:
    """Per class of evidence a path of squares, each drawn as a stroke along the row."""
    paths = dict.fromkeys(EVIDENCE, "")
    for metric_id, number in place.items():
        figure = figures.get(metric_id)
        if figure is not None and figure.evidence_class in paths:
            paths[figure.evidence_class] += f"M{number * CELL + 1} 0h{CELL - 2}"
    return [(kind, path) for kind, path in paths.items() if path]


def _counts(figures: list[Measurement], lookup: Lookup) -> list[int]:
    counts = [sum(figure.evidence_class == kind for figure in figures) for kind in EVIDENCE]
    return [*counts, len(lookup.rows) - sum(counts)]
