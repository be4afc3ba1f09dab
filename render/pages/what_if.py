"""What-if: the scores as a reader weights them, in the page. Shows marts, and scores nothing."""

from __future__ import annotations

import json
from typing import Any

import tomli_w

from render.board import ScoreboardRow
from render.files.toml import coefficients_document
from render.lookup import Lookup


def what_if_context(lookup: Lookup) -> dict[str, Any]:
    """Values, weights and thresholds for the script, or None where the board lacks them."""
    board = lookup.board
    weights = lookup.weights
    if weights is None or board.settings is None or board.metrics is None:
        return {"payload": None}
    settings = {setting.setting_id: setting.value for setting in board.settings}
    used = sorted({child_id for _, children in weights["group"] for child_id, _ in children})
    place = {metric_id: number for number, metric_id in enumerate(used)}
    role_weights = dict(weights["role"])
    tables = coefficients_document(board)
    rest = {
        name: table
        for name, table in tables.items()
        if name not in ("group_weights", "final_score_weights")
    }
    return {
        "payload": json.dumps(
            {
                "settings": {
                    "threshold": settings["aggregation.trust_threshold"],
                    "width": settings["aggregation.trust_transition_width"],
                },
                "metrics": [[metric_id, lookup.metric_name(metric_id)] for metric_id in used],
                "groups": {
                    group_id: [[place[child_id], weight] for child_id, weight in children]
                    for group_id, children in weights["group"]
                },
                "groupNames": {
                    group_id: group.display_name for group_id, group in lookup.groups.items()
                },
                "roles": [
                    {
                        "id": role.role_id,
                        "key": role.score_key,
                        "name": role.display_name,
                        "groups": role_weights[role.score_key],
                    }
                    for role in board.roles
                ],
                "models": [
                    {
                        "slug": row.slug,
                        "name": row.display_name,
                        "scores": [round(row.score_of(role), 6) for role in board.roles],
                        "ranked": [
                            int(lookup.is_ranked(row.canonical_id, role.role_id))
                            for role in board.roles
                        ],
                        "values": [_value(lookup, row, metric_id) for metric_id in used],
                    }
                    for row in lookup.ranked
                ],
                "rest": tomli_w.dumps(rest),
            },
            separators=(",", ":"),
        )
    }


def _value(lookup: Lookup, row: ScoreboardRow, metric_id: str) -> float | None:
    figure = lookup.measurements[row.canonical_id].get(metric_id)
    return None if figure is None or figure.value is None else round(figure.value, 8)
