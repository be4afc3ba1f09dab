"""Scores without one thing: the same as when it had never been there, on any number of threads."""

import copy
import hashlib
import math
import tomllib
from pathlib import Path

import duckdb
import pytest

from tests.support.rebuilt import (
    SCENARIOS,
    opened_copy,
    rebuild,
    schema_of,
    statements,
    with_a_figure,
)
from tests.support.recompute import recompute

PROJECT = Path(__file__).resolve().parents[2]


# From figures and weights to scores: what a score is really computed with.
SCORING = (
    "int_metric_bounds",
    "int_measurements_normalised",
    "int_measurements_discounted",
    "int_composite_contributions",
    "fct_measurements",
    "fct_group_contributions",
    "fct_group_scores",
    "fct_role_contributions",
    "fct_role_scores",
)
# What is said of scores in scenarios and in draws.
MARTS = (
    *SCENARIOS,
    "fct_leave_one_out",
    "rpt_robustness",
    "rpt_order_agreement",
    "rpt_metric_quality",
    "rpt_largest_moves",
    "fct_score_intervals",
)


@pytest.fixture(scope="module")
def sql(project, board) -> dict[str, str]:
    """What makes all the steps, by name."""
    return statements(project, SCORING + MARTS)


def part(sql: dict[str, str], steps: tuple[str, ...]) -> dict[str, str]:
    return {step: sql[step] for step in steps}


def without_metrics(connection: duckdb.DuckDBPyConnection, condition: str) -> None:
    """Take metrics out of every mean; a composite weighs what is left of its inputs."""
    connection.execute(
        f"""
        create temp table gone as select metric_id from seeds.metrics where {condition};
        update intermediate.int_weights as weights set weight = weight * (
            select sum(inputs.weight)
                filter (where inputs.child_id not in (select metric_id from gone))
                / sum(inputs.weight)
            from intermediate.int_weights as inputs
            where inputs.weight_kind = 'composite' and inputs.parent_id = weights.child_id
        ) where weight_kind = 'group' and child_id in (
            select parent_id from intermediate.int_weights where weight_kind = 'composite'
        );
        delete from intermediate.int_weights where child_id in (select metric_id from gone);
        """
    )


def without_model(connection: duckdb.DuckDBPyConnection, canonical_id: str) -> None:
    """Take a model off the board; what siblings took over from it stays theirs."""
    for table in ("intermediate.int_measurements_transformed", "marts.dim_models"):
        connection.execute(f"delete from {table} where canonical_id = ?", [canonical_id])


# One that siblings borrow from, and one that nobody does.
DONOR, PLAIN = "openai/gpt-5.5", "google/gemini-2.5-flash"


@pytest.mark.parametrize(
    ("kind", "key", "take_out"),
    [
        ("family", "Scale Labs", lambda c: without_metrics(c, "family = 'Scale Labs'")),
        ("metric", "SWEBenchPro", lambda c: without_metrics(c, "metric_id = 'SWEBenchPro'")),
        ("model", DONOR, lambda c: without_model(c, DONOR)),
        ("model", PLAIN, lambda c: without_model(c, PLAIN)),
    ],
)
def test_a_score_without_something_is_a_score_that_never_had_it(
    board, sql, tmp_path, kind, key, take_out
):
    connection = opened_copy(board.database, tmp_path)
    (is_donor,) = connection.execute(
        "select count(*) > 0 from marts.fct_measurements where donor_id = ?", [key]
    ).fetchone()
    assert is_donor == (key == DONOR)
    (is_input,) = connection.execute(
        "select count(*) > 0 from marts.fct_weights where weight_kind = 'composite' "
        "and child_id = ?",
        [key],
    ).fetchone()
    assert is_input == (kind == "metric")
    take_out(connection)
    rebuild(connection, part(sql, SCORING))
    n_scores, n_moved, difference, rank_difference = connection.execute(
        """
        select
            count(*),
            count(*) filter (where abs(scenarios.score_change) > 0.01),
            max(abs(scenarios.score - scores.score)),
            max(abs(scenarios.rank - scores.rank))
        from marts.fct_leave_one_out as scenarios
        full outer join marts.fct_role_scores as scores using (canonical_id, role_id)
        where scenarios.left_out_kind = ? and scenarios.left_out_id = ?
        """,
        [kind, key],
    ).fetchone()
    assert n_scores == len(with_a_figure(connection)) > 4 * 40
    # Else it would be no test.
    assert n_moved > 40
    assert difference < 1e-9
    assert rank_difference == 0


def test_a_draw_of_the_weights_by_hand(board):
    """The first draw, from MD5 on, by the recomputation that shares no line with the SQL."""
    scoreboard = tomllib.loads((board.out / "scoreboard.toml").read_text("utf-8"))
    coefficients = tomllib.loads((board.out / "coefficients.toml").read_text("utf-8"))
    drawn = copy.deepcopy(coefficients)
    factors = []
    for table in ("composite_metrics", "group_weights", "final_score_weights"):
        for parent, children in drawn[table].items():
            for child in children:
                digest = hashlib.md5(f"1|weight|{parent}|{child}|0".encode()).digest()
                first, second = (
                    (int.from_bytes(digest[at : at + 4], "little") + 0.5) / 2**32 for at in (0, 4)
                )
                normal = math.sqrt(-2 * math.log(first)) * math.cos(2 * math.pi * second)
                factors.append(math.exp(0.25 * normal))
                children[child] *= factors[-1]
            if table == "final_score_weights":
                total = math.fsum(children.values())
                for child in children:
                    children[child] /= total
    assert len(factors) > 60
    assert 0.2 < math.dist(map(math.log, factors), [0] * len(factors)) / len(factors) ** 0.5 < 0.3
    by_hand, published = recompute(scoreboard, drawn), recompute(scoreboard, coefficients)
    with duckdb.connect(str(board.database), read_only=True) as connection:
        expected = with_a_figure(connection)
        scores = connection.execute(
            "select canonical_id, lower(score_key), score "
            "from intermediate.int_scenario_scores inner join marts.dim_roles using (role_id) "
            "where scenario_kind = 'weights' and draw = 0"
        ).fetchall()
    assert len(by_hand) == len({canonical_id for canonical_id, _ in expected})
    assert len(scores) == len(expected) > 160
    for canonical_id, key, score in scores:
        assert score == pytest.approx(by_hand[canonical_id].scores[key], abs=1e-9)
    # The draw is another board than the published one.
    assert (
        max(abs(score - published[canonical_id].scores[key]) for canonical_id, key, score in scores)
        > 1
    )


def differing(connection: duckdb.DuckDBPyConnection, steps: tuple[str, ...]) -> list[str]:
    """The tables whose rows are not, to the last bit, those of the attached board."""
    return [
        step
        for step in steps
        if connection.execute(
            f"""
            with here as (from {schema_of(step)}.{step}),
            there as (from built.{schema_of(step)}.{step})
            select count(*) from (
                (from here except all from there) union all (from there except all from here)
            )
            """
        ).fetchone()[0]
    ]


@pytest.mark.parametrize("threads", [1, pytest.param(4, marks=pytest.mark.slow)])
def test_neither_threads_nor_another_run_change_a_figure(board, sql, tmp_path, threads):
    connection = opened_copy(board.database, tmp_path, threads)
    connection.execute(f"attach '{board.database}' as built (read_only)")
    for step in MARTS:
        (rows,) = connection.execute(f"select count(*) from {schema_of(step)}.{step}").fetchone()
        assert rows > 40, step
    rebuild(connection, part(sql, MARTS))
    assert differing(connection, MARTS) == []
    # The comparison itself: one figure that differs in its last bit.
    connection.execute(
        "update marts.fct_leave_one_out set score = score + 1e-13 "
        f"where canonical_id = '{PLAIN}' and role_id = 'b' and left_out_id = 'GSO'"
    )
    assert differing(connection, MARTS) == ["fct_leave_one_out"]
