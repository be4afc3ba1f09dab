"""What is missing: the map of models and benchmarks."""

from __future__ import annotations

import math
from typing import Any

from render.board import Measurement
from render.lookup import Lookup

# The map fills the page's column beside the names, but a cell can be hit and is no wall.
MAP_WIDTH = 940
SMALLEST_CELL, LARGEST_CELL = 15, 24
# Of a letter of the headings, and the longest heading in letters.
LETTER_WIDTH, LONGEST_HEADING = 6.4, 32
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
    cell = max(SMALLEST_CELL, min(LARGEST_CELL, MAP_WIDTH // max(1, len(columns))))
    names = (len(lookup.metric_name(metric_id)) for metric_id in columns)
    longest = min(LONGEST_HEADING, max(names, default=0))
    place = {metric_id: number for number, metric_id in enumerate(columns)}
    return {
        "columns": columns,
        "cell": cell,
        "head": math.ceil(LETTER_WIDTH * longest) + 8,
        "map_rows": [
            (row, _cells(lookup.measurements[row.canonical_id], place, cell))
            for row in lookup.by_place
        ],
        "counts": [
            (metric_id, _counts(lookup.of_metric[metric_id], lookup)) for metric_id in columns
        ],
    }


def _cells(
    figures: dict[str, Measurement], place: dict[str, int], cell: int
) -> list[tuple[str, str]]:
    """Per class of evidence a path of squares, each drawn as a stroke along the row."""
    paths = dict.fromkeys(EVIDENCE, "")
    for metric_id, number in place.items():
        figure = figures.get(metric_id)
        if figure is not None and figure.evidence_class in paths:
            paths[figure.evidence_class] += f"M{number * cell + 1} 0h{cell - 2}"
    return [(kind, path) for kind, path in paths.items() if path]


def _counts(figures: list[Measurement], lookup: Lookup) -> list[int]:
    counts = [sum(figure.evidence_class == kind for figure in figures) for kind in EVIDENCE]
    return [*counts, len(lookup.rows) - sum(counts)]
