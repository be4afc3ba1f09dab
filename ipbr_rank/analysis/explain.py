"""`explain` and `compare`: what a score is made of, and what makes a gap. SQL does the sums."""

import sys
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from base.errors import ConfigurationError
from base.evidence import WORDS
from base.output import (
    DECIMALS,
    WRITERS,
    as_records,
    as_table,
    document,
    span,
    width_of,
)
from ipbr_rank.analysis.find import find_models, find_roles
from ipbr_rank.analysis.query import open_read_only, run

if TYPE_CHECKING:
    import duckdb

SHOWN_WEAKEST = 3
# Decimals of the table beside those of points; JSON and CSV carry every digit.
WEIGHT_DECIMALS = 4

SCORES = """
select scores.canonical_id, scores.role_id as role, roles.display_name as name,
    scores.score, scores.rank,
    count(*) over (partition by scores.role_id) as n_models,
    intervals.p05_score as score_p05, intervals.p95_score as score_p95,
    evidence.status, evidence.place, evidence.place_p05, evidence.place_p95,
    count(evidence.place) over (partition by scores.role_id) as n_ranked,
    evidence.own_share, evidence.direct_share, evidence.reported_share,
    evidence.synthesised_share, evidence.missing_share, evidence.n_families,
    expected.expected_score as expected, expected.expected_p05, expected.expected_p95
from marts.fct_role_scores as scores
inner join marts.dim_roles as roles using (role_id)
inner join marts.fct_role_evidence as evidence using (canonical_id, role_id)
left join marts.fct_score_intervals as intervals using (canonical_id, role_id)
left join marts.fct_expected_scores as expected using (canonical_id, role_id)
where roles.role_id in (select unnest($roles))
qualify scores.canonical_id in (select unnest($models))
order by roles.role_order
"""
PARTS = """
select parts.group_id, parts.composite_id,
    coalesce(parts.metric_id, 'not measured, counted as 50') as metric_id,
    figures.raw_value, metrics.unit, figures.evidence_class, figures.source_id,
    figures.source_model_name, figures.effort, figures.donor_id,
    parts.weight, parts.value, parts.contribution
from marts.fct_score_parts as parts
left join marts.fct_measurements as figures using (canonical_id, metric_id)
left join marts.dim_metrics as metrics using (metric_id)
where parts.canonical_id = $model and parts.role_id = $role
    -- Where nothing is missing there is no shrinkage.
    and (parts.contribution != 0 or not parts.is_pull)
order by parts.is_pull, parts.contribution desc, parts.group_id, parts.metric_id
"""
WEAKEST = """
select metric_id, weakness, weight, figure_error, score_error
from marts.rpt_weakest_figures
where canonical_id = $model and role_id = $role and place <= $shown
order by place
"""
MISSING = """
select missing.metric_id, metrics.display_name, missing.added_share
from marts.rpt_missing_results as missing
inner join marts.dim_metrics as metrics using (metric_id)
where missing.canonical_id = $model and missing.role_id = $role
order by missing.position
"""
GAPS = """
with parts as (
    select group_id, composite_id, metric_id,
        coalesce(sum(contribution) filter (where canonical_id = $first), 0) as first_contribution,
        coalesce(sum(contribution) filter (where canonical_id = $second), 0) as second_contribution
    from marts.fct_score_parts
    where canonical_id in ($first, $second) and role_id = $role
    group by group_id, composite_id, metric_id
)
select parts.group_id, parts.composite_id,
    coalesce(parts.metric_id, 'not measured, counted as 50') as metric_id,
    ours.raw_value as first_figure, theirs.raw_value as second_figure, metrics.unit,
    ours.evidence_class as first_evidence, theirs.evidence_class as second_evidence,
    parts.first_contribution, parts.second_contribution,
    parts.first_contribution - parts.second_contribution as difference
from parts
left join marts.dim_metrics as metrics using (metric_id)
left join marts.fct_measurements as ours
    on parts.metric_id = ours.metric_id and ours.canonical_id = $first
left join marts.fct_measurements as theirs
    on parts.metric_id = theirs.metric_id and theirs.canonical_id = $second
where parts.metric_id is not null or parts.first_contribution != 0 or parts.second_contribution != 0
order by abs(difference) desc, parts.group_id, parts.composite_id, parts.metric_id
"""


# What fits a terminal, by heading: the first column of the row that has a value.
SHORT_PARTS = {
    "metric": ("metric_id",),
    "part of": ("composite_id", "group_id"),
    "value": ("raw_value",),
    "evidence": ("evidence_class",),
    "weight": ("weight",),
    "points": ("value",),
    "adds": ("contribution",),
}
SHORT_GAPS = {
    "metric": ("metric_id",),
    "part of": ("composite_id", "group_id"),
    "first": ("first_figure",),
    "second": ("second_figure",),
    "difference": ("difference",),
}
SHORT_WEAKEST = {
    "metric": ("metric_id",),
    "weakness": ("weakness",),
    "weight": ("weight",),
    "error": ("figure_error",),
    "of score": ("score_error",),
}
SHARES = WORDS | {"synthesised": f"{WORDS['synthesised']} from a sibling"}
# What `compare` shows of each of the two scores.
STANDING = (
    *("score", "status", "place", "place_p05", "place_p95", "n_ranked"),
    *("own_share", "n_families"),
)

# Columns and rows.
Answer = tuple[Sequence[str], Sequence[Sequence[Any]]]


def explain(
    database: Path, model: str, role: str | None, form: str, out: IO[str] | None = None
) -> None:
    """Writes what the scores of a model are made of, down to single figures.

    The contributions of a role sum to its score. `model` is a key, with or without its vendor, or a
    name, `role` a key or a name, in any case; without a role all four are told. ConfigurationError
    for a name that there is not.
    """
    out = out or sys.stdout
    with open_read_only(database) as connection:
        ((key, name),) = find_models(connection, [model])
        told: list[dict[str, Any]] = []
        for one in _scores(connection, [key], role):
            values = {"model": one.pop("canonical_id"), "role": one["role"]}
            one["parts"] = run(connection, PARTS, values)
            one["weakest"] = run(connection, WEAKEST, values | {"shown": SHOWN_WEAKEST})
            one["missing"] = run(connection, MISSING, values)
            told.append(one)
    if form == "table":
        out.write(f"{name} ({key})\n")
        for one in told:
            said = (
                f"\n{one['name']} {one['score']:.{DECIMALS}f}{_interval(one, 'score')}, "
                f"{_standing(one)}\n{_evidence(one)}{_missing(one['missing'])}"
            )
            out.write(_lines(said, out) + _table(one["parts"], out, SHORT_PARTS))
            if one["weakest"][1]:
                out.write("Measured values that would narrow the interval most:\n")
                out.write(_table(one["weakest"], out, SHORT_WEAKEST))
    else:
        _write(form, {"model": key, "name": name}, told, out)


def compare(
    database: Path, first: str, second: str, role: str | None, form: str, out: IO[str] | None = None
) -> None:
    """Writes which figures make the gap between two models, the largest difference first.

    The differences of a role sum to the gap between the scores. ConfigurationError for a name that
    there is not, and for one model twice.
    """
    out = out or sys.stdout
    with open_read_only(database) as connection:
        (first_key, first_name), (second_key, second_name) = find_models(
            connection, [first, second]
        )
        if first_key == second_key:
            raise ConfigurationError(
                f"compare: expected two different models, found {first_key} twice"
            )
        keys = {"first": first_key, "second": second_key}
        told: dict[str, dict[str, Any]] = {}
        for score in _scores(connection, [*keys.values()], role):
            one = told.setdefault(score["role"], {key: score[key] for key in ("role", "name")})
            side = "first" if score["canonical_id"] == first_key else "second"
            one |= {f"{side}_{key}": score[key] for key in STANDING}
        for role_id, one in told.items():
            one["gap"] = one["first_score"] - one["second_score"]
            one["parts"] = run(connection, GAPS, keys | {"role": role_id})
    if form == "table":
        out.write(f"{first_name} ({first_key}) and {second_name} ({second_key})\n")
        for one in told.values():
            said = (
                f"\n{one['name']} {one['first_score']:.{DECIMALS}f} and "
                f"{one['second_score']:.{DECIMALS}f}, difference {one['gap']:+.{DECIMALS}f}\n"
                f"{_sides(one)}"
            )
            out.write(_lines(said, out) + _table(one["parts"], out, SHORT_GAPS))
    else:
        _write(form, keys, [*told.values()], out)


def _scores(
    connection: "duckdb.DuckDBPyConnection", models: list[str], role: str | None
) -> list[dict[str, Any]]:
    roles = [*find_roles(connection, role)]
    header, rows = run(connection, SCORES, {"models": models, "roles": roles})
    return [dict(zip(header, row, strict=True)) for row in rows]


def _standing(one: Mapping[str, Any]) -> str:
    """Where a score stands, and on what: its place, or that it has none."""
    own = f"{100 * one['own_share']:.0f} % own evidence"
    if one["place"] is None:
        families = "family" if one["n_families"] == 1 else "families"
        return f"provisional: {own} in {one['n_families']} {families}, too little for a place"
    places = span(one["place_p05"] or one["place"], one["place_p95"] or one["place"])
    return f"place {places} of {one['n_ranked']}, {own}"


def _evidence(one: Mapping[str, Any]) -> str:
    """What its weight is made of, and what would be expected if all were measured."""
    parts = ", ".join(f"{100 * one[f'{key}_share']:.0f} % {word}" for key, word in SHARES.items())
    expected = ""
    if one["expected"] is not None and one["own_share"] < 1.0:
        expected = (
            f"Expected if all were measured: {one['expected']:.{DECIMALS}f}"
            f"{_interval(one, 'expected')}\n"
        )
    return f"Of the role's weight: {parts}\n{expected}"


def _missing(found: Answer) -> str:
    """The fewest results with which the model would have a place; empty if it has one."""
    _, rows = found
    if not rows:
        return ""
    names = ", ".join(f"{name} ({100 * share:.1f} %)" for _, name, share in rows)
    count = "One more result" if len(rows) == 1 else f"{len(rows)} more results, all of them,"
    return f"{count} would be enough for a place: {names}\n"


def _interval(one: Mapping[str, Any], key: str) -> str:
    if one[f"{key}_p05"] is None:
        return ""
    return f" ({one[f'{key}_p05']:.0f}–{one[f'{key}_p95']:.0f})"


def _sides(one: Mapping[str, Any]) -> str:
    """Where both scores of a comparison stand."""
    sides = (
        _standing({key: one[f"{side}_{key}"] for key in STANDING}) for side in ("first", "second")
    )
    return "; ".join(sides) + "\n"


def _lines(text: str, out: IO[str]) -> str:
    """Sentences, each on a line of its own; on a terminal as many lines as they take."""
    width = width_of(out)
    if width is None:
        return text
    return "".join(f"{textwrap.fill(line, width)}\n" for line in text.splitlines())


def _table(found: Answer, out: IO[str], short: Mapping[str, tuple[str, ...]]) -> str:
    """All columns, or on a terminal the `short` ones."""
    header, rows = found
    width = width_of(out)
    if width is not None:
        records = [dict(zip(header, row, strict=True)) for row in rows]
        header = list(short)
        rows = [
            [
                next((record[name] for name in names if record[name] is not None), None)
                for names in short.values()
            ]
            for record in records
        ]
    decimals = dict.fromkeys(header, DECIMALS) | {"weight": WEIGHT_DECIMALS}
    return as_table(header, rows, width=width, decimals=decimals)


def _write(form: str, subject: dict[str, str], told: list[dict[str, Any]], out: IO[str]) -> None:
    """One object, or the parts of all roles as one table."""
    if form == "json":
        for one in told:
            for name in ("parts", "weakest", "missing"):
                if name in one:
                    one[name] = as_records(*one[name])
        out.write(document({**subject, "roles": told}))
        return
    header = told[0]["parts"][0]
    rows = [(one["role"], *row) for one in told for row in one["parts"][1]]
    WRITERS[form](["role_id", *header], rows, out)
