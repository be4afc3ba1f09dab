"""`diff`: why ranks moved between an earlier scoreboard.toml and the built database."""

import json
import sys
import textwrap
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from base.errors import ConfigurationError
from base.output import (
    DECIMALS,
    WIDTH,
    WRITERS,
    ZERO,
    as_json,
    line_of,
    signed,
    widths_of,
)
from base.scoreboard import Scoreboard
from base.text import printable_line, shown, shown_path
from base.times import utc
from ingest.landing.previous import read_previous_board
from ipbr_rank.analysis.find import find_models, find_roles
from ipbr_rank.analysis.query import open_read_only, run
from ipbr_rank.analysis.rank_changes.earlier_board import (
    ALIASES,
    COEFFICIENTS,
    FIGURES,
    POPULATION,
    Change,
)
from ipbr_rank.analysis.rank_changes.effects import (
    EFFECTS,
    OTHERS,
    OWN,
    STAND_INS,
    Effect,
    Move,
    Moves,
    find_moves,
)
from ipbr_rank.analysis.triage.output import told_resolved
from ipbr_rank.config import read_coefficients

BESIDE = "coefficients.toml"
# The earlier file has six decimals.
ROUNDING = 1e-6
SHOWN_FIGURES = 3
SHOWN_OTHERS = 3
SHOWN_NAMES = 8
SHOWN_KEYS = 4
REST = "rest"
COLUMNS = {
    OWN: "own",
    OTHERS: "others",
    POPULATION: "came/left",
    COEFFICIENTS: "coeff.",
    ALIASES: "aliases",
    STAND_INS: "stand-ins",
    REST: "rest",
}
LEGEND = (
    "The first line of each model shows effects in points, the second line the ranks gained. An "
    "effect is the change that results if only one input of the earlier board is replaced: the "
    "model's own values, the values of other models, the models that came or left, coefficients, "
    "aliases, or stand-ins (the pairs for borrowing values). The rest is joint effects and "
    "rounding. Ranks count all models; places count only those with enough own evidence."
)
RUN = "select generated_at, edition, methodology from marts.dim_runs"
NAMES = "select canonical_id, display_name from marts.dim_models"
UNITS = "select metric_id, unit from marts.dim_metrics"
STANDINGS = "select canonical_id, role_id, place, own_share from marts.fct_role_evidence"
# Place and own evidence, 0 to 1, by model and role; None where a board tells none.
Standings = dict[tuple[str, str], tuple[int | None, float | None]]
SCALES = "select source_id, scale_version from marts.dim_sources where scale_version is not null"
# By more than their spelling, and looked at by nobody yet.
RESOLVED = """
select source_id, candidate_name as name, canonical_id, match_method, words_taken_off
from marts.rpt_names_to_review order by canonical_id, source_id, candidate_name"""


def diff(  # noqa: PLR0913 as the command was given them
    project: Path,
    database: Path,
    previous: Path,
    previous_coefficients: Path | None,
    model: str | None,
    role: str | None,
    form: str,
    out: IO[str] | None = None,
) -> None:
    """Writes why each rank moved since the board `previous`, the largest move first.

    Effects and rest of a move sum to it. JSON and CSV tell of every model that stands on both
    boards, the text of those whose rank moved, or of `model` alone. ConfigurationError for an
    earlier board that cannot be compared with, and for a model or role that there is not.
    """
    out = out or sys.stdout
    database = database.resolve()
    earlier = read_previous_board(previous)
    with open_read_only(database) as connection:
        ((generated_at, edition, methodology),) = run(connection, RUN)[1]
        models = [find_models(connection, [model])[0][0]] if model is not None else None
        roles = find_roles(connection, role)
        names = {model.canonical_id: model.display_name for model in earlier.models}
        names |= dict(run(connection, NAMES)[1])
        units = dict(run(connection, UNITS)[1])
        after = {
            (key, role): (place, own) for key, role, place, own in run(connection, STANDINGS)[1]
        }
        scales = _changed_scales(earlier, dict(run(connection, SCALES)[1]))
        resolved = _resolved(*run(connection, RESOLVED))
    _require_same_kind(previous, earlier, edition, methodology)
    beside = previous.with_name(BESIDE)
    if previous_coefficients is None and beside.is_file():
        previous_coefficients = beside
    coefficients = (
        read_coefficients(previous_coefficients, project) if previous_coefficients else None
    )
    found = find_moves(
        project,
        database,
        earlier,
        coefficients,
        roles=roles,
        models=models,
        only_moved=form == "text" and models is None,
    )
    moves = [move for role_id in roles for move in _in_order(found.moves, role_id)]
    if form == "text":
        text = _Text(
            found, moves, roles, (names, units), models, (_standings_of(earlier), after), scales
        )
        out.write(text.whole(earlier, generated_at, previous))
        n_names, listed = told_resolved(resolved)
        if n_names:
            out.write(f"\nNewly resolved names to review: {n_names}\n{listed}")
        return
    header, rows = _table(moves, (_standings_of(earlier), after))
    if form == "json":
        told = {
            "before": utc(earlier.generated_at).isoformat(),
            "after": generated_at.isoformat(),
            "coefficients_are_known": found.coefficients is not None,
            "arrived": found.arrived,
            "left": found.left,
            "names_to_review": resolved,
            "changed_scales": {
                source_id: {"before": before, "after": after}
                for source_id, (before, after) in scales.items()
            },
            "moves": json.loads(as_json(header, rows)),
        }
        out.write(json.dumps(told, indent=2, ensure_ascii=False) + "\n")
    else:
        WRITERS[form](header, rows, out)


def _resolved(header: list[str], rows: list[tuple[Any, ...]]) -> list[dict[str, Any]]:
    """One object per name."""
    return [dict(zip(header, row, strict=True)) for row in rows]


def _changed_scales(earlier: Scoreboard, now: dict[str, str]) -> dict[str, tuple[str, str]]:
    """Versions then and now, by source, of scales that are not what they were."""
    before = {
        source_id: source.scale_version
        for source_id, source in earlier.sources.items()
        if source.scale_version
    }
    return {
        source_id: (before[source_id], version)
        for source_id, version in sorted(now.items())
        if before.get(source_id, version) != version
    }


def _require_same_kind(path: Path, earlier: Scoreboard, edition: str, methodology: str) -> None:
    for what, theirs, ours in (
        ("edition", earlier.edition, edition),
        ("methodology", earlier.methodology, methodology),
    ):
        if theirs != ours:
            raise ConfigurationError(
                f"--prev {path}: expected a board of the {what} {ours!r}, as in the database, "
                f"found {theirs[:80]!r}; their ranks cannot be compared, so give another file or "
                "--database"
            )


def _standings_of(board: Scoreboard) -> Standings:
    """Places and own evidence of a board; nothing from files before 1.3."""
    return {
        (model.canonical_id, role_id): (entry.place, entry.own_share)
        for model in board.models
        if model.roles is not None
        for role_id, entry in model.roles
    }


def _in_order(moves: list[Move], role_id: str) -> list[Move]:
    """The moves in a role, the most places first, then the most points."""
    return sorted(
        (move for move in moves if move.role_id == role_id),
        key=lambda move: (-abs(move.whole.places), -abs(move.whole.points), move.canonical_id),
    )


def _table(
    moves: list[Move], standings: tuple[Standings, Standings]
) -> tuple[list[str], list[list[Any]]]:
    """One row per model and role: effects in points, then in ranks won; places, own evidence."""
    header = ["role_id", "canonical_id", "score_before", "score_after", "score_move"]
    header += [f"{name}_points" for name in (*EFFECTS, REST)] + ["unreproduced_points"]
    header += ["rank_before", "rank_after", "rank_move"]
    header += [f"{name}_places" for name in (*EFFECTS, REST)]
    header += ["place_before", "own_share_before", "place_after", "own_share_after"]
    rows = []
    for move in moves:
        told = [*(move.effects[name] for name in EFFECTS), move.rest]
        rows.append(
            [
                *(move.role_id, move.canonical_id, move.before.score, move.after.score),
                *(move.whole.points, *(effect.points for effect in told), move.unreproduced),
                *(move.before.rank, move.after.rank, move.whole.places),
                *(effect.places for effect in told),
                *(told for board in standings for told in _standing(board, move)),
            ]
        )
    return header, rows


def _standing(board: Standings, move: Move) -> tuple[int | None, float | None]:
    return board.get((move.canonical_id, move.role_id), (None, None))


class _Text:
    """The moves in words and tables, within a width."""

    def __init__(
        self,
        found: Moves,
        moves: list[Move],
        roles: dict[str, str],
        labels: tuple[dict[str, str], dict[str, str]],
        models: list[str] | None,
        standings: tuple[Standings, Standings],
        scales: dict[str, tuple[str, str]],
    ) -> None:
        """`labels` are the names of models and the units of metrics."""
        names, self.units = labels
        self.scales = scales
        self.found = found
        self.moves = moves
        self.roles = roles
        self.names = {key: printable_line(name) for key, name in names.items()}
        self.models = models
        self.standings = standings

    def whole(self, earlier: Scoreboard, now: datetime, path: Path) -> str:
        """Everything: what changed, then role by role."""
        boards = f"the boards of {_minute(earlier.generated_at)} and {_minute(now)}"
        changed = [_filled(line) for line in self._what_changed(path)]
        if not self.moves:
            role = f" in {next(iter(self.roles.values()))}" if len(self.roles) == 1 else ""
            told = f"No rank moved{role} between {boards}."
            if self.models is not None:
                told = f"{self.names[self.models[0]]} is not on the earlier board."
            return _filled(told) + "".join(changed)
        lines = [_filled(f"Between {boards}:"), *changed, "\n", _filled(LEGEND)]
        for role_id, role_name in self.roles.items():
            moves = [move for move in self.moves if move.role_id == role_id]
            if not moves:
                lines.append(f"\n{role_name}: no rank moved\n")
                continue
            count = f": {_counted(len(moves), 'rank')} moved" if self.models is None else ""
            lines.append(f"\n{role_name}{count}\n{self._table(moves)}")
        return "".join(lines)

    def _what_changed(self, path: Path) -> list[str]:
        found = self.found
        lines = []
        if found.arrived:
            lines.append(f"New: {self._listed(found.arrived)}.")
        if found.left:
            lines.append(f"Left: {self._listed(found.left)}.")
        told = []
        for cause, how in ((FIGURES, ""), (ALIASES, " by other aliases")):
            changes = [change for change in found.changes if change.cause == cause]
            if changes:
                models = len({change.canonical_id for change in changes})
                told.append(
                    f"{_counted(len(changes), 'value')}{how} of {_counted(models, 'model')}"
                )
        lines.append(f"Changed: {', '.join(told)}." if told else "No value changed.")
        if self.scales:
            versions = [
                f"{source_id} {printable_line(before)} → {printable_line(after)}"
                for source_id, (before, after) in self.scales.items()
            ]
            lines.append(
                f"Scales: {', '.join(versions)}. Values on different versions of a scale are not "
                "comparable; rank changes caused by them say nothing about the models."
            )
        if found.coefficients is None:
            lines.append(
                f"Coefficients: assumed unchanged, because there is no {BESIDE} beside "
                f"{printable_line(shown_path(path))} (name one with --prev-coefficients)."
            )
        elif found.coefficients:
            keys = [
                f"{printable_line(key)} {_value(before)} → {_value(after)}"
                for key, (before, after) in found.coefficients.items()
            ]
            more = f" and {len(keys) - SHOWN_KEYS} more" if len(keys) > SHOWN_KEYS else ""
            lines.append(f"Coefficients: {', '.join(keys[:SHOWN_KEYS])}{more}.")
        else:
            lines.append("Coefficients: unchanged.")
        if self.moves:
            worst = max(self.moves, key=lambda move: abs(move.unreproduced))
            if abs(worst.unreproduced) > ROUNDING:
                lines.append(
                    "Scoring the earlier values again does not give the earlier scores (off by up "
                    f"to {abs(worst.unreproduced):.3g} points, {self.names[worst.canonical_id]}), "
                    "because the method or the coefficients have changed. This difference is part "
                    "of the rest."
                )
        return lines

    def _table(self, moves: list[Move]) -> str:
        """Two lines per model, points and places, and below them what is behind the effects."""
        told = [{**move.effects, REST: move.rest} for move in moves]
        shown = [name for name in COLUMNS if any(_is_shown(effects[name]) for effects in told)]
        header = ["model", "score", *(COLUMNS[name] for name in shown)]
        points = [
            [
                self.names[move.canonical_id],
                f"{move.before.score:.{DECIMALS}f} → {move.after.score:.{DECIMALS}f}",
                *(_points(effects[name]) for name in shown),
            ]
            for move, effects in zip(moves, told, strict=True)
        ]
        places = [
            ["", f"{move.before.rank} → {move.after.rank}", *(_places(effects[x]) for x in shown)]
            for move, effects in zip(moves, told, strict=True)
        ]
        widths = widths_of([header, *points, *places])
        lines = [line_of(header, widths)]
        for move, *rows in zip(moves, points, places, strict=True):
            lines += [line_of(row, widths) for row in rows]
            lines += self._behind(move)
        return "".join(lines)

    def _behind(self, move: Move) -> list[str]:
        lines = [self._stands(move)]
        if move.figures:
            figures = [self._figure(change) for change in move.figures[:SHOWN_FIGURES]]
            lines.append(f"figures: {'; '.join(figures)}{_more(move.figures, SHOWN_FIGURES)}")
        others = [(model, effect) for model, effect in move.others if _is_shown(effect)]
        if others:
            told = [self._other(*other) for other in others[:SHOWN_OTHERS]]
            lines.append(f"others: {'; '.join(told)}{_more(others, SHOWN_OTHERS)}")
        return [_filled(line, "    ") for line in lines]

    def _stands(self, move: Move) -> str:
        """The place on both boards, or that there is none, and what the score stands on now."""
        (before, _), (place, own) = (_standing(board, move) for board in self.standings)
        told = "provisional, no place" if place is None else f"place {place}"
        if before is not None and before != place:
            told = f"place {before} → {'none, provisional' if place is None else place}"
        return told if own is None else f"{told}; {own:.0%} own evidence"

    def _figure(self, change: Change) -> str:
        """`Metric 50 → 60 percent (source, name as it spells it)`."""
        values = f"{_raw(change.earlier_value)} → {_raw(change.now_value)}"
        unit = self.units.get(change.metric_id, "")
        origin = (change.now_source, change.now_name)
        if change.now_value is None:
            origin = (change.earlier_source, change.earlier_name)
        scale = "another scale" if change.now_source in self.scales else None
        told = ", ".join(text for text in (*origin, scale) if text)
        return printable_line(f"{change.metric_id} {values}{f' {unit}' if unit else ''} ({told})")

    def _other(self, model: str, effect: Effect) -> str:
        count = _counted(abs(effect.places), "place")
        places = f", {count} {'won' if effect.places > 0 else 'lost'}" if effect.places else ""
        return f"{self.names[model]} {_points(effect)}{places}"

    def _listed(self, models: list[str]) -> str:
        named = ", ".join(self.names[model] for model in models[:SHOWN_NAMES])
        return named + _more(models, SHOWN_NAMES)


def _points(effect: Effect) -> str:
    return signed(effect.points)


def _places(effect: Effect) -> str:
    return f"{effect.places:+d}" if effect.places else ""


def _is_shown(effect: Effect) -> bool:
    return _points(effect) != ZERO or effect.places != 0


def _raw(value: float | None) -> str:
    return "none" if value is None else f"{value:.6g}"


def _value(value: Any) -> str:
    return "none" if value is None else printable_line(shown(value))


def _more(items: list[Any], n_shown: int) -> str:
    return f" and {len(items) - n_shown} more" if len(items) > n_shown else ""


def _counted(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _filled(text: str, indent: str = "") -> str:
    filled = textwrap.fill(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        # A source's name of a model stays whole.
        break_on_hyphens=False,
    )
    return filled + "\n"
