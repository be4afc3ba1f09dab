"""Sources: what each serves, how old it is, and under which terms."""

from __future__ import annotations

from typing import Any

from render import show
from render.lookup import Lookup

REDISTRIBUTION = {
    "open": "open",
    "attribution": "with attribution",
    "non_commercial": "non-commercial only",
    "restricted": "restricted",
    "unknown": "not stated",
}


def sources_context(lookup: Lookup) -> dict[str, Any]:
    """Every source, with its age at the time of the run."""
    now = lookup.board.run.generated_at
    return {
        "entries": [
            {
                "source": source,
                "age": None if source.fetched_at is None else show.age(now - source.fetched_at),
                "redistribution": REDISTRIBUTION.get(source.redistribution or "", "not stated"),
                "metrics": [
                    metric_id
                    for metric_id, metric in lookup.metrics.items()
                    if source.source_id in (metric.source_ids or ())
                ],
            }
            for source in lookup.board.sources
        ],
    }
