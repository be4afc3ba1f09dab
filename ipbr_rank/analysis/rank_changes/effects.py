"""Why scores and ranks moved since an earlier board: one input exchanged at a time."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from base.scoreboard import Scoreboard
from ipbr_rank.analysis.rank_changes.earlier_board import (
    ALIASES,
    COEFFICIENTS,
    FIGURES,
    POPULATION,
    Change,
    EarlierBoard,
    Parts,
    Place,
    Standings,
    figures_of,
)
from ipbr_rank.engine.overlay import Overlay

OWN, OTHERS, STAND_INS = "own", "others", "stand_ins"
EFFECTS = (OWN, OTHERS, POPULATION, COEFFICIENTS, ALIASES, STAND_INS)
QUESTION = "is a value of the earlier board too large to be scored?"


class Effect(NamedTuple):
    """What moved a score, in points, and a rank, in places won."""

    points: float
    places: int


@dataclass(frozen=True)
class Move:
    """Of one model in one role: the effects and the rest sum to the whole."""

    canonical_id: str
    role_id: str
    before: Place
    after: Place
    effects: dict[str, Effect]
    unreproduced: float
    """The part of the rest, in points, by which the earlier score differs when scored again."""
    figures: list[Change]
    """The model's own changed figures, those that add or take most first."""
    others: list[tuple[str, Effect]]
    """The other models by what their figures do to this one, the most first."""

    @property
    def whole(self) -> Effect:
        """From the earlier board to the present one."""
        return _effect(self.before, self.after)

    @property
    def rest(self) -> Effect:
        """What inputs make together, the rounding of the earlier file, changes of the method."""
        return Effect(
            self.whole.points - sum(effect.points for effect in self.effects.values()),
            self.whole.places - sum(effect.places for effect in self.effects.values()),
        )


@dataclass(frozen=True)
class Moves:
    """Moves between two boards, and what changed between them."""

    moves: list[Move]
    arrived: list[str]
    left: list[str]
    changes: list[Change]
    coefficients: dict[str, tuple[Any, Any]] | None
    """Values by key, before and after; None where the earlier ones are not known."""


def find_moves(
    project: Path,
    database: Path,
    earlier: Scoreboard,
    coefficients: dict[str, Any] | None,
    *,
    roles: Collection[str],
    models: Collection[str] | None = None,
    only_moved: bool = False,
) -> Moves:
    """Why each model that stands on both boards moved in these roles.

    `coefficients` are those of the earlier board; without them the present ones are taken. With
    `models` only these are told, with `only_moved` only what changed its rank.
    """
    with Overlay(project, database, QUESTION) as overlay:
        board = EarlierBoard(overlay, database, earlier, coefficients)
        board.require_same_statements()
        wanted = [
            key
            for key, place in board.after.items()
            if key in board.before
            and key[1] in roles
            and (models is None or key[0] in models)
            and (not only_moved or board.before[key].rank != place.rank)
        ]
        # Most of the time goes into scorings for moves, of which there may be none.
        search = _Search(board, sorted({model for model, _ in wanted})) if wanted else None
        return Moves(
            [search.move(*key) for key in wanted] if search else [],
            board.arrived,
            board.left,
            board.changes,
            board.other_coefficients,
        )


class _Search:
    """The boards with one input exchanged, and the differences between them."""

    def __init__(self, board: EarlierBoard, models: Collection[str]) -> None:
        self._board = board
        self._reproduced = board.score(has_earlier_stand_ins=True)
        # The earlier pairs are not known, so that they are exchanged first.
        self._base, self._base_parts = board.score_in_parts()
        self._with: dict[str, Standings] = {}
        self._parts: dict[str, Parts] = {}
        if board.arrived or board.left:
            self._exchange(POPULATION, has_population=True)
        if board.other_coefficients or self._changed(COEFFICIENTS):
            self._exchange(COEFFICIENTS, has_coefficients=True)
        if self._changed(ALIASES):
            self._exchange(ALIASES)
        self._own: dict[str, Standings] = {}
        for model in self._changed(FIGURES):
            self._own[model], parts = board.score_in_parts(figures_of(model))
            # A model's own part only: of the others it would be 49 times as much.
            self._parts.setdefault(FIGURES, {}).update(
                {key: points for key, points in parts.items() if key[0] == model}
            )
        self._others = {model: self._score_others(model) for model in models}

    def move(self, model: str, role: str) -> Move:
        """The move of a model that was among those asked for."""
        key = (model, role)
        base = self._base[key]
        effects = {
            OWN: _effect(base, self._own.get(model, self._base)[key]),
            OTHERS: _effect(base, self._others[model][key]),
            **{
                cause: _effect(base, self._with.get(cause, self._base)[key])
                for cause in (POPULATION, COEFFICIENTS, ALIASES)
            },
            STAND_INS: _effect(self._reproduced[key], base),
        }
        added = {
            change: self._parts[change.cause].get((*key, change.metric_id), 0.0)
            - self._base_parts.get((*key, change.metric_id), 0.0)
            for change in self._board.changes
            if change.canonical_id == model
        }
        by_others = {
            other: _effect(base, standings[key])
            for other, standings in self._own.items()
            if other != model
        }
        return Move(
            model,
            role,
            self._board.before[key],
            self._board.after[key],
            effects,
            self._reproduced[key].score - self._board.before[key].score,
            sorted(
                (change for change, points in added.items() if points),
                key=lambda change: -abs(added[change]),
            ),
            sorted(
                by_others.items(),
                key=lambda told: (-abs(told[1].places), -abs(told[1].points)),
            ),
        )

    def _exchange(self, cause: str, **inputs: bool) -> None:
        self._with[cause], self._parts[cause] = self._board.score_in_parts(
            f"cause = '{cause}'", **inputs
        )

    def _score_others(self, model: str) -> Standings:
        """With the new figures of all but one; a board that is known already is not scored anew."""
        others = [other for other in self._own if other != model]
        if len(others) > 1:
            # All models without new figures share one board.
            if model in self._own:
                return self._board.score(figures_of(model, are_of_others=True))
            if FIGURES not in self._with:
                self._with[FIGURES] = self._board.score(f"cause = '{FIGURES}'")
            return self._with[FIGURES]
        return self._own[others[0]] if others else self._base

    def _changed(self, cause: str) -> list[str]:
        """The models with a figure that changed for this cause."""
        changes = self._board.changes
        return sorted({change.canonical_id for change in changes if change.cause == cause})


def _effect(before: Place, after: Place) -> Effect:
    """From one place to another; a better rank is the smaller one."""
    return Effect(after.score - before.score, before.rank - after.rank)
