"""The figures and names of an earlier scoreboard.toml: enough to score it again (`diff`)."""

import math
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ingest.previous import (
    ROLES,
    PreviousBoard,
    not_a_scoreboard,
    parse_scoreboard,
    previous_board,
    utc,
)
from ingest.reading import clean_text

# The file calls the score of a role otherwise than its rank.
SCORE_KEYS = {"i": "i_raw", "p": "p_raw", "b": "b_raw", "r": "r"}
CLASSES = ("direct", "reported", "synthesised")


@dataclass(frozen=True)
class PreviousModel:
    """A model as it stood on the board, with its score per role."""

    canonical_id: str
    display_name: str
    vendor: str
    aliases: list[str]
    scores: dict[str, float]


@dataclass(frozen=True)
class PreviousFigure:
    """A figure as it was used; `donor_id` and `category` of a synthesised one."""

    canonical_id: str
    metric_id: str
    evidence_class: str
    source_id: str
    source_model_name: str | None
    effort: str | None
    raw_value: float
    donor_id: str | None
    category: str | None
    hops: int | None


@dataclass(frozen=True)
class PreviousFigures:
    """An earlier board with all that its scores follow from, but for the coefficients."""

    board: PreviousBoard
    generated_at: datetime
    methodology: str
    models: dict[str, PreviousModel]
    figures: list[PreviousFigure]


def read_previous_figures(path: Path) -> PreviousFigures:
    """Read an earlier scoreboard.toml as a whole; ConfigurationError if it is none.

    Files of schema 1.0, which name no evidence, are refused too.
    """
    scoreboard = parse_scoreboard(path)
    board = previous_board(path, scoreboard)
    reader = _Reader(path)
    models: dict[str, PreviousModel] = {}
    figures: list[PreviousFigure] = []
    for entry in scoreboard.get("models", []):
        model = reader.model(entry)
        models[model.canonical_id] = model
        figures += reader.figures(model.canonical_id, entry)
    if not models:
        raise not_a_scoreboard(path, "at least one of [[models]]", None)
    ranked = {(rank.canonical_id, rank.role_id) for rank in board.ranks}
    for canonical_id in models:
        for role_id in ROLES:
            if (canonical_id, role_id) not in ranked:
                raise not_a_scoreboard(path, f"a rank {role_id} for {canonical_id}", None)
    return PreviousFigures(
        board=board,
        generated_at=utc(board.ranks[0].generated_at),
        methodology=reader.text(scoreboard, "methodology", "the board"),
        models=models,
        figures=figures,
    )


@dataclass(frozen=True)
class _Reader:
    """Takes the tables of one file apart; what is not as it should be is an error."""

    path: Path

    def model(self, entry: dict[str, Any]) -> PreviousModel:
        """A model without its figures; that it has an id is known already."""
        canonical_id = clean_text(entry["canonical_id"])
        aliases = entry.get("aliases", [])
        if not isinstance(aliases, list) or not all(isinstance(name, str) for name in aliases):
            raise not_a_scoreboard(self.path, f"a list of aliases for {canonical_id}", aliases)
        scores = self._table(entry, "scores", canonical_id)
        return PreviousModel(
            canonical_id,
            self._optional(entry, "display_name", canonical_id) or canonical_id,
            self.text(entry, "vendor", canonical_id),
            [clean_text(name) for name in aliases],
            {
                role_id: self._number(scores.get(key), f"a score {key} for {canonical_id}")
                for role_id, key in SCORE_KEYS.items()
            },
        )

    def figures(self, canonical_id: str, entry: dict[str, Any]) -> list[PreviousFigure]:
        """The figures of a model in their own units; composites have none."""
        evidence = self._table(entry, "evidence", canonical_id)
        found = []
        for metric_id, value in self._table(entry, "raw_metrics", canonical_id).items():
            what = f"{clean_text(metric_id)} of {canonical_id}"
            told = self._table(evidence, metric_id, what)
            if told.get("class") not in CLASSES:
                raise not_a_scoreboard(self.path, f"an evidence class for {what}", told)
            is_synthesised = told["class"] == "synthesised"
            hops = told.get("hops") if is_synthesised else None
            if is_synthesised and not (type(hops) is int and 0 < hops < 2**31):
                raise not_a_scoreboard(self.path, f"a number of hops for {what}", hops)
            found.append(
                PreviousFigure(
                    canonical_id,
                    clean_text(metric_id),
                    told["class"],
                    self.text(told, "source", what),
                    self._optional(told, "name", what),
                    self._optional(told, "effort", what),
                    self._number(value, f"a number as {what}"),
                    self.text(told, "donor", what) if is_synthesised else None,
                    self.text(told, "category", what) if is_synthesised else None,
                    hops,
                )
            )
        return found

    def text(self, table: dict[str, Any], key: str, of: str) -> str:
        """A text that must be there."""
        if (value := self._optional(table, key, of)) is None:
            raise not_a_scoreboard(self.path, f"a text as {key} of {of}", None)
        return value

    def _optional(self, table: dict[str, Any], key: str, of: str) -> str | None:
        value = table.get(key)
        if value is not None and not isinstance(value, str):
            raise not_a_scoreboard(self.path, f"a text as {key} of {of}", value)
        return clean_text(value) if value is not None else None

    def _table(self, table: dict[str, Any], key: str, of: str) -> dict[str, Any]:
        value = table.get(key)
        if not isinstance(value, dict):
            raise not_a_scoreboard(self.path, f"a table {clean_text(key)} of {of}", value)
        return value

    def _number(self, value: object, what: str) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise not_a_scoreboard(self.path, what, value)
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise not_a_scoreboard(self.path, f"{what} that is finite", value)
        return number
