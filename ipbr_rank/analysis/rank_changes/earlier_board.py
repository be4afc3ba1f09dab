"""An earlier board beside the built one: what changed between them, and scorings in between.

Python only says which figures, coefficients and pairs a scoring is made of; SQL scores
(`ipbr_rank.engine.overlay`). docs/decisions/0021-why-a-rank-moved.md says what counts as what.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, NamedTuple

from base.errors import IpbrError
from base.scoreboard import ROLES, SCORE_KEYS, Evidence, Scoreboard
from base.sql import literal
from base.text import shown_path
from ipbr_rank.config.differences import differences
from ipbr_rank.engine.overlay import Overlay

# Why a figure differs.
FIGURES, POPULATION = "figures", "population"
COEFFICIENTS, ALIASES = "coefficients", "aliases"
EXACT = 1e-9

EARLIER_TABLES = """
create table earlier_models as
select canonical_id, vendor, display_name, release_date, open_weights, aliases
from built.staging.stg_config__models limit 0;
create table earlier_selected as from built.intermediate.int_measurements_selected limit 0;
create table earlier_stand_ins as from built.intermediate.int_measurements_synthesised limit 0;
create table restored_pairs as from built.staging.stg_config__synthesis_pairs limit 0;
create table earlier_files as from built.staging.stg_config__files;
create table under_earlier_names as
select canonical_id, metric_id, evidence_class, source_id, raw_value
from built.intermediate.int_measurements_selected limit 0;
create table redeclared (metric_id varchar);
create table earlier_logarithmic (metric_id varchar)
"""
EARLIER_COEFFICIENTS = """
update earlier_files set content = cast($content as json) where file_id = 'coefficients'
"""
# A figure that no other reason explains is a new one of the same model.
CHANGES = f"""
create table changes as
with earlier_ids as (select canonical_id from earlier_models),
now_ids as (select distinct canonical_id from built.intermediate.int_measurements_selected)
select canonical_id, metric_id,
    earlier.raw_value as earlier_value, earlier.source_id as earlier_source,
    earlier.source_model_name as earlier_name,
    now.raw_value as now_value, now.source_id as now_source, now.source_model_name as now_name,
    case
        when canonical_id not in (from earlier_ids) or canonical_id not in (from now_ids)
            then '{POPULATION}'
        when metric_id in (from redeclared) then '{COEFFICIENTS}'
        when (named.evidence_class, named.source_id, named.raw_value)
            is distinct from (now.evidence_class, now.source_id, now.raw_value) then '{ALIASES}'
        else '{FIGURES}'
    end as cause
from earlier_selected as earlier
full join built.intermediate.int_measurements_selected as now using (canonical_id, metric_id)
left join under_earlier_names as named using (canonical_id, metric_id)
where (earlier.evidence_class, earlier.source_id, earlier.raw_value)
    is distinct from (now.evidence_class, now.source_id, now.raw_value)
"""
# The earlier figures, but for the changes that are taken over. What has no logarithm under the
# coefficients of the scoring is missing under them.
SELECTED = """
from (
    select earlier.* from earlier_selected as earlier
    anti join (from changes where {taken}) using (canonical_id, metric_id)
    union all by name
    select now.* from built.intermediate.int_measurements_selected as now
    semi join (from changes where {taken}) using (canonical_id, metric_id)
)
where raw_value > 0 or metric_id not in ({logarithmic})
"""
# Models that have left stay known; without figures they are not on the board.
MODELS = """
from built.staging.stg_config__models union all by name from earlier_models
where canonical_id not in (select canonical_id from built.staging.stg_config__models)
"""
# Names are what is exchanged; when a model was released is known today, and so are the names that
# hold for one source alone, which a scoreboard does not tell.
NAMES_OF_THEN = """
select earlier.* exclude (release_date), models.release_date, models.stamps,
    models.source_aliases
from earlier_models as earlier
left join built.staging.stg_config__models as models using (canonical_id)
"""
DECLARED = "select metric_id, higher_better, log_scale from staging.stg_config__metrics"
NAMED = """
select canonical_id, metric_id, evidence_class, source_id, raw_value
from intermediate.int_measurements_selected
"""
SCORES = "select canonical_id, role_id, score, rank from marts.fct_role_scores"
PARTS = """
select canonical_id, role_id, metric_id, sum(contribution order by group_id, composite_id)
from marts.fct_score_parts
where metric_id is not null
group by all
"""


class Place(NamedTuple):
    """A score and its rank."""

    score: float
    rank: int


# By model and role, and what each figure adds by model, role and metric.
Standings = dict[tuple[str, str], Place]
Parts = dict[tuple[str, str, str], float]
# By model and metric, who lent the figure.
StandIns = dict[tuple[str, str], Evidence]


@dataclass(frozen=True)
class Change:
    """A figure that is not the same on both boards, and why; None on a board that lacks it."""

    canonical_id: str
    metric_id: str
    earlier_value: float | None
    earlier_source: str | None
    earlier_name: str | None
    now_value: float | None
    now_source: str | None
    now_name: str | None
    cause: str


class EarlierBoard:
    """The tables of both boards on one connection, and every board that could lie between.

    `coefficients` are those of the earlier board; without them the present ones are taken, and
    `other_coefficients` is None.
    """

    def __init__(
        self,
        overlay: Overlay,
        database: Path,
        earlier: Scoreboard,
        coefficients: dict[str, Any] | None,
    ) -> None:
        self._overlay = overlay
        self._database = database
        self._earlier = earlier
        self.before: Standings = {
            (model.canonical_id, role_id): Place(
                getattr(model.scores, SCORE_KEYS[role_id]), getattr(model.ranks, role_id)
            )
            for model in earlier.models
            for role_id in ROLES
        }
        self.after = _standings(self._rows(SCORES))
        models = {model for model, _ in self.after}
        earlier_models = {model for model, _ in self.before}
        self.arrived = sorted(models - earlier_models)
        self.left = sorted(earlier_models - models)
        ((content,),) = self._rows(
            "select content from built.staging.stg_config__files where file_id = 'coefficients'"
        )
        present = json.loads(content)
        self.other_coefficients = (
            None if coefficients is None else differences(coefficients, present)
        )
        self._load(coefficients if self.other_coefficients else present)
        self.changes = self._find_changes()

    def score(
        self,
        taken: str = "false",
        *,
        has_coefficients: bool = False,
        has_population: bool = False,
        has_earlier_stand_ins: bool = False,
    ) -> Standings:
        """The board of the earlier figures, but for the changes `taken`, a condition in SQL.

        Coefficients, and pairs of models that have left, are the earlier ones unless told.
        """
        exchanged = self._exchanged(taken, has_coefficients, has_population)
        if has_earlier_stand_ins:
            exchanged["int_measurements_synthesised"] = "from earlier_stand_ins"
        return _standings(self._overlay.score({"fct_role_scores": SCORES}, given=exchanged)[0])

    def score_in_parts(
        self, taken: str = "false", *, has_coefficients: bool = False, has_population: bool = False
    ) -> tuple[Standings, Parts]:
        """The same, with what each figure adds to a score."""
        exchanged = self._exchanged(taken, has_coefficients, has_population)
        queries = {"fct_role_scores": SCORES, "fct_score_parts": PARTS}
        scores, parts = self._overlay.score(queries, given=exchanged)
        return _standings(scores), {
            (model, role, metric): points for model, role, metric, points in parts
        }

    def require_same_statements(self) -> None:
        """With every input exchanged the present board must come out.

        IpbrError if it does not: then the statements are not those that built it.
        """
        found = self.score("true", has_coefficients=True, has_population=True)
        if found.keys() != self.after.keys() or any(
            abs(place.score - self.after[key].score) > EXACT for key, place in found.items()
        ):
            raise IpbrError(
                f"{shown_path(self._database)}: scoring its values again gives different scores, "
                "so another version of ipbr-rank built it; build it again with `ipbr-rank score`"
            )

    def _exchanged(
        self, taken: str, has_coefficients: bool, has_population: bool
    ) -> dict[str, str]:
        files, logarithmic = "from earlier_files", "from earlier_logarithmic"
        pairs = "from built.staging.stg_config__synthesis_pairs"
        if has_coefficients:
            files = "from built.staging.stg_config__files"
            logarithmic = "select metric_id from built.staging.stg_config__metrics where log_scale"
        if not has_population:
            pairs += " union all by name from restored_pairs"
        return {
            "stg_config__files": files,
            "stg_config__models": MODELS,
            "stg_config__synthesis_pairs": pairs,
            "int_measurements_selected": SELECTED.format(taken=taken, logarithmic=logarithmic),
        }

    def _load(self, coefficients: Any) -> None:
        """Writes the earlier board as tables of the built one's form."""
        connection = self._overlay.connection
        connection.execute(EARLIER_TABLES)
        connection.execute(EARLIER_COEFFICIENTS, {"content": json.dumps(coefficients)})
        self._insert(
            "earlier_models",
            ("canonical_id", "vendor", "display_name", "aliases"),
            [
                (model.canonical_id, model.vendor, model.display_name, model.aliases)
                for model in self._earlier.models
            ],
        )
        figures = [
            (model.canonical_id, metric_id, value, model.evidence[metric_id])
            for model in self._earlier.models
            for metric_id, value in model.raw_metrics.items()
        ]
        self._insert(
            "earlier_selected",
            (
                *("canonical_id", "metric_id", "evidence_class", "source_id"),
                *("source_model_name", "effort", "raw_value"),
            ),
            [
                (model, metric, told.evidence_class, told.source, told.name, told.effort, value)
                for model, metric, value, told in figures
                if not told.is_synthesised
            ],
        )
        stand_ins = {
            (model, metric): told for model, metric, _, told in figures if told.is_synthesised
        }
        self._insert(
            "earlier_stand_ins",
            (
                *("canonical_id", "metric_id", "source_id", "donor_id", "category", "hops"),
                *("origin_id", "is_cap_blocked"),
            ),
            [
                (*key, told.source, told.donor, told.category, told.hops, origin, False)
                for key, told in stand_ins.items()
                if (origin := _origin(key, stand_ins)) is not None
            ],
        )
        self._restore_pairs(stand_ins)

    def _restore_pairs(self, stand_ins: StandIns) -> None:
        """The pairs of models that have left, as far as the earlier figures show them.

        They leave the configuration with their model, and what they filled is lost by its
        departure. As first of all pairs they fill again what they filled then.
        """
        gone = {*self.left}
        sources: dict[tuple[str, str, str], set[str]] = {}
        for (model, _), told in stand_ins.items():
            if told.hops == 1 and gone & {model, told.donor}:
                pair = (model, str(told.donor), str(told.category))
                sources.setdefault(pair, set()).add(str(told.source))
        self._insert(
            "restored_pairs",
            ("target_id", "donor_id", "category", "source_ids", "pair_position"),
            [(*pair, sorted(sources[pair]), -n) for n, pair in enumerate(sorted(sources), 1)],
        )

    def _find_changes(self) -> list[Change]:
        """What differs, and why."""
        (declared,) = self._overlay.score(
            {"stg_config__metrics": DECLARED}, given={"stg_config__files": "from earlier_files"}
        )
        present = self._rows(DECLARED)
        redeclared = {metric for metric, *_ in {*declared} ^ {*present}}
        self._insert("redeclared", ("metric_id",), [(metric,) for metric in sorted(redeclared)])
        logarithmic = [(metric,) for metric, _, has_logarithm in declared if has_logarithm]
        self._insert("earlier_logarithmic", ("metric_id",), logarithmic)
        # Today's observations under the names of then; who was not there has no name.
        (named,) = self._overlay.score(
            {"int_measurements_selected": NAMED}, given={"stg_config__models": NAMES_OF_THEN}
        )
        told = ("canonical_id", "metric_id", "evidence_class", "source_id", "raw_value")
        self._insert("under_earlier_names", told, named)
        self._overlay.connection.execute(CHANGES)
        columns = tuple(column.name for column in fields(Change))
        return [
            Change(*row)
            for row in self._rows(f"select {', '.join(columns)} from changes order by all")
        ]

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        return self._overlay.connection.execute(query).fetchall()

    def _insert(self, table: str, columns: Sequence[str], rows: Collection[Sequence[Any]]) -> None:
        """Adds rows as one list per column, which is a single statement."""
        connection = self._overlay.connection
        types = {name: kind for name, kind, *_ in connection.sql(f"describe {table}").fetchall()}
        lists = {name: [row[place] for row in rows] for place, name in enumerate(columns)}
        cells = [f"unnest(cast(${name} as {types[name]}[])) as {name}" for name in columns]
        connection.execute(f"insert into {table} by name select {', '.join(cells)}", lists)


def figures_of(model: str, *, are_of_others: bool = False) -> str:
    """The condition for changed figures of a model, or of all others."""
    return f"cause = '{FIGURES}' and canonical_id {'!=' if are_of_others else '='} {literal(model)}"


def _standings(rows: Collection[tuple[Any, ...]]) -> Standings:
    return {(model, role): Place(score, rank) for model, role, score, rank in rows}


def _origin(key: tuple[str, str], stand_ins: StandIns) -> str | None:
    """Whose figure it is in truth; None if the donors lead round in a ring."""
    for _ in range(len(stand_ins)):
        key = (str(stand_ins[key].donor), key[1])
        if key not in stand_ins:
            return key[0]
    return None
