"""What the publishable edition leaves out: sources, benchmarks, and the weight that goes with them.

No withheld figure is known here: it was never read.
"""

from __future__ import annotations

from typing import Any

from render.lookup import Lookup

WITHHELD = "withheld"


def edition_context(lookup: Lookup) -> dict[str, Any]:
    """Sources that were left out, what they feed, and what each role's weight rests on without."""
    board = lookup.board
    left_out = [source for source in board.sources if source.status == WITHHELD]
    ids = {source.source_id for source in left_out}
    # Reported figures have no board: any metric may have some, whatever is left out.
    boards = {source.source_id for source in board.sources if source.endpoint} - ids
    metrics = [
        metric
        for metric in lookup.metrics.values()
        if metric.metric_kind == "metric" and ids & set(metric.source_ids or ())
    ]
    metrics.sort(key=lambda metric: (-lookup.total_share(metric.metric_id), metric.metric_id))
    return {
        "left_out": [
            (source, [m for m in metrics if source.source_id in (m.source_ids or ())])
            for source in left_out
        ],
        "affected": [
            {
                "metric": metric,
                # Every board that measures it is left out: only vendors' own reports remain.
                "is_without_board": not boards & set(metric.source_ids or ()),
                "shares": lookup.shares.get(metric.metric_id, {}),
                "n_left": len(lookup.of_metric[metric.metric_id]),
            }
            for metric in metrics
        ],
        "weight_lost": {
            role.role_id: sum(
                lookup.shares.get(metric.metric_id, {}).get(role.role_id, 0)
                for metric in metrics
                if not boards & set(metric.source_ids or ())
            )
            for role in board.roles
        },
        "withheld_figures": [
            warning
            for warning in board.warnings or ()
            if warning.warning_kind == "withheld_figures"
        ],
    }
