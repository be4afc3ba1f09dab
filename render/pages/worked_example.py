"""One score of the board taken apart, from a raw figure to the role, for the methodology."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from render.board import (
    GroupContribution,
    GroupScore,
    Measurement,
    MetricContribution,
    Role,
    RoleContribution,
    RoleScore,
    ScoreboardRow,
)
from render.lookup import Lookup, bound_of


@dataclass(frozen=True)
class Step:
    """One line of a sum: what, its weight, its value, what it adds."""

    metric_id: str | None
    weight: float | None
    value: float | None
    contribution: float
    measurement: Measurement | None


@dataclass(frozen=True)
class Example:
    """A model in a role, down to its heaviest figures; what the model lacks is None."""

    row: ScoreboardRow
    role: Role
    score: RoleScore
    of_role: Sequence[RoleContribution]
    group_id: str
    group_score: GroupScore
    group_steps: list[Step]
    composite_id: str | None
    composite_steps: list[Step]
    composite: Measurement | None
    figure: Measurement | None
    discounted: Measurement | None
    bounds: dict[str, tuple[float | None, float | None]]
    """Per metric the figures that get 0 and 100 points."""


def worked_example(lookup: Lookup) -> Example | None:
    """The best-balanced model; None where the board does not tell what scores are made of."""
    board = lookup.board
    if (
        board.role_contributions is None
        or board.group_contributions is None
        or board.metric_contributions is None
        or board.metrics is None
    ):
        return None
    row = lookup.ranked[0]
    model = row.canonical_id
    composites = [metric for key, metric in lookup.composite_contributions if key == model]
    role = _role(lookup, model, composites)
    of_role = lookup.role_contributions[model, role.role_id]
    group_id = of_role[0].group_id
    measurements = lookup.measurements[model]
    group_steps = _steps(lookup.group_contributions[model, group_id], measurements)
    composite_id = next(
        (step.metric_id for step in group_steps if step.metric_id in composites), None
    )
    composite_steps: list[Step] = []
    if composite_id is not None:
        composite_steps = _steps(lookup.composite_contributions[model, composite_id], measurements)
    figures = _figures([*composite_steps, *group_steps])
    return Example(
        row=row,
        role=role,
        score=next(
            score
            for score in board.role_scores
            if (score.canonical_id, score.role_id) == (model, role.role_id)
        ),
        of_role=of_role,
        group_id=group_id,
        group_score=next(
            score
            for score in board.group_scores
            if (score.canonical_id, score.group_id) == (model, group_id)
        ),
        group_steps=group_steps,
        composite_id=composite_id,
        composite_steps=composite_steps,
        composite=None if composite_id is None else measurements.get(composite_id),
        figure=next(iter(figures), None),
        discounted=next((figure for figure in figures if figure.discount_share), None),
        bounds={
            metric.metric_id: (bound_of(metric, is_best=False), bound_of(metric, is_best=True))
            for metric in board.metrics
        },
    )


def _role(lookup: Lookup, model: str, composites: Collection[str]) -> Role:
    """The first role whose heaviest group has a composite, so that every step is seen."""

    def has_composite(role: Role) -> bool:
        heaviest = lookup.role_contributions[model, role.role_id][0]
        return any(
            entry.metric_id in composites
            for entry in lookup.group_contributions[model, heaviest.group_id]
        )

    return min(lookup.board.roles, key=lambda role: (not has_composite(role), role.role_order))


def _figures(steps: list[Step]) -> list[Measurement]:
    """Figures that were measured, and so normalised: no composites."""
    return [
        step.measurement
        for step in steps
        if step.measurement is not None and step.measurement.normalised_value is not None
    ]


def _steps(
    entries: Sequence[GroupContribution] | Sequence[MetricContribution],
    measurements: dict[str, Measurement],
) -> list[Step]:
    """The lines of one sum in the order of the contributions."""
    steps = []
    for entry in entries:
        metric_id = (
            entry.input_metric_id if isinstance(entry, MetricContribution) else entry.metric_id
        )
        steps.append(
            Step(
                metric_id=metric_id,
                weight=entry.weight,
                value=entry.value,
                contribution=entry.contribution,
                measurement=None if metric_id is None else measurements.get(metric_id),
            )
        )
    return steps
