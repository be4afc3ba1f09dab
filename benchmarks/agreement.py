"""How scores agree with two measures that are no input of them: `benchmarks/agreement.py DATABASE`.

Writes the tables of docs/validity.md. Epoch's Capabilities Index is compared with the mean of
Planning and Building on the models of `agreement_models.txt`, a list that is fixed so that no
figure depends on who is ranked today; EQ-Bench Creative Writing with Idea, scored without it.
Rank correlations are Spearman's; intervals are of 2,000 resamples of the models.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from page import put

from base.sql import literal
from ipbr_rank.engine.overlay import Overlay

PROJECT = Path(__file__).resolve().parents[1]
MODELS = Path(__file__).with_name("agreement_models.txt")
PAGE = PROJECT / "docs" / "validity.md"
QUESTION = "is this a board of the project's present files?"
RESAMPLES = 2000
INDEX, WRITING = "EpochCapabilitiesIndex", "EQBenchCreativeWriting"
RAW = """
select canonical_id, raw_value from marts.fct_measurements
where metric_id = '{metric}' and evidence_class = 'direct'"""
EXPECTED = "select canonical_id, {value} from marts.fct_expected_scores where {roles} group by 1"
PUBLISHED = "select canonical_id, avg(score) from marts.fct_role_scores where {roles} group by 1"
WITHOUT_WRITING = """
select * replace (is_expected_input and family != 'EQ-Bench' as is_expected_input)
from built.seeds.metrics"""
# Ties have the mean of their ranks. Which models a resample takes is told by hashes: the same ones
# for every predictor, and in every run.
SPEARMAN = """
with pairs as (
    select x, y, row_number() over (order by canonical_id) - 1 as place from pairs_given
),
drawn as (
    select resample, place as position,
        case when resample = 0 then place else cast(
            md5_number_lower(resample || ' ' || place) % (select count(*) from pairs) as bigint
        ) end as place
    from range($resamples + 1) as resamples (resample), (select place from pairs)
),
ranked as (
    select resample,
        rank() over (partition by resample order by x)
        + (count(*) over (partition by resample, x) - 1) / 2 as x_rank,
        rank() over (partition by resample order by y)
        + (count(*) over (partition by resample, y) - 1) / 2 as y_rank
    from drawn inner join pairs using (place)
),
correlations as (
    select resample, corr(x_rank, y_rank) as rho from ranked group by resample
)
select (select count(*) from pairs), max(rho) filter (where resample = 0),
    quantile_cont(rho, 0.05) filter (where resample > 0),
    quantile_cont(rho, 0.95) filter (where resample > 0)
from correlations
"""

Values = dict[str, float]
Row = tuple[str, int, float, float, float]


def main() -> None:
    """Computes both comparisons and writes them into the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database", type=Path)
    parser.add_argument("--page", type=Path, default=PAGE)
    parser.add_argument("--resamples", type=int, default=RESAMPLES)
    given = parser.parse_args()
    with Overlay(PROJECT, given.database.resolve(), QUESTION) as board:
        text = _written(board, given.resamples)
    put(given.page, "agreement", text)
    print(text)


def _written(board: Overlay, resamples: int) -> str:
    listed = MODELS.read_text("utf-8").split()
    roles = "role_id in ('p', 'b')"
    index = _values(board, RAW.format(metric=INDEX))
    rows = [
        _compared(board, name, values, index, listed, resamples)
        for name, values in (
            ("expected", _values(board, EXPECTED.format(value="avg(expected_score)", roles=roles))),
            ("published (v1)", _values(board, PUBLISHED.format(roles=roles))),
        )
    ]
    text = _table(f"Mean of Planning and Building against {INDEX}", rows)
    writing = _values(board, RAW.format(metric=WRITING))
    roles = "role_id = 'i'"
    expected = EXPECTED.format(value="max(expected_score)", roles=roles)
    (left_out,) = board.score({"fct_expected_scores": expected}, given={"metrics": WITHOUT_WRITING})
    rows = [
        _compared(board, name, values, writing, list(writing), resamples)
        for name, values in (
            ("expected, EQ-Bench left out of the fit", dict(left_out)),
            ("expected", _values(board, expected)),
            ("published (v1)", _values(board, PUBLISHED.format(roles=roles))),
        )
    ]
    return text + "\n" + _table(f"Idea against {WRITING}", rows)


def _values(board: Overlay, query: str) -> Values:
    rows: Sequence[tuple[Any, ...]] = board.connection.execute(query).fetchall()
    return {canonical_id: value for canonical_id, value in rows if value is not None}


def _compared(
    board: Overlay, name: str, ours: Values, theirs: Values, models: list[str], resamples: int
) -> Row:
    """Models with both values, Spearman's rank correlation, and its 90 % interval."""
    both = [model for model in models if model in ours and model in theirs]
    values = ", ".join(f"({literal(model)}, {ours[model]!r}, {theirs[model]!r})" for model in both)
    query = SPEARMAN.replace("pairs_given", f"(values {values}) as given (canonical_id, x, y)")
    ((n_models, rho, low, high),) = board.connection.execute(
        query, {"resamples": resamples}
    ).fetchall()
    return name, n_models, rho, low, high


def _table(title: str, rows: list[Row]) -> str:
    lines = [f"| {title} | models | rank correlation | 90 % |", "|---|---|---|---|"]
    lines += [
        f"| {name} | {n} | {rho:.3f} | {low:.2f} to {high:.2f} |"
        for name, n, rho, low, high in rows
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
