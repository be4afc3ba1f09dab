"""One page per model: verdict, waterfalls, the ledger of its figures, what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from render import show
from render.board import Measurement, Role, ScoreboardRow
from render.changes import Change, change_of, has_changes
from render.charts.left_out import moves_of_models
from render.files.notice import credited
from render.lookup import Lookup
from render.pages.timeline import Timeline

MISSING_NAMED = 3
# A pull smaller than this is the rounding of a full coverage.
PULL_SEEN = 1e-9


@dataclass(frozen=True, slots=True)
class Bar:
    """One step of a waterfall: from where to where on the scale of the score, 0 to 100."""

    kind: str  # group, metric or pull
    subject: str | None
    weight: float | None
    value: float | None
    start: float
    contribution: float
    evidence: str

    @property
    def x(self) -> str:
        return show.coordinate(self.start)

    @property
    def width(self) -> str:
        return show.coordinate(self.contribution)


def model_pages(lookup: Lookup) -> dict[str, dict[str, Any]]:
    """Address → context of every model's page."""
    by_vendor: dict[str, list[ScoreboardRow]] = {}
    timeline = Timeline(lookup)
    changes = _changes(lookup)
    moves = moves_of_models(lookup)
    for row in lookup.ranked:
        by_vendor.setdefault(row.vendor, []).append(row)
    return {
        f"models/{row.slug}.html": {
            "row": row,
            "card": f"cards/models/{row.slug}.png",
            "card_words": f"Scores and ranks of {row.display_name[:80]} in four roles",
            "verdict": _verdict(lookup, row),
            "likely": [
                (role, lookup.intervals[row.canonical_id, role.role_id])
                for role in lookup.board.roles
                if (row.canonical_id, role.role_id) in lookup.intervals
            ],
            "aliases": _aliases(lookup, row),
            "waterfalls": [
                (role, row.score_of(role), row.rank_of(role), waterfall(lookup, row, role))
                for role in lookup.board.roles
            ],
            "moves": moves.get(row.canonical_id, []),
            "changes": changes.get(row.canonical_id, {}),
            "courses": timeline.sparklines(row.canonical_id),
            "days": timeline.days,
            "ledger": _ledger(lookup, row),
            "credits": credited(lookup, lookup.measurements[row.canonical_id].values()),
            "missing": _missing(lookup, row),
            "siblings": [other for other in by_vendor[row.vendor] if other.slug != row.slug],
        }
        for row in lookup.ranked
    }


def _changes(lookup: Lookup) -> dict[str, dict[str, Change]]:
    """Change of rank by model and role, where there is one."""
    found: dict[str, dict[str, Change]] = {}
    for score in lookup.board.role_scores if has_changes(lookup.board) else ():
        change = change_of(score)
        if change:
            found.setdefault(score.canonical_id, {})[score.role_id] = change
    return found


def _aliases(lookup: Lookup, row: ScoreboardRow) -> tuple[str, ...]:
    return next(
        (model.aliases for model in lookup.board.models if model.canonical_id == row.canonical_id),
        (),
    )


def _verdict(lookup: Lookup, row: ScoreboardRow) -> dict[str, Any]:
    """The facts of the one sentence: best role, other roles, strong and weak groups, the gaps."""
    roles = sorted(lookup.board.roles, key=lambda role: (row.rank_of(role), role.role_order))
    ranks = lookup.group_ranks[row.canonical_id]
    # A group that is pulled towards 50 says little about the model.
    known = [group_id for group_id in ranks if group_id not in row.groups_shrunk]
    ordered = sorted(
        known, key=lambda group_id: (ranks[group_id], lookup.groups[group_id].group_order)
    )
    return {
        "roles": [(role, row.rank_of(role)) for role in roles],
        "strongest": ordered[0] if ordered else None,
        "weakest": ordered[-1] if len(ordered) > 1 else None,
        "ranks": ranks,
        "missing": _heaviest_missing(lookup, row)[:MISSING_NAMED],
    }


def waterfall(lookup: Lookup, row: ScoreboardRow, role: Role) -> list[Bar]:
    """The steps from 0 to a model's score in a role: each group, then its metrics and its pull."""
    bars: list[Bar] = []
    start = 0.0
    measurements = lookup.measurements[row.canonical_id]
    for group in lookup.role_contributions.get((row.canonical_id, role.role_id), ()):
        bars.append(
            Bar("group", group.group_id, group.weight, group.group_score, start,
                group.contribution, "")
        )  # fmt: skip
        for step in lookup.group_contributions[row.canonical_id, group.group_id]:
            contribution = group.weight * step.contribution
            if step.is_pull:
                if contribution > PULL_SEEN:
                    bars.append(Bar("pull", None, None, step.value, start, contribution, ""))
            else:
                figure = measurements.get(step.metric_id or "")
                bars.append(
                    Bar("metric", step.metric_id, group.weight * (step.weight or 0), step.value,
                        start, contribution, (figure and figure.evidence_class) or "")
                )  # fmt: skip
            start += contribution
    return bars


def _ledger(lookup: Lookup, row: ScoreboardRow) -> list[tuple[Measurement, dict[str, float]]]:
    """Every figure of the model with its share of each role's weight, the heaviest first."""
    return [
        (figure, lookup.shares.get(figure.metric_id, {}))
        for figure in sorted(
            (
                figure
                for figure in lookup.measurements[row.canonical_id].values()
                if figure.metric_kind == "metric"
            ),
            key=lambda figure: (
                -lookup.total_share(figure.metric_id),
                lookup.metric_name(figure.metric_id).lower(),
                figure.metric_id,
            ),
        )
    ]


def _heaviest_missing(lookup: Lookup, row: ScoreboardRow) -> list[str]:
    return sorted(
        row.missing_metrics, key=lambda metric_id: (-lookup.total_share(metric_id), metric_id)
    )


def _missing(lookup: Lookup, row: ScoreboardRow) -> list[tuple[str, dict[str, float], float]]:
    """Weighted metrics without a figure: id, share of each role's weight, share of all four."""
    return [
        (metric_id, lookup.shares.get(metric_id, {}), lookup.total_share(metric_id))
        for metric_id in _heaviest_missing(lookup, row)
    ]
