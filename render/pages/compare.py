"""Compare: two or more models side by side. Shows marts, and scores nothing."""

from __future__ import annotations

import json
from typing import Any

from render import show
from render.board import ScoreboardRow
from render.lookup import Lookup
from render.pages.benchmarks import KINDS
from render.pages.index import price_text

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
    compared = sorted(
        (
            metric_id
            for metric_id, metric in lookup.metrics.items()
            if metric.metric_kind == "metric" and lookup.total_share(metric_id)
        ),
        key=lambda metric_id: (-lookup.total_share(metric_id), metric_id),
    )
    ordered = sorted(
        lookup.board.scoreboard, key=lambda row: (*_balanced_place(lookup, row), row.canonical_id)
    )
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
                 [_stand(lookup, row, role.role_id) for role in lookup.board.roles],
                 {group_id: _group_parts(lookup, row, group_id, children)
                  for group_id, children in metric_ids.items()},
                 [row.blended_cost_usd, row.output_speed_tokens_per_second,
                  row.output_speed_effort, row.time_to_first_token_seconds,
                  row.time_to_first_token_effort, show.tokens(row.context_window_tokens),
                  price_text(row)],
                 [_result(lookup, row, metric_id) for metric_id in compared]]
                for row in ordered
            ],
            "metrics": [
                [lookup.metric_name(metric_id), lookup.metric_pages.get(metric_id),
                 [round(lookup.shares.get(metric_id, {}).get(role.role_id, 0.0), DECIMALS)
                  for role in lookup.board.roles]]
                for metric_id in compared
            ],
        },
        separators=(",", ":"),
    )  # fmt: skip


def _balanced_place(lookup: Lookup, row: ScoreboardRow) -> tuple[bool, int]:
    """Models with a place first: they are what is compared unless asked otherwise."""
    evidence = lookup.evidence.get((row.canonical_id, "balanced"))
    place = None if evidence is None else evidence.place
    return place is None, place or row.balanced_rank


def _stand(lookup: Lookup, row: ScoreboardRow, role_id: str) -> list[Any]:
    """Both ends of the interval, the places, and the share of own evidence."""
    interval = lookup.intervals.get((row.canonical_id, role_id))
    evidence = lookup.evidence.get((row.canonical_id, role_id))
    return [
        *(
            (None, None)
            if interval is None
            else (round(interval.p05_score, DECIMALS), round(interval.p95_score, DECIMALS))
        ),
        show.place_range(evidence),
        None if evidence is None else round(evidence.own_share, DECIMALS),
    ]


def _result(lookup: Lookup, row: ScoreboardRow, metric_id: str) -> list[Any] | None:
    """A result in its own unit, its points and its kind of evidence; None where it is not known."""
    figure = lookup.measurements[row.canonical_id].get(metric_id)
    if figure is None or figure.value is None:
        return None
    unit = lookup.metrics[metric_id].unit
    text = show.figure(figure.raw_value, 4) + (" %" if unit == "percent" else "")
    return [text, round(figure.value, 2), KINDS.get(figure.evidence_class or "", "")]


def _group_parts(
    lookup: Lookup, row: ScoreboardRow, group_id: str, metric_ids: list[str]
) -> list[float | None]:
    """What each metric adds to a group, None where it is missing; the pull to 50 comes last."""
    parts = {
        step.metric_id: round(step.contribution, DECIMALS)
        for step in lookup.group_contributions[row.canonical_id, group_id]
    }
    return [*(parts.get(metric_id) for metric_id in metric_ids), parts.get(None, 0.0)]
