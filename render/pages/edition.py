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
    weights = board.withheld_weight or ()
    is_without_board = {entry.metric_id: entry.is_without_board for entry in weights}
    shares: dict[str, dict[str, float]] = {metric_id: {} for metric_id in is_without_board}
    for entry in weights:
        shares[entry.metric_id][entry.role_id] = entry.weight_share
    metrics = [lookup.metrics[metric_id] for metric_id in is_without_board]
    metrics.sort(key=lambda metric: (-sum(shares[metric.metric_id].values()), metric.metric_id))
    return {
        "left_out": [
            (source, [m for m in metrics if source.source_id in (m.source_ids or ())])
            for source in board.sources
            if source.status == WITHHELD
        ],
        "affected": [
            {
                "metric": metric,
                # Every board that measures it is left out: only vendors' own values remain.
                "is_without_board": is_without_board[metric.metric_id],
                "shares": shares[metric.metric_id],
                "n_left": len(lookup.of_metric[metric.metric_id]),
            }
            for metric in metrics
        ],
        "weight_lost": dict.fromkeys((role.role_id for role in board.roles), 0.0)
        | {entry.role_id: entry.lost_share for entry in weights},
        "withheld_figures": [
            warning
            for warning in board.warnings or ()
            if warning.warning_kind == "withheld_figures"
        ],
    }
