"""Why scores and ranks moved since an earlier board: one input exchanged at a time, scored again.

Python only says which figures, coefficients and pairs a scoring is made of; SQL scores
(`ipbr_rank.rescoring`). docs/decisions/0021-why-a-rank-moved.md says what counts as what.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, NamedTuple

from ingest.database import literal
from ingest.errors import IpbrError
from ingest.previous_figures import PreviousFigure, PreviousFigures
from ipbr_rank.rescoring import Rescoring
from ipbr_rank.words import shown_path

OWN, OTHERS = "own", "others"
POPULATION, COEFFICIENTS, ALIASES, STAND_INS = "population", "coefficients", "aliases", "stand_ins"
EFFECTS = (OWN, OTHERS, POPULATION, COEFFICIENTS, ALIASES, STAND_INS)
# Why a figure differs; what is none of the others is a new figure of the same model.
FIGURES = "figures"
# The earlier file has six decimals.
ROUNDING = 1e-6
EXACT = 1e-9

EARLIER_TABLES = """
create table earlier_models as
select canonical_id, vendor, display_name, release_date, open_weights, aliases
from {models} limit 0;
create table earlier_selected as from {selected} limit 0;
create table earlier_stand_ins as from {stand_ins} limit 0;
create table restored_pairs as from {pairs} limit 0;
create table earlier_files as from {files};
create table under_earlier_names as
select canonical_id, metric_id, evidence_class, source_id, raw_value from {selected} limit 0;
create table redeclared (metric_id varchar);
"""
# Why each figure that is not the same on both boards differs.
CHANGES = """
create table changes as
with earlier_ids as (select canonical_id from earlier_models),
now_ids as (select distinct canonical_id from {selected})
select canonical_id, metric_id,
    earlier.raw_value as earlier_value, earlier.evidence_class as earlier_class,
    earlier.source_id as earlier_source, earlier.source_model_name as earlier_name,
    now.raw_value as now_value, now.evidence_class as now_class,
    now.source_id as now_source, now.source_model_name as now_name,
    case
        when canonical_id not in (from earlier_ids) or canonical_id not in (from now_ids)
            then 'population'
        when metric_id in (from redeclared) then 'coefficients'
        when (named.evidence_class, named.source_id, named.raw_value)
            is distinct from (now.evidence_class, now.source_id, now.raw_value) then 'aliases'
        else 'figures'
    end as cause
from earlier_selected as earlier
full join {selected} as now using (canonical_id, metric_id)
left join under_earlier_names as named using (canonical_id, metric_id)
where (earlier.evidence_class, earlier.source_id, earlier.raw_value)
    is distinct from (now.evidence_class, now.source_id, now.raw_value)
"""
# The earlier figures, but for the changes that are taken over.
SELECTED = """
select earlier.* from earlier_selected as earlier
anti join (from changes where {taken}) using (canonical_id, metric_id)
union all by name
select now.* from {selected} as now
semi join (from changes where {taken}) using (canonical_id, metric_id)
"""
SCORES = "select canonical_id, role_id, score, rank from {fct_role_scores}"
PARTS = """
select canonical_id, role_id, metric_id, sum(contribution order by group_id, composite_id)
from {{fct_score_parts}}
where metric_id is not null and {of}
group by all
"""


class Place(NamedTuple):
    """A score and its rank."""

    score: float
    rank: int


class Effect(NamedTuple):
    """What moved a score, in points, and a rank, in places won."""

    points: float
    places: int


NONE = Effect(0.0, 0)
# By model and role.
Standings = dict[tuple[str, str], Place]
Parts = dict[tuple[str, str, str], float]


@dataclass(frozen=True)
class Change:
    """A figure that is not the same on both boards, and why; None on a board that lacks it."""

    canonical_id: str
    metric_id: str
    earlier_value: float | None
    earlier_class: str | None
    earlier_source: str | None
    earlier_name: str | None
    now_value: float | None
    now_class: str | None
    now_source: str | None
    now_name: str | None
    cause: str


@dataclass(frozen=True)
class Move:
    """Of one model in one role: the effects and the rest sum to the whole."""

    canonical_id: str
    role_id: str
    before: Place
    after: Place
    effects: dict[str, Effect]
    unreproduced: float
    """The part of the rest, in points, that the earlier scores differ by when scored again."""
    figures: list[tuple[Change, float]] = field(default_factory=list)
    """The model's own changed figures with what they add, the most first."""
    others: list[tuple[str, Effect]] = field(default_factory=list)
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
    """Every move between two boards, and what changed between them."""

    moves: list[Move]
    arrived: list[str]
    left: list[str]
    changes: list[Change]
    coefficients: dict[str, tuple[Any, Any]] | None
    """Values by key, before and after; None where the earlier ones are not known."""


def find_moves(
    project: Path,
    database: Path,
    earlier: PreviousFigures,
    coefficients: dict[str, Any] | None,
    *,
    models: Collection[str] | None = None,
    only_moved: bool = False,
) -> Moves:
    """Why each model that stands on both boards moved, in every role.

    `coefficients` are those of the earlier board; without them the present ones are taken. With
    `models` only these are told, with `only_moved` only what changed its rank.
    """
    with Rescoring(project, database) as rescoring:
        return _Search(rescoring, database, earlier, coefficients).moves(models, only_moved)


class _Search:
    """The two boards as tables, and the scorings between them."""

    def __init__(
        self,
        rescoring: Rescoring,
        database: Path,
        earlier: PreviousFigures,
        coefficients: dict[str, Any] | None,
    ) -> None:
        self.rescoring = rescoring
        self.database = database
        self.earlier = earlier
        self.tables = {
            "files": rescoring.table("stg_config__files"),
            "models": rescoring.table("stg_config__models"),
            "pairs": rescoring.table("stg_config__synthesis_pairs"),
            "selected": rescoring.table("int_measurements_selected"),
            "stand_ins": rescoring.table("int_measurements_synthesised"),
        }
        ((text,),) = self._rows("select content from {files} where file_id = 'coefficients'")
        now = json.loads(text)
        self.coefficients = None if coefficients is None else _differences(coefficients, now)
        self._load(now if not self.coefficients else coefficients)
        self.changes = [
            Change(*row)
            for row in self._rows(f"select {_columns(Change)} from changes order by all")
        ]
        self.after: Standings = {
            (model, role): Place(score, rank)
            for model, role, score, rank in self._rows(
                SCORES.format(fct_role_scores=rescoring.table("fct_role_scores"))
            )
        }
        self.before: Standings = {
            (rank.canonical_id, rank.role_id): Place(
                earlier.models[rank.canonical_id].scores[rank.role_id], rank.rank
            )
            for rank in earlier.board.ranks
        }
        now_models = {model for model, _ in self.after}
        self.arrived = sorted(now_models - earlier.models.keys())
        self.left = sorted(earlier.models.keys() - now_models)

    def moves(self, models: Collection[str] | None, only_moved: bool) -> Moves:
        """Scores what is needed for the moves that are asked for."""
        wanted = [
            key
            for key in self.after
            if key in self.before
            and (models is None or key[0] in models)
            and (not only_moved or self.before[key].rank != self.after[key].rank)
        ]
        self._require_same_statements()
        reproduced, _ = self._score("false", has_earlier_stand_ins=True)
        base, base_parts = self._score("false", parts_of="true")
        exchanged = {STAND_INS: (reproduced, base)}
        parts = {}
        for cause, is_changed in (
            (POPULATION, self.arrived or self.left),
            (COEFFICIENTS, self.coefficients or self._changed(COEFFICIENTS)),
            (ALIASES, self._changed(ALIASES)),
        ):
            scores = base
            if is_changed:
                scores, parts[cause] = self._score(
                    f"cause = '{cause}'",
                    has_coefficients=cause == COEFFICIENTS,
                    has_population=cause == POPULATION,
                    parts_of="true",
                )
            exchanged[cause] = (base, scores)
        own, own_parts, others = {}, {}, {}
        changed = self._changed(FIGURES)
        for model in changed:
            own[model], own_parts[model] = self._score(
                "cause = 'figures' and canonical_id = $model",
                model,
                parts_of="canonical_id = $model",
            )
        for model in sorted({model for model, _ in wanted}):
            # Where only one model has other figures, they are all or none of the others'.
            if changed == [model]:
                others[model] = base
            elif len(changed) == 1:
                others[model] = own[changed[0]]
            elif model in changed:
                others[model], _ = self._score(
                    "cause = 'figures' and canonical_id != $model", model
                )
        everyone, _ = self._score("cause = 'figures'") if len(changed) > 1 else (base, {})

        def move(model: str, role: str) -> Move:
            key = (model, role)
            effects = {
                OWN: _effect(base[key], own.get(model, base)[key]),
                OTHERS: _effect(base[key], others.get(model, everyone)[key]),
            }
            for cause in EFFECTS[2:]:
                before, after = exchanged[cause]
                effects[cause] = _effect(before[key], after[key])
            with_new = {FIGURES: own_parts.get(model, {}), **parts}
            figures = [
                (
                    change,
                    _part(with_new[change.cause], change, role) - _part(base_parts, change, role),
                )
                for change in self.changes
                if change.canonical_id == model
            ]
            by_others = [
                (other, _effect(base[key], own[other][key])) for other in changed if other != model
            ]
            return Move(
                model,
                role,
                self.before[key],
                self.after[key],
                effects,
                reproduced[key].score - self.before[key].score,
                sorted(
                    ((change, points) for change, points in figures if points),
                    key=lambda told: -abs(told[1]),
                ),
                sorted(
                    ((other, effect) for other, effect in by_others if effect != NONE),
                    key=lambda told: (-abs(told[1].places), -abs(told[1].points)),
                ),
            )

        return Moves(
            [move(model, role) for model, role in wanted],
            self.arrived,
            self.left,
            self.changes,
            self.coefficients,
        )

    def _load(self, coefficients: Any) -> None:
        """Writes the earlier board beside the built one, and what changed between them."""
        connection = self.rescoring.connection
        for statement in EARLIER_TABLES.format(**self.tables).strip().rstrip(";").split(";"):
            connection.execute(statement)
        connection.execute(
            "update earlier_files set content = cast($content as json) "
            "where file_id = 'coefficients'",
            {"content": json.dumps(coefficients)},
        )
        own = {
            (figure.canonical_id, figure.metric_id): figure
            for figure in self.earlier.figures
            if figure.evidence_class != "synthesised"
        }
        stand_ins = {
            (figure.canonical_id, figure.metric_id): figure
            for figure in self.earlier.figures
            if figure.evidence_class == "synthesised"
        }
        self._insert(
            "earlier_models",
            ("canonical_id", "vendor", "display_name", "aliases"),
            [
                (model.canonical_id, model.vendor, model.display_name, model.aliases)
                for model in self.earlier.models.values()
            ],
        )
        columns = ("canonical_id", "metric_id", "evidence_class", "source_id")
        columns += ("source_model_name", "effort", "raw_value")
        self._insert(
            "earlier_selected",
            columns,
            [[getattr(figure, name) for name in columns] for figure in own.values()],
        )
        self._insert(
            "earlier_stand_ins",
            ("canonical_id", "metric_id", "source_id", "donor_id", "origin_id")
            + ("hops", "category", "is_cap_blocked"),
            [
                (
                    *key,
                    figure.source_id,
                    figure.donor_id,
                    origin,
                    figure.hops,
                    figure.category,
                    False,
                )
                for key, figure in stand_ins.items()
                if (origin := _origin(figure, stand_ins)) is not None
            ],
        )
        self._restore_pairs(stand_ins.values())
        (declared,) = self.rescoring.rescore(
            {"stg_config__files": "from earlier_files"},
            "select metric_id, higher_better, log_scale from {stg_config__metrics}",
        )
        declared_now = self._rows(
            "select metric_id, higher_better, log_scale from "
            + self.rescoring.table("stg_config__metrics")
        )
        self._insert(
            "redeclared",
            ("metric_id",),
            sorted({(metric,) for metric, *_ in set(declared) ^ set(declared_now)}),
        )
        (named,) = self.rescoring.rescore(
            {"stg_config__models": "from earlier_models"},
            "select canonical_id, metric_id, evidence_class, source_id, raw_value "
            "from {int_measurements_selected}",
        )
        self._insert(
            "under_earlier_names",
            ("canonical_id", "metric_id", "evidence_class", "source_id", "raw_value"),
            named,
        )
        connection.execute(CHANGES.format(**self.tables))

    def _restore_pairs(self, stand_ins: Collection[PreviousFigure]) -> None:
        """The pairs of models that have left, as far as the earlier figures show them.

        They leave the configuration with their model, and what they filled is lost by its
        departure. As first of all pairs they fill what they filled then.
        """
        now = {model for (model,) in self._rows("select distinct canonical_id from {selected}")}
        pairs: dict[tuple[str, str], dict[str, set[str]]] = {}
        for figure in stand_ins:
            assert figure.donor_id is not None and figure.category is not None
            if figure.hops == 1 and not {figure.canonical_id, figure.donor_id} <= now:
                pair = pairs.setdefault((figure.canonical_id, figure.donor_id), {})
                pair.setdefault(figure.category, set()).add(figure.source_id)
        self._insert(
            "restored_pairs",
            ("pair_position", "target_id", "donor_id", "category", "source_ids"),
            [
                (-place, target, donor, category, sorted(sources))
                for place, ((target, donor), categories) in enumerate(sorted(pairs.items()), 1)
                for category, sources in sorted(categories.items())
            ],
        )

    def _score(
        self,
        taken: str,
        model: str | None = None,
        *,
        has_coefficients: bool = False,
        has_population: bool = False,
        has_earlier_stand_ins: bool = False,
        parts_of: str | None = None,
    ) -> tuple[Standings, Parts]:
        """The board of the earlier figures, but for the changes `taken`.

        Coefficients and pairs of models that have left are the earlier ones, unless said otherwise.
        """
        taken = taken.replace("$model", literal(model))
        restored = "" if has_population else "union all by name from restored_pairs"
        exchanged = {
            "stg_config__files": f"from {self.tables['files'] if has_coefficients else 'earlier_files'}",
            "stg_config__models": f"from {self.tables['models']} union all by name from earlier_models "
            f"where canonical_id not in (select canonical_id from {self.tables['models']})",
            "stg_config__synthesis_pairs": f"from {self.tables['pairs']} {restored}",
            "int_measurements_selected": SELECTED.format(taken=taken, **self.tables),
        }
        if has_earlier_stand_ins:
            exchanged["int_measurements_synthesised"] = "from earlier_stand_ins"
        queries = [SCORES]
        if parts_of:
            queries.append(PARTS.format(of=parts_of.replace("$model", literal(model))))
        scores, *parts = self.rescoring.rescore(exchanged, *queries)
        return (
            {(model, role): Place(score, rank) for model, role, score, rank in scores},
            {tuple(key): points for rows in parts for *key, points in rows},
        )

    def _require_same_statements(self) -> None:
        """With every input exchanged the present board comes out, or the record is of another."""
        found, _ = self._score("true", has_coefficients=True, has_population=True)
        if found.keys() == self.after.keys():
            worst = max(found, key=lambda key: abs(found[key].score - self.after[key].score))
            if abs(found[worst].score - self.after[worst].score) <= EXACT:
                return
        raise IpbrError(
            f"{shown_path(self.database)}: expected its scores when its own figures are scored "
            "again, found others: it was not built by this version of ipbr-rank; build it anew "
            "with `ipbr-rank score`"
        )

    def _changed(self, cause: str) -> list[str]:
        """The models with a figure that changed for this cause."""
        return sorted({change.canonical_id for change in self.changes if change.cause == cause})

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        return self.rescoring.connection.execute(query.format(**self.tables)).fetchall()

    def _insert(self, table: str, columns: Collection[str], rows: Collection[Any]) -> None:
        """Adds rows column by column, which DuckDB takes at once."""
        types = {
            name: kind
            for name, kind, *_ in self.rescoring.connection.execute(f"describe {table}").fetchall()
        }
        values = {name: [row[place] for row in rows] for place, name in enumerate(columns)}
        listed = ", ".join(
            f"unnest(cast(${name} as {types[name]}[])) as {name}" for name in columns
        )
        self.rescoring.connection.execute(f"insert into {table} by name select {listed}", values)


def _effect(before: Place, after: Place) -> Effect:
    """From one place to another; a better rank is the smaller one."""
    return Effect(after.score - before.score, before.rank - after.rank)


def _part(parts: Parts, change: Change, role: str) -> float:
    return parts.get((change.canonical_id, role, change.metric_id), 0.0)


def _origin(figure: PreviousFigure, stand_ins: dict[tuple[str, str], PreviousFigure]) -> str | None:
    """Whose figure it is in truth; None if the donors lead round in a ring."""
    for _ in range(len(stand_ins) + 1):
        assert figure.donor_id is not None
        following = stand_ins.get((figure.donor_id, figure.metric_id))
        if following is None:
            return figure.donor_id
        figure = following
    return None


def _differences(earlier: Any, now: Any) -> dict[str, tuple[Any, Any]]:
    """The values that differ by the path to their key; what one lacks is None."""
    before, after = dict(_flat(earlier)), dict(_flat(now))
    return {
        key: (before.get(key), after.get(key))
        for key in [*before, *(key for key in after if key not in before)]
        if before.get(key) != after.get(key)
    }


def _flat(tables: Any, path: str = "") -> list[tuple[str, Any]]:
    if not isinstance(tables, dict):
        return [(path, tables)]
    return [
        leaf
        for key, value in tables.items()
        for leaf in _flat(value, f"{path}.{key}" if path else key)
    ]


def _columns(row: type) -> str:
    return ", ".join(column.name for column in fields(row))
