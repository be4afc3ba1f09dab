"""Compare: two or more models side by side. Shows marts, and scores nothing."""

from __future__ import annotations

import json
import math
from typing import Any

from render import show
from render.board import ScoreboardRow
from render.lookup import Lookup
from render.pages.index import price_text

TOP = 10
# Contributions in the page of comparisons: enough for sums of thirty to agree to four decimals.
DECIMALS = 6


def compare_context(lookup: Lookup) -> dict[str, Any]:
    """All pairs among the first ten, and for the script every contribution of every model."""
    top = [row for row in lookup.by_place if _has_place(lookup, row)][:TOP]
    return {
        "top": top,
        "gaps": [
            (role, [(row, [row.score_of(role) - other.score_of(role) for other in top])
                    for row in top])
            for role in lookup.board.roles
        ],
        "payload": _compare_payload(lookup) if lookup.board.group_contributions else None,
    }  # fmt: skip


def _has_place(lookup: Lookup, row: ScoreboardRow) -> bool:
    """Whether a model has a place over all roles; on a board without evidence none is left out."""
    evidence = lookup.evidence.get((row.canonical_id, "balanced"))
    return evidence is None or evidence.is_ranked


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
                for row in lookup.by_place
            ],
            "leads": _leads(lookup),
            "metrics": [
                [lookup.metric_name(metric_id), lookup.metric_pages.get(metric_id),
                 [round(lookup.shares.get(metric_id, {}).get(role.role_id, 0.0), DECIMALS)
                  for role in lookup.board.roles]]
                for metric_id in compared
            ],
        },
        separators=(",", ":"),
    )  # fmt: skip


def _leads(lookup: Lookup) -> dict[str, list[Any]]:
    """Per role its models in the order of their places, and for each the models after it: in how
    many of 100 draws it is ahead of them, and whether that is clear.

    Rounded down, so that no number reaches the limit that its share does not.
    """
    leads = {
        (lead.role_id, lead.canonical_id, lead.other_id): lead
        for lead in lookup.board.score_leads or ()
    }
    found = {}
    for role in lookup.board.roles:
        models = {pair[1:][side] for pair in leads if pair[0] == role.role_id for side in (0, 1)}
        order = sorted(
            models, key=lambda model: (lookup.evidence[model, role.role_id].place or 0, model)
        )
        rows = [
            [leads[role.role_id, model, other] for other in order[number + 1 :]]
            for number, model in enumerate(order)
        ]
        found[role.role_id] = [
            [lookup.rows[model].slug for model in order],
            [[math.floor(100 * lead.ahead_share + show.SUM_ERROR) for lead in row] for row in rows],
            ["".join(str(int(lead.is_clear)) for lead in row) for row in rows],
        ]
    return found


def _stand(lookup: Lookup, row: ScoreboardRow, role_id: str) -> list[Any]:
    """Both ends of the interval, the places, the share of own evidence, and if nothing is known."""
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
        int(evidence is not None and evidence.is_unknown),
    ]


def _result(lookup: Lookup, row: ScoreboardRow, metric_id: str) -> list[Any] | None:
    """A result in its own unit, its points and its kind of evidence; None where it is not known."""
    figure = lookup.measurements[row.canonical_id].get(metric_id)
    if figure is None or figure.value is None:
        return None
    unit = lookup.metrics[metric_id].unit
    text = show.figure(figure.raw_value, 4) + (" %" if unit == "percent" else "")
    return [text, round(figure.value, 2), show.KINDS.get(figure.evidence_class or "", "")]


def _group_parts(
    lookup: Lookup, row: ScoreboardRow, group_id: str, metric_ids: list[str]
) -> list[float | None]:
    """What each metric adds to a group, None where it is missing; the shrinkage to 50 is last."""
    parts = {
        step.metric_id: round(step.contribution, DECIMALS)
        for step in lookup.group_contributions[row.canonical_id, group_id]
    }
    return [*(parts.get(metric_id) for metric_id in metric_ids), parts.get(None, 0.0)]
