"""One page per model: where it stands, what its scores stand on, and what would change them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from render import show
from render.board import Measurement, ResultChange, Role, RoleEvidence, ScoreboardRow
from render.changes import Change, change_of, has_changes, place_of
from render.charts.left_out import moves_of_models
from render.files.notice import credited
from render.lookup import Lookup
from render.pages.timeline import Timeline

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
    counts = lookup.ranked_counts
    by_model: dict[str, list[ResultChange]] = {}
    for entry in lookup.board.result_changes or ():
        by_model.setdefault(entry.canonical_id, []).append(entry)
    for row in lookup.ranked:
        by_vendor.setdefault(row.vendor, []).append(row)
    return {
        f"models/{row.slug}.html": {
            "row": row,
            "card": f"cards/models/{row.slug}.png",
            "card_words": f"Scores and ranks of {row.display_name[:80]} in four roles",
            "verdict": verdict(lookup, row),
            "n_ranked": counts,
            "is_effort_mixed": row.thinking_effort is not None
            and any(
                effort not in (None, row.thinking_effort)
                for effort in (row.output_speed_effort, row.time_to_first_token_effort)
            ),
            "aliases": _aliases(lookup, row),
            "waterfalls": [
                (role, row.score_of(role), row.rank_of(role), waterfall(lookup, row, role))
                for role in lookup.board.roles
            ],
            "moves": moves.get(row.canonical_id, []),
            "needs": [
                (role, lookup.evidence[key], lookup.missing_results[key])
                for role in lookup.board.roles
                if (key := (row.canonical_id, role.role_id)) in lookup.missing_results
            ],
            "changes": changes.get(row.canonical_id, {}),
            "courses": timeline.sparklines(row.canonical_id),
            "has_cuts": bool(timeline.cuts),
            "moved": moved(lookup, row),
            "result_changes": by_model.get(row.canonical_id, []),
            "days": timeline.days,
            "results": (found := results(lookup, row)),
            "first_unweighted": next(
                (metric_id for metric_id, _, _ in found if not lookup.total_share(metric_id)), None
            ),
            "credits": credited(lookup, lookup.measurements[row.canonical_id].values()),
            "siblings": [other for other in by_vendor[row.vendor] if other.slug != row.slug],
        }
        for row in lookup.ranked
    }


def _changes(lookup: Lookup) -> dict[str, dict[str, Change]]:
    """Change of rank by model and role, where there is one."""
    found: dict[str, dict[str, Change]] = {}
    for score in lookup.board.role_scores if has_changes(lookup.board) else ():
        change = change_of(score, lookup)
        if change:
            found.setdefault(score.canonical_id, {})[score.role_id] = change
    return found


def _aliases(lookup: Lookup, row: ScoreboardRow) -> tuple[str, ...]:
    return next(
        (model.aliases for model in lookup.board.models if model.canonical_id == row.canonical_id),
        (),
    )


def verdict(lookup: Lookup, row: ScoreboardRow) -> str:
    """Where a model stands, and where too little is known, in two sentences at most."""
    stands = [
        (role, lookup.evidence.get((row.canonical_id, role.role_id))) for role in lookup.board.roles
    ]
    if not lookup.evidence:
        return "This board does not show the evidence behind its scores, so no model has a place."
    ranked = sorted(
        ((role, entry) for role, entry in stands if entry is not None and entry.is_ranked),
        key=lambda item: (item[1].place or 0, item[1].place_p95 or 0, item[0].role_order),
    )
    others = [role for role, entry in stands if entry is None or not entry.is_ranked]
    if not ranked:
        return "Not ranked: too little is measured or claimed for a place in any role."
    counts = lookup.ranked_counts
    places = [
        f"{'clearly ' if entry.place_p05 == entry.place_p95 == 1 else ''}"
        f"{_place_words(entry)} of {counts[role.role_id]} in {role.display_name}"
        for role, entry in ranked
    ]
    text = show.joined(places)
    text = text[0].upper() + text[1:] + "."
    if others:
        names = show.joined([role.display_name for role in others])
        text += f" Too little is measured or claimed for a place in {names}."
    return text


def moved(lookup: Lookup, row: ScoreboardRow) -> str:
    """What became of a model's places since the earlier board, in a sentence; empty without one."""
    if not has_changes(lookup.board):
        return ""
    scores = {
        score.role_id: score
        for score in lookup.board.role_scores
        if score.canonical_id == row.canonical_id
    }
    if all(score.previous_rank is None for score in scores.values()):
        return "new on the board."
    told: list[str] = []
    stayed: list[str] = []
    for role in lookup.board.roles:
        score = scores[role.role_id]
        change = change_of(score, lookup)
        if change is not None and change.text == "ranked":
            place = show.ordinal(place_of(score, lookup) or score.rank)
            told.append(f"{role.display_name} provisional → {place}")
        elif change is not None:
            told.append(f"{role.display_name} {change.words}")
        elif score.previous_place is not None and place_of(score, lookup) is not None:
            stayed.append(role.display_name)
        elif score.previous_place is not None:
            told.append(f"{role.display_name} {show.ordinal(score.previous_place)} → provisional")
    sentences = ", ".join(told)
    if stayed:
        sentences += f"{'; ' if told else ''}the same place in {show.joined(stayed)}"
    return f"{sentences or 'no place on either board'}."


def _place_words(entry: RoleEvidence) -> str:
    low, high = entry.place_p05 or entry.place or 0, entry.place_p95 or entry.place or 0
    if low == high:
        return show.ordinal(low)
    return f"{show.ordinal(low)} {'or' if high == low + 1 else 'to'} {show.ordinal(high)}"


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


def results(
    lookup: Lookup, row: ScoreboardRow
) -> list[tuple[str, Measurement | None, dict[str, float]]]:
    """Every metric of the model, and every weighted one it lacks, the heaviest first."""
    figures = {
        metric_id: figure
        for metric_id, figure in lookup.measurements[row.canonical_id].items()
        if figure.metric_kind == "metric"
    }
    missing = [metric_id for metric_id in row.missing_metrics if metric_id not in figures]
    return [
        (metric_id, figures.get(metric_id), lookup.shares.get(metric_id, {}))
        for metric_id in sorted(
            [*figures, *missing],
            key=lambda metric_id: (
                -lookup.total_share(metric_id),
                lookup.metric_name(metric_id).lower(),
                metric_id,
            ),
        )
    ]
