"""A board by its keys: read once, looked up by every page."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from functools import cached_property

from base.errors import RenderError
from render import show
from render.board import (
    Board,
    ExpectedScore,
    GroupContribution,
    Measurement,
    Metric,
    MetricContribution,
    MetricQuality,
    MissingResult,
    Robustness,
    RoleContribution,
    RoleEvidence,
    ScoreboardRow,
    ScoreInterval,
)

WeightTables = dict[str, list[tuple[str, list[tuple[str, float]]]]]


class Lookup:
    """The rows of a board by model, metric, group and role, and the address of each page."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self.rows = {row.canonical_id: row for row in board.scoreboard}
        self.names = {model.canonical_id: model.display_name for model in board.models}
        self.metrics = {metric.metric_id: metric for metric in board.metrics or ()}
        self.sources = {source.source_id: source for source in board.sources}
        self.groups = {group.group_id: group for group in board.groups}
        self.ranked = sorted(
            board.scoreboard, key=lambda row: (row.balanced_rank, row.canonical_id, row.slug)
        )
        self.model_pages = {row.canonical_id: _model_page(row) for row in board.scoreboard}
        self.metric_pages = {
            metric_id: f"metrics/{show.file_name(metric_id)}.html" for metric_id in self.metrics
        }

    @cached_property
    def weights(self) -> WeightTables | None:
        """Per kind of weight: parents with their children; None where the board has no weights."""
        return None if self.board.weights is None else weight_tables(self.board)

    @cached_property
    def shares(self) -> dict[str, dict[str, float]]:
        """How much of each role's weight ends at each metric that counts in any."""
        found: dict[str, dict[str, float]] = {}
        for entry in self.board.metric_shares or ():
            none = dict.fromkeys((role.role_id for role in self.board.roles), 0.0)
            found.setdefault(entry.metric_id, none)[entry.role_id] = entry.weight_share
        return found

    @cached_property
    def by_place(self) -> list[ScoreboardRow]:
        """Models by their place over all roles; then those without one, by v1's balanced rank."""

        def order(row: ScoreboardRow) -> tuple[bool, int, str]:
            evidence = self.evidence.get((row.canonical_id, "balanced"))
            place = None if evidence is None else evidence.place
            return place is None, place or row.balanced_rank, row.canonical_id

        return sorted(self.board.scoreboard, key=order)

    @cached_property
    def single_families(self) -> dict[str, str]:
        """The family of boards that a role's places rest on where there is only one, by role."""
        possible = {row.role_id: row.n_possible_families for row in self.board.role_evidence or ()}
        return {
            row.role_id: row.largest_family
            for row in self.board.role_agreement or ()
            if possible.get(row.role_id) == 1
        }

    @cached_property
    def missing_results(self) -> dict[tuple[str, str], list[MissingResult]]:
        """What a model without a place in a role lacks for one, the heaviest benchmark first."""
        found: dict[tuple[str, str], list[MissingResult]] = defaultdict(list)
        for entry in self.board.missing_results or ():
            found[entry.canonical_id, entry.role_id].append(entry)
        return found

    @cached_property
    def _total_shares(self) -> dict[str, float]:
        return {entry.metric_id: entry.total_share for entry in self.board.metric_shares or ()}

    @cached_property
    def measurements(self) -> dict[str, dict[str, Measurement]]:
        """Figures that are present, by model and metric."""
        found: dict[str, dict[str, Measurement]] = defaultdict(dict)
        for entry in self.board.measurements:
            if entry.is_present:
                found[entry.canonical_id][entry.metric_id] = entry
        return found

    @cached_property
    def of_metric(self) -> dict[str, list[Measurement]]:
        """Figures that are present, by metric."""
        found: dict[str, list[Measurement]] = defaultdict(list)
        for entry in self.board.measurements:
            if entry.is_present:
                found[entry.metric_id].append(entry)
        return found

    @cached_property
    def group_ranks(self) -> dict[str, dict[str, int]]:
        """Place of each model in each group, 1 is the best."""
        found: dict[str, dict[str, int]] = defaultdict(dict)
        for entry in self.board.group_scores:
            found[entry.canonical_id][entry.group_id] = entry.rank
        return found

    @cached_property
    def role_contributions(self) -> dict[tuple[str, str], list[RoleContribution]]:
        """Groups of a model's role, the heaviest first."""
        found: dict[tuple[str, str], list[RoleContribution]] = defaultdict(list)
        for entry in self.board.role_contributions or ():
            found[entry.canonical_id, entry.role_id].append(entry)
        for entries in found.values():
            entries.sort(key=lambda entry: (-entry.weight, entry.group_id))
        return found

    @cached_property
    def group_contributions(self) -> dict[tuple[str, str], list[GroupContribution]]:
        """Metrics of a model's group, the heaviest first, the shrinkage to 50 last."""
        found: dict[tuple[str, str], list[GroupContribution]] = defaultdict(list)
        for entry in self.board.group_contributions or ():
            found[entry.canonical_id, entry.group_id].append(entry)
        for entries in found.values():
            entries.sort(
                key=lambda entry: (entry.is_pull, -(entry.weight or 0), entry.metric_id or "")
            )
        return found

    @cached_property
    def composite_contributions(self) -> dict[tuple[str, str], list[MetricContribution]]:
        """Inputs of a model's composite, the heaviest first, the shrinkage to 50 last."""
        found: dict[tuple[str, str], list[MetricContribution]] = defaultdict(list)
        for entry in self.board.metric_contributions or ():
            found[entry.canonical_id, entry.metric_id].append(entry)
        for entries in found.values():
            entries.sort(
                key=lambda entry: (
                    entry.input_metric_id is None,
                    -(entry.weight or 0),
                    entry.input_metric_id or "",
                )
            )
        return found

    @cached_property
    def intervals(self) -> dict[tuple[str, str], ScoreInterval]:
        """How sure score and rank are, by model and role; empty where the board does not tell."""
        return {
            (entry.canonical_id, entry.role_id): entry for entry in self.board.score_intervals or ()
        }

    @cached_property
    def evidence(self) -> dict[tuple[str, str], RoleEvidence]:
        """What a score stands on and its place, by model and role or `balanced`."""
        return {
            (entry.canonical_id, entry.role_id): entry for entry in self.board.role_evidence or ()
        }

    @cached_property
    def expected(self) -> dict[tuple[str, str], ExpectedScore]:
        """What a score would be if all were measured, by model and role or `balanced`."""
        return {
            (entry.canonical_id, entry.role_id): entry for entry in self.board.expected_scores or ()
        }

    @cached_property
    def ranked_counts(self) -> dict[str, int]:
        """How many models have a place, by role or `balanced`."""
        return Counter(entry.role_id for entry in self.board.role_evidence or () if entry.is_ranked)

    def is_ranked(self, canonical_id: str, role_id: str) -> bool:
        """Whether a model has a place in a role or `balanced`."""
        evidence = self.evidence.get((canonical_id, role_id))
        return evidence is not None and evidence.is_ranked

    @cached_property
    def robustness(self) -> dict[tuple[str, str], Robustness]:
        """How much a rank depends on single choices, by model and role."""
        return {(entry.canonical_id, entry.role_id): entry for entry in self.board.robustness or ()}

    @cached_property
    def quality(self) -> dict[str, MetricQuality]:
        """What each metric is worth as a witness; composites are not judged."""
        return {entry.metric_id: entry for entry in self.board.metric_quality or ()}

    @cached_property
    def settings(self) -> dict[str, float] | None:
        """Numbers of the coefficients that are no weights; None where the board has none."""
        if self.board.settings is None:
            return None
        return {setting.setting_id: setting.value for setting in self.board.settings}

    @cached_property
    def thresholds(self) -> dict[str, float]:
        """The numbers that robustness and quality are judged by."""
        return {entry.threshold_id: entry.value for entry in self.board.thresholds or ()}

    def metric_name(self, metric_id: str) -> str:
        """The name of a metric for readers; its id where nothing names it."""
        return self.metrics[metric_id].display_name if metric_id in self.metrics else metric_id

    def total_share(self, metric_id: str) -> float:
        """The share of all four roles' weight that ends at a metric."""
        return self._total_shares.get(metric_id, 0.0)


def _model_page(row: ScoreboardRow) -> str:
    if row.slug != show.file_name(row.slug) or not row.slug:
        raise RenderError(
            f"cannot write the page of {row.canonical_id}: its slug {row.slug!r} must consist of "
            "letters, digits and hyphens; see dim_models"
        )
    return f"models/{row.slug}.html"


def weight_tables(board: Board) -> WeightTables:
    """Per kind: every parent with its children and weights, the heaviest first."""
    tables: dict[str, dict[str, list[tuple[str, float]]]] = defaultdict(lambda: defaultdict(list))
    for weight in board.weights or ():
        tables[weight.weight_kind][weight.parent_id].append((weight.child_id, weight.weight))
    order = {role.score_key: role.role_order for role in board.roles} | {
        group.group_id: group.group_order for group in board.groups
    }
    return {
        kind: [
            (parent_id, sorted(children, key=lambda child: (-child[1], child[0])))
            for parent_id, children in sorted(
                tables[kind].items(), key=lambda item: (order.get(item[0], 0), item[0])
            )
        ]
        for kind in ("role", "group", "composite")
    }


def bound_of(metric: Metric, *, is_best: bool) -> float | None:
    """The raw figure that gets 100 points (the best) or 0: bounds are kept after `ln`."""
    bound = metric.upper_bound if metric.higher_better == is_best else metric.lower_bound
    if bound is None:
        return None
    return math.exp(bound) if metric.log_scale else bound
