"""Draws, intervals, tiers: exact where nothing is in doubt, right where the truth is known."""

import random
import re

import duckdb
import pytest

from tests.support.rebuilt import SCENARIOS, compiled, opened_copy, rebuild, with_a_figure

STEPS = (
    "int_leading_models",
    *SCENARIOS,
    "fct_score_intervals",
)
# Draws alone are of interest here.
DRAWS = "{robustness_draws: 1}"
CERTAIN = (
    "{uncertainty_has_noise: 0, uncertainty_has_bootstrap: 0, uncertainty_draws: 5, "
    "robustness_draws: 1}"
)


@pytest.fixture(scope="module")
def copy_board(board, tmp_path_factory):
    """Makes an open copy of the built database, which its compiled SQL can be run in."""

    def copy() -> duckdb.DuckDBPyConnection:
        return opened_copy(board.database, tmp_path_factory.mktemp("copy"))

    return copy


@pytest.fixture(scope="module")
def compile_steps(project, board, tmp_path_factory):
    """Compiles the two steps with the given variables; SQL by name."""

    def compile_with(variables: str = DRAWS) -> dict[str, str]:
        folder = tmp_path_factory.mktemp("compiled")
        return compiled(project, board.database, folder, STEPS, variables)

    return compile_with


@pytest.fixture(scope="module")
def sql(compile_steps):
    """The two steps as they are."""
    return compile_steps()


def test_without_doubt_every_draw_is_the_published_score(copy_board, compile_steps):
    connection = copy_board()
    rebuild(connection, compile_steps(CERTAIN))
    rows = connection.execute(
        """select count(*), max(abs(draws.score - scores.score))
        from intermediate.int_scenario_scores as draws
        inner join marts.fct_role_scores as scores using (canonical_id, role_id)
        where draws.scenario_kind = 'draw'"""
    ).fetchone()
    assert rows[0] == 5 * len(with_a_figure(connection)) > 500
    assert rows[1] < 1e-9


FAMILIES = 24


def replace(connection, schema: str, name: str, columns: str, rows: list[tuple]) -> None:
    """Put a table of made-up rows in the place of a table or view."""
    kind = connection.execute(
        "select table_type from information_schema.tables "
        "where table_schema = ? and table_name = ?",
        [schema, name],
    ).fetchone()[0]
    connection.execute(f"drop {'view' if kind == 'VIEW' else 'table'} {schema}.{name}")
    connection.execute(f"create table {schema}.{name} ({columns})")
    connection.executemany(
        f"insert into {schema}.{name} values ({', '.join('?' * len(rows[0]))})", rows
    )


def simulate(connection, values: dict[str, list[float]], error: float) -> None:
    """A board of one role and group: a metric per family, of equal weight and known error."""
    metrics = [f"m{number}" for number in range(FAMILIES)]
    figures = [
        (model, metric, value)
        for model, row in values.items()
        for metric, value in zip(metrics, row, strict=True)
    ]
    replace(
        connection,
        "intermediate",
        "int_measurements_discounted",
        "canonical_id varchar, metric_id varchar, evidence_class varchar, raw_value double, "
        "transformed_value double, discount_share double, value double",
        [(model, metric, "direct", value, value, 0.0, value) for model, metric, value in figures],
    )
    connection.execute(
        "create or replace table intermediate.int_measurements_transformed as "
        "from intermediate.int_measurements_discounted"
    )
    replace(
        connection,
        "intermediate",
        "int_standard_errors",
        "canonical_id varchar, metric_id varchar, origin_id varchar, sampling_error double, "
        "evidence_error double, shared_share double",
        [(model, metric, model, error, None, None) for model, metric, _ in figures],
    )
    replace(
        connection,
        "intermediate",
        "int_metric_bounds",
        "metric_id varchar, lower_bound double, upper_bound double",
        [(metric, 0.0, 100.0) for metric in metrics],
    )
    replace(
        connection,
        "staging",
        "stg_config__metrics",
        "metric_id varchar, transform varchar, higher_better boolean, log_scale boolean",
        [(metric, "percentile", True, False) for metric in metrics],
    )
    replace(
        connection,
        "seeds",
        "metrics",
        "metric_id varchar, family varchar, metric_class varchar",
        [(metric, f"family of {metric}", "capability") for metric in metrics],
    )
    replace(
        connection,
        "intermediate",
        "int_role_weights",
        "role_id varchar, metric_id varchar, metric_class varchar, weight double",
        [("i", metric, "capability", 1 / FAMILIES) for metric in metrics],
    )
    replace(
        connection,
        "intermediate",
        "int_weights",
        "weight_kind varchar, parent_id varchar, child_id varchar, weight double",
        [
            ("role", "I_raw", "G", 1.0),
            *(("group", "G", metric, 1 / FAMILIES) for metric in metrics),
        ],
    )
    means = {model: sum(row) / FAMILIES for model, row in values.items()}
    order = sorted(means.values(), reverse=True)
    replace(
        connection,
        "marts",
        "fct_role_scores",
        "canonical_id varchar, role_id varchar, score double, rank bigint",
        [(model, "i", mean, order.index(mean) + 1) for model, mean in means.items()],
    )


def test_nine_in_ten_intervals_hold_the_true_score(copy_board, sql):
    # A model has a true strength; each family of benchmarks sees it from its own side, and each
    # figure has an error of measurement besides.
    chance = random.Random(7)
    truth = {f"model {number:03}": chance.uniform(35, 65) for number in range(200)}
    values = {
        model: [strength + chance.gauss(0, 6) + chance.gauss(0, 2) for _ in range(FAMILIES)]
        for model, strength in truth.items()
    }
    connection = copy_board()
    simulate(connection, values, error=2.0)
    rebuild(connection, sql)
    rows = connection.execute(
        "select canonical_id, p05_score, p95_score from marts.fct_score_intervals"
    ).fetchall()
    held = sum(low <= truth[model] <= high for model, low, high in rows)
    assert len(rows) == 200
    assert 0.85 <= held / len(rows) <= 0.95


def test_tiers_separate_models_exactly_when_they_are_apart(copy_board, sql):
    # Within a class all models look alike but for a hundredth; classes lie far apart.
    values = {
        f"{strength} {number}": [strength + number / 100] * FAMILIES
        for strength in (80, 60, 40)
        for number in range(4)
    }
    connection = copy_board()
    simulate(connection, values, error=3.0)
    rebuild(connection, sql)
    tiers = dict(
        connection.execute("select canonical_id, tier from marts.fct_score_intervals").fetchall()
    )
    assert tiers == {
        f"{strength} {number}": tier
        for tier, strength in enumerate((80, 60, 40), start=1)
        for number in range(4)
    }


def test_chance_comes_from_md5_alone(project):
    texts = [path.read_text() for path in (project / "models").rglob("*.sql")]
    # What tells one landing from another is no chance.
    macros = [path for path in (project / "macros").glob("*.sql") if "verdict" not in path.name]
    texts += [path.read_text() for path in macros]
    assert [text for text in texts if re.search(r"\b(random|setseed|hash|uuid)\(", text)] == []
