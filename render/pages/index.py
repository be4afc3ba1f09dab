"""The leaderboard: what a reader needs, the answer, its pictures, and the table of models."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment

from render import show
from render.board import ExpectedScore, Pick, RoleEvidence, ScoreboardRow
from render.changes import has_changes
from render.charts.forest import Line, forest
from render.charts.scatter import Dot, by_price
from render.lookup import Lookup
from render.pages.timeline import arrivals_and_departures
from render.words import score_words

BALANCED = "balanced"
# What the page answers before it is asked.
FIRST_NEED = "b"
PRICE_CEILINGS_USD = (0.5, 1, 2, 5, 10, 20)
EVIDENCE_FLOORS_PCT = (70, 80, 90)
ANSWERS = (("best", "Best"), ("value", "Best value"), ("open", "Best open"))
OLD_SOURCE = timedelta(days=30)
ROWS_IN_PAGE = 200
PICKS = Path(__file__).resolve().parents[2] / "macros" / "picks.sql"
# Which values count, and in what words: `evidence` of int_scenarios.
VALUES = {
    "": "all",
    "claimed": "not borrowed",
    "measured": "measured only",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One score in the table, with its interval and what it stands on."""

    role_id: str
    score: float
    low: float | None
    high: float | None
    evidence: RoleEvidence | None

    @property
    def is_ranked(self) -> bool:
        return self.evidence is not None and self.evidence.is_ranked

    @property
    def is_unknown(self) -> bool:
        return self.evidence is not None and self.evidence.is_unknown

    @property
    def shown(self) -> str:
        return show.score(self.score, self.evidence)

    @property
    def words(self) -> str:
        return score_words(self.score, self.low, self.high, self.evidence)


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the table. `reasons` say per need why the model has no place in it."""

    row: ScoreboardRow
    cells: tuple[Cell, ...]
    place: str
    is_ranked: bool
    own_share: float | None
    reasons: tuple[tuple[str, RoleEvidence, ExpectedScore | None], ...]


def index_context(lookup: Lookup) -> dict[str, Any]:
    """What index.html shows."""
    board = lookup.board
    arrivals, departures = arrivals_and_departures(lookup)
    need = FIRST_NEED if FIRST_NEED in {role.role_id for role in board.roles} else BALANCED
    entries = [_entry(lookup, row, need) for row in _in_order(lookup, need)]
    prices = [row.blended_cost_usd for row in board.scoreboard if row.blended_cost_usd is not None]
    operations = _known_operations(board.scoreboard)
    return {
        "need": need,
        "need_name": need_names(lookup)[need],
        "needs": need_names(lookup),
        "entries": entries[:ROWS_IN_PAGE],
        "rest": entries[ROWS_IN_PAGE:],
        "n_ranked": sum(entry.is_ranked for entry in entries),
        "n_models": len(entries),
        "answers": answers(lookup, need),
        "phrases": pick_phrases(),
        "scatter": by_price(_dots(lookup, need)),
        "n_untold": sum(not _is_telling(lookup, entry.row, need) for entry in entries),
        "n_without_price": sum(
            _is_telling(lookup, entry.row, need) and not entry.row.blended_cost_usd
            for entry in entries
        ),
        "forest": forest([_line(lookup, entry, need) for entry in entries if entry.is_ranked]),
        "state": state(lookup),
        "facts": facts(lookup),
        "price_ceilings": [
            step for step in PRICE_CEILINGS_USD if prices and min(prices) <= step < max(prices)
        ],
        "evidence_floors": EVIDENCE_FLOORS_PCT,
        "values": VALUES if board.mix_inputs else {},
        "has_open_weights": any(row.open_weights is not None for row in board.scoreboard),
        "operations": operations,
        # To compare, place, name and own evidence beside roles and operations.
        "n_columns": 4 + len(board.roles) + sum(operations.values()),
        "has_changes": has_changes(board),
        "is_from_marts": board.group_contributions is not None,
        "arrivals": arrivals,
        "departures": departures,
    }


def need_names(lookup: Lookup) -> dict[str, str]:
    """What can be asked for without a mix: the roles, and all of them in equal parts."""
    return {role.role_id: role.display_name for role in lookup.board.roles} | {BALANCED: "Balanced"}


def score_of(lookup: Lookup, row: ScoreboardRow, need: str) -> float:
    """A model's score in a role, or balanced."""
    if need == BALANCED:
        return row.balanced
    return next(row.score_of(role) for role in lookup.board.roles if role.role_id == need)


def facts(lookup: Lookup) -> dict[str, Any]:
    """How many values of each kind there are, and how old they are."""
    board = lookup.board
    kinds = Counter(
        entry.evidence_class
        for entry in board.measurements
        if entry.is_present and entry.metric_kind == "metric"
    )
    dates = [entry.observed_on for entry in board.measurements if entry.observed_on]
    used = [source for source in board.sources if source.status in ("verified", "stale")]
    # A source of which no value is used makes nothing on the board old.
    read = [
        source.fetched_at for source in used if source.fetched_at and source.n_measurements != 0
    ]
    today = board.run.generated_at
    oldest = min(read, default=None)
    return {
        "n_sources": len(used),
        "n_measured": kinds["direct"],
        "n_claimed": kinds["reported"],
        "n_borrowed": kinds["synthesised"],
        "newest_value": max((day for day in dates if day <= today.date()), default=None),
        "oldest_source_days": None if oldest is None else (today - oldest).days,
        "is_old": oldest is not None and today - oldest > OLD_SOURCE,
        "n_failed": sum(source.status == "failed" for source in board.sources),
    }


def answers(lookup: Lookup, need: str) -> list[tuple[str, str, Pick | None]]:
    """The three picks of rpt_picks for a need, under their keys and the names that readers see."""
    found = {pick.pick: pick for pick in lookup.board.picks or () if pick.role_id == need}
    return [(pick, name, found.get(pick)) for pick, name in ANSWERS]


def _in_order(lookup: Lookup, need: str) -> list[ScoreboardRow]:
    """Ranked models by place; then the others, the most own evidence first."""

    def order(row: ScoreboardRow) -> tuple[Any, ...]:
        evidence = lookup.evidence.get((row.canonical_id, need))
        if evidence is not None and evidence.place is not None:
            return 0, evidence.place, row.canonical_id
        # As the page's script adds it up from the shares that the page gives it.
        shares = () if evidence is None else (evidence.direct_share, evidence.reported_share)
        own = sum(_short(share) or 0.0 for share in shares)
        return 1, -round(1e6 * own), -score_of(lookup, row, need), row.canonical_id

    return sorted(lookup.board.scoreboard, key=order)


def _entry(lookup: Lookup, row: ScoreboardRow, need: str) -> Entry:
    model = row.canonical_id
    own = lookup.evidence.get((model, need))
    return Entry(
        row=row,
        cells=tuple(
            Cell(
                role.role_id,
                row.score_of(role),
                *_bounds(lookup, model, role.role_id),
                lookup.evidence.get((model, role.role_id)),
            )
            for role in lookup.board.roles
        ),
        place=show.place_range(own),
        is_ranked=own is not None and own.is_ranked,
        own_share=None if own is None else own.own_share,
        reasons=tuple(
            (key, evidence, lookup.expected.get((model, key)))
            for key in need_names(lookup)
            if (evidence := lookup.evidence.get((model, key))) is not None
            and not evidence.is_ranked
        ),
    )


def _bounds(lookup: Lookup, model: str, need: str) -> tuple[float | None, float | None]:
    interval = lookup.intervals.get((model, need))
    return (None, None) if interval is None else (interval.p05_score, interval.p95_score)


def _dots(lookup: Lookup, need: str) -> list[Dot]:
    """Models with a price whose score says something of them."""
    return [
        Dot(
            row.slug,
            row.display_name,
            price,
            score_of(lookup, row, need),
            (evidence := lookup.evidence.get((row.canonical_id, need))) is not None
            and evidence.is_ranked,
        )
        for row in sorted(lookup.board.scoreboard, key=lambda row: row.slug)
        # A logarithmic scale has no place for nothing.
        if (price := row.blended_cost_usd or 0.0) > 0 and _is_telling(lookup, row, need)
    ]


def _is_telling(lookup: Lookup, row: ScoreboardRow, need: str) -> bool:
    """Whether enough stands behind a score to draw it; where a board does not say, it is drawn."""
    evidence = lookup.evidence.get((row.canonical_id, need))
    if evidence is None or evidence.is_ranked:
        return True
    return evidence.own_share >= lookup.thresholds.get("drawn_minimum_share", 0.0) - 1e-6


def _line(lookup: Lookup, entry: Entry, need: str) -> Line:
    model = entry.row.canonical_id
    evidence = lookup.evidence[model, need]
    return Line(
        entry.row.slug,
        entry.row.display_name,
        score_of(lookup, entry.row, need),
        *_bounds(lookup, model, need),
        evidence.tier,
    )


def _known_operations(rows: Iterable[ScoreboardRow]) -> dict[str, bool]:
    """Which of the facts beside the scores any model has: a column of dashes says nothing."""
    rows = list(rows)
    return {
        name: any(getattr(row, column) is not None for row in rows)
        for name, column in (
            ("price", "blended_cost_usd"),
            ("speed", "output_speed_tokens_per_second"),
            ("wait", "time_to_first_token_seconds"),
            ("context", "context_window_tokens"),
        )
    }


@cache
def pick_phrases() -> dict[str, str]:
    """The words that macros/picks.sql says of picks, with blanks to fill in."""
    text = PICKS.read_text(encoding="utf-8")
    macros = vars(Environment(autoescape=True).from_string(text).module)
    words: dict[str, str] = json.loads(macros["pick_phrases"]())
    return words


def state(lookup: Lookup) -> str:
    """What the page's script asks: per model its scores, intervals, places and evidence."""
    needs = list(need_names(lookup))
    inputs = {(entry.canonical_id, entry.role_id): entry for entry in lookup.board.mix_inputs or ()}
    families = sorted({name for entry in inputs.values() for name in entry.families})
    bit = {name: 1 << number for number, name in enumerate(families)}
    first = next(iter(lookup.board.mix_inputs or ()), None)

    def of_need(model: str, row: ScoreboardRow, need: str) -> list[Any]:
        evidence = lookup.evidence.get((model, need))
        place = (0, 0, 0, 0)
        if evidence is not None and evidence.place is not None:
            place = (
                evidence.place,
                evidence.place_p05 or evidence.place,
                evidence.place_p95 or evidence.place,
                evidence.tier or 0,
            )
        mine = inputs.get((model, need))
        return [
            _short(score_of(lookup, row, need)),
            *(_short(bound) for bound in _bounds(lookup, model, need)),
            *place,
            *(
                _short(share)
                for share in (
                    (None, None, None)
                    if evidence is None
                    else (
                        evidence.direct_share,
                        evidence.reported_share,
                        evidence.synthesised_share,
                    )
                )
            ),
            *(
                (0,)
                if mine is None
                else (
                    sum(bit[name] for name in mine.families),
                    _short(mine.claimed_score),
                    _short(mine.measured_score),
                    sum(bit[name] for name in mine.measured_families),
                )
            ),
        ]

    return json.dumps(
        {
            "needs": needs,
            "names": list(need_names(lookup).values()),
            "capability": [] if first is None else [
                _short(next(e.capability_share for e in inputs.values() if e.role_id == need))
                for need in needs if need != BALANCED
            ],
            "possible": [
                sum(bit[name] for name in families
                    if any(name in e.possible_families for e in inputs.values()
                           if e.role_id == need))
                for need in needs if need != BALANCED
            ],
            "phrases": pick_phrases(),
            "rules": {
                "share": lookup.thresholds.get("ranked_minimum_share"),
                "families": lookup.thresholds.get("ranked_minimum_families"),
                "value": lookup.thresholds.get("value_minimum_share"),
                "drawn": lookup.thresholds.get("drawn_minimum_share"),
            },
            "models": [
                [row.slug, row.display_name, row.vendor_name,
                 None if row.open_weights is None else int(row.open_weights),
                 row.blended_cost_usd, _day(row.release_date),
                 [of_need(row.canonical_id, row, need) for need in needs],
                 price_text(row)]
                for row in sorted(lookup.board.scoreboard, key=lambda row: row.slug)
            ],
        },
        separators=(",", ":"),
        ensure_ascii=False,
    )  # fmt: skip


def price_text(row: ScoreboardRow) -> str:
    """The price as every page prints it."""
    if row.blended_cost_usd is None:
        return show.MISSING
    return f"${show.number(row.blended_cost_usd, 2)}"


def _short(value: float | None) -> float | None:
    """Six decimals, as scores are compared."""
    return None if value is None else round(value, 6)


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
