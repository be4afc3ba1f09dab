"""Compare: two or more models side by side. Shows marts, and scores nothing."""

from __future__ import annotations

import json
from typing import Any

from render.board import ScoreboardRow
from render.lookup import Lookup

TOP = 10
# Contributions in the page of comparisons: enough for sums of thirty to agree to four decimals.
DECIMALS = 6


def compare_context(lookup: Lookup) -> dict[str, Any]:
    """All pairs among the first ten, and for the script every contribution of every model."""
    top = lookup.ranked[:TOP]
    return {
        "top": top,
        "gaps": [
            (role, [(row, [row.score_of(role) - other.score_of(role) for other in top])
                    for row in top])
            for role in lookup.board.roles
        ],
        "payload": _compare_payload(lookup) if lookup.board.group_contributions else None,
    }  # fmt: skip


def _compare_payload(lookup: Lookup) -> str:
    """Models with their contributions to each group, in the order of the group's metrics."""
    weights = lookup.weights or {"role": [], "group": []}
    metric_ids = {
        group_id: [child_id for child_id, _ in children] for group_id, children in weights["group"]
    }
    role_ids = {role.score_key: role.role_id for role in lookup.board.roles}
    return json.dumps(
        {
            "roles": [
                [role.role_id, role.letter, role.display_name,
                 next(children for key, children in weights["role"]
                      if role_ids.get(key) == role.role_id)]
                for role in lookup.board.roles
            ],
            "groups": {
                group_id: [lookup.groups[group_id].display_name,
                           [lookup.metric_name(metric_id) for metric_id in children]]
                for group_id, children in metric_ids.items()
            },
            "models": [
                [row.slug, row.display_name, [row.score_of(role) for role in lookup.board.roles],
                 [row.rank_of(role) for role in lookup.board.roles],
                 {group_id: _group_parts(lookup, row, group_id, children)
                  for group_id, children in metric_ids.items()}]
                for row in lookup.ranked
            ],
        },
        separators=(",", ":"),
    )  # fmt: skip


def _group_parts(
    lookup: Lookup, row: ScoreboardRow, group_id: str, metric_ids: list[str]
) -> list[float | None]:
    """What each metric adds to a group, None where it is missing; the pull to 50 comes last."""
    parts = {
        step.metric_id: round(step.contribution, DECIMALS)
        for step in lookup.group_contributions[row.canonical_id, group_id]
    }
    return [*(parts.get(metric_id) for metric_id in metric_ids), parts.get(None, 0.0)]
