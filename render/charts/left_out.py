"""What moves a score when it is left out: the bars of model pages and of metric pages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from render import show
from render.board import LargestMove, Robustness, Role
from render.lookup import Lookup


@dataclass(frozen=True, slots=True)
class MoveBar:
    """One bar, to the left of the middle where the score falls; `full` reaches the edge."""

    move: LargestMove
    full: float

    @property
    def x(self) -> str:
        return show.coordinate(50 + min(0.0, self._length))

    @property
    def width(self) -> str:
        return show.coordinate(abs(self._length))

    @property
    def points(self) -> str:
        return show.signed(self.move.score_change, 2)

    @property
    def _length(self) -> float:
        return 50 * self.move.score_change / self.full


@dataclass(frozen=True, slots=True)
class RoleMoves:
    """The largest moves of one role, the largest first and as wide as there is room."""

    role: Role
    bars: list[MoveBar]
    robustness: Robustness | None = None
    kendall_tau: float | None = None


def moves_of_models(lookup: Lookup) -> dict[str, list[RoleMoves]]:
    """By model: in every role, the families and metrics whose leaving-out moves its score most."""
    found = _by(lookup, lambda move: (move.canonical_id, move.place_for_model))
    return {
        canonical_id: [
            RoleMoves(role, bars, robustness=lookup.robustness.get((canonical_id, role.role_id)))
            for role, bars in _drawn(lookup, found[canonical_id])
        ]
        for canonical_id in lookup.rows
        if lookup.board.largest_moves is not None
    }


def moves_of_metrics(lookup: Lookup) -> dict[str, list[RoleMoves]]:
    """By metric: in every role that it counts in, the models whose score it moves most."""
    found = _by(
        lookup,
        lambda move: (
            move.left_out_id if move.left_out_kind == "metric" else None,
            move.place_among_models,
        ),
    )
    tau = {
        (entry.scenario_key, entry.role_id): entry.kendall_tau
        for entry in lookup.board.order_agreement or ()
        if entry.scenario_kind == "metric"
    }
    return {
        metric_id: [
            RoleMoves(role, bars, kendall_tau=tau.get((metric_id, role.role_id)))
            for role, bars in _drawn(lookup, found[metric_id])
            if bars
        ]
        for metric_id in lookup.metrics
    }


def _by(
    lookup: Lookup, key: Callable[[LargestMove], tuple[str | None, int]]
) -> dict[str, list[tuple[int, LargestMove]]]:
    """The moves that are shown, by what their page is about, with their place there."""
    found: dict[str, list[tuple[int, LargestMove]]] = defaultdict(list)
    for move in lookup.board.largest_moves or ():
        subject, place = key(move)
        if subject is not None and place <= lookup.thresholds["robustness_moves_shown"]:
            found[subject].append((place, move))
    return found


def _drawn(
    lookup: Lookup, placed: Iterable[tuple[int, LargestMove]]
) -> list[tuple[Role, list[MoveBar]]]:
    of_role: dict[str, list[LargestMove]] = defaultdict(list)
    for _, move in sorted(placed, key=lambda entry: entry[0]):
        of_role[move.role_id].append(move)
    return [
        (
            role,
            # The first is the largest.
            [
                MoveBar(move, abs(of_role[role.role_id][0].score_change))
                for move in of_role[role.role_id]
            ],
        )
        for role in lookup.board.roles
    ]
