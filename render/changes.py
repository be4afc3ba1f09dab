"""What happened to places since the board before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from render import show
from render.board import Board, Role, RoleScore
from render.lookup import Lookup

NAME_IN_TITLE = 80


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to one place: `kind` is new, up or down."""

    kind: str
    text: str
    words: str


def change_of(score: RoleScore, lookup: Lookup) -> Change | None:
    """The change of one place, None where it stayed or the model has none.

    Only for a board that has one before it, and only if that one says who had a place. Both places
    are as each board gave them, so that what is said is their difference everywhere.
    """
    place = place_of(score, lookup)
    if place is None:
        return None
    if score.previous_rank is None:
        return Change("new", "new", "not on the board before")
    if score.previous_status is None:
        return None
    if score.previous_place is None:
        return Change("new", "ranked", "provisional before")
    gained = score.previous_place - place
    if gained == 0:
        return None
    words = f"{show.ordinal(score.previous_place)} → {show.ordinal(place)}"
    if gained > 0:
        return Change("up", f"▲{gained}", words)
    return Change("down", f"▼{-gained}", words)


def place_of(score: RoleScore, lookup: Lookup) -> int | None:
    """The place of a model in a role among those that have one."""
    evidence = lookup.evidence.get((score.canonical_id, score.role_id))
    return None if evidence is None else evidence.place


def has_changes(board: Board) -> bool:
    """Whether there is an earlier board to compare with."""
    return board.run.compared_at is not None


@dataclass(frozen=True, slots=True)
class Event:
    """One model's changes of place since the board that is compared with.

    `page` is where it links to; with `since` it makes the entry's id, so that runs that compare
    with the same board update the entry and do not repeat it.
    """

    page: str
    since: datetime
    title: str
    lines: tuple[str, ...]
    at: datetime


def rank_events(lookup: Lookup) -> list[Event]:
    """One event per model with a changed place or that has left, the best place first."""
    board = lookup.board
    since = board.run.compared_at
    if since is None:
        return []
    roles = {role.role_id: role for role in board.roles}
    found: dict[str, list[tuple[Role, RoleScore, Change]]] = {}
    for score in board.role_scores:
        change = change_of(score, lookup)
        if change and score.canonical_id in lookup.rows:
            found.setdefault(score.canonical_id, []).append((roles[score.role_id], score, change))
    events: list[tuple[Any, Event]] = []
    for canonical_id, changes in found.items():
        changes.sort(key=lambda entry: entry[0].role_order)
        row = lookup.rows[canonical_id]
        short = _short(row.display_name)
        event = Event(
            page=f"models/{row.slug}.html",
            since=since,
            title=f"{short}: " + show.joined([_words(lookup, *entry) for entry in changes]),
            lines=tuple(_line(lookup, *entry) for entry in changes),
            at=board.run.generated_at,
        )
        best = min(place_of(score, lookup) or score.rank for _, score, _ in changes)
        events.append(((best, canonical_id), event))
    for left in board.population_changes or ():
        if left.change_kind == "departure":
            place = f"{show.ordinal(left.best_rank)} in {roles[left.best_role_id].display_name}"
            event = Event(
                page=f"timeline.html#left-{show.anchor(left.canonical_id)}",
                since=since,
                title=f"{_short(left.display_name)}: left the board; was {place}",
                lines=(
                    f"{left.canonical_id} is no longer on the board; its best place was {place}",
                ),
                at=board.run.generated_at,
            )
            events.append(((left.best_rank, left.canonical_id), event))
    return [event for _, event in sorted(events, key=lambda entry: entry[0])]


def _short(name: str) -> str:
    return name if len(name) <= NAME_IN_TITLE else name[: NAME_IN_TITLE - 1] + "…"


def _words(lookup: Lookup, role: Role, score: RoleScore, change: Change) -> str:
    if change.kind == "new":
        place = show.ordinal(place_of(score, lookup) or score.rank)
        kind = "new" if score.previous_rank is None else "newly ranked"
        return f"{kind}, {place} in {role.display_name}"
    return f"{change.words} in {role.display_name}"


def _line(lookup: Lookup, role: Role, score: RoleScore, change: Change) -> str:
    before = change.words
    if change.kind != "new":
        before = f"was {show.ordinal(score.previous_place or score.rank)}"
    now = show.ordinal(place_of(score, lookup) or score.rank)
    return f"{role.display_name}: {now} place, {before}; score {show.number(score.score, 1)}"
