"""Abilities and expected scores: as an independent estimate has them, and right on average."""

import random

import duckdb
import pytest

from tests.support import one_factor
from tests.support.rebuilt import opened_copy, rebuild, statements

FITS = ("int_latent_parameters", "int_latent_abilities")
STEPS = (
    "int_reported_offsets",
    "int_latent_cells",
    *FITS,
    "int_standard_errors",
    "fct_expected_scores",
)
CELLS = "select canonical_id, metric_id, value from intermediate.int_latent_cells"


@pytest.fixture(scope="module")
def sql(project, board):
    return statements(project, STEPS)


@pytest.fixture
def copied(board, tmp_path):
    return opened_copy(board.database, tmp_path)


def cells_of(connection: duckdb.DuckDBPyConnection) -> one_factor.Cells:
    rows = connection.execute(CELLS).fetchall()
    return {(model, metric): value for model, metric, value in rows}


def test_the_estimate_is_that_of_an_independent_one(copied):
    cells = cells_of(copied)
    parameters, abilities = one_factor.fit(cells)
    assert len(cells) > 500
    assert len(abilities) > 40
    rows = copied.execute(
        "select metric_id, level, slope, variance from intermediate.int_latent_parameters "
        "where n_values > 0 and metric_id = fitted_metric_id"
    ).fetchall()
    assert {row[0] for row in rows} == parameters.keys()
    for metric, *found in rows:
        assert found == pytest.approx(parameters[metric], abs=1e-6), metric
    rows = copied.execute("from intermediate.int_latent_abilities").fetchall()
    for model, *found in rows:
        assert found == pytest.approx(abilities.get(model, (0.0, 1.0)), abs=1e-6), model


def test_neither_threads_nor_the_order_of_rows_change_a_bit(board, sql, tmp_path):
    tables = [step for step in STEPS if not step.endswith(("_cells", "_errors"))]

    def contents(connection):
        return [
            connection.execute(
                f"from {'marts' if step.startswith('fct') else 'intermediate'}.{step} order by all"
            ).fetchall()
            for step in tables
        ]

    with duckdb.connect(board.database, read_only=True) as connection:
        built = contents(connection)
    assert all(built)
    for threads in (1, 2, 4):
        (tmp_path / str(threads)).mkdir()
        connection = opened_copy(board.database, tmp_path / str(threads), threads)
        for schema, table in (
            ("intermediate", "int_latent_inputs"),
            ("intermediate", "int_measurements_discounted"),
            ("intermediate", "int_role_weights"),
        ):
            connection.execute(
                f"create or replace table {schema}.{table} as "
                f"from {schema}.{table} order by md5(metric_id || '{threads}'), role_id"
                if table == "int_role_weights"
                else f"create or replace table {schema}.{table} as from {schema}.{table} "
                f"order by md5(canonical_id || metric_id || '{threads}')"
            )
        rebuild(connection, sql)
        assert contents(connection) == built, threads


def replace(connection, table: str, columns: str, rows: list[tuple]) -> None:
    schema = "marts" if table.startswith("fct") else "intermediate"
    connection.execute(f"create or replace table {schema}.{table} ({columns})")
    if rows:
        # One statement: row by row it takes half a minute.
        columns_of_rows = [list(column) for column in zip(*rows, strict=True)]
        unnested = ", ".join(f"unnest(${number + 1})" for number in range(len(columns_of_rows)))
        connection.execute(f"insert into {schema}.{table} select {unnested}", columns_of_rows)


N_MODELS, BLOCKS, BLOCK = 60, 10, 4


def made_up_board(connection, hidden_share: float) -> dict[str, float]:
    """Models of known ability, of whose metrics whole blocks are hidden; their full scores."""
    chance = random.Random(5)
    metrics = [f"m{block}_{number}" for block in range(BLOCKS) for number in range(BLOCK)]
    lines = {
        metric: (chance.uniform(35, 65), chance.uniform(10, 20), chance.uniform(5, 12))
        for metric in metrics
    }
    cells, truths = [], {}
    for number in range(N_MODELS):
        model, ability = f"v/{number:02}", chance.gauss(0, 1)
        values = {
            metric: level + slope * ability + chance.gauss(0, noise)
            for metric, (level, slope, noise) in lines.items()
        }
        truths[model] = sum(values.values()) / len(values)
        hidden = set(chance.sample(range(BLOCKS), round(hidden_share * BLOCKS)))
        cells += [
            ("board", model, metric, value)
            for metric, value in values.items()
            if int(metric[1 : metric.index("_")]) not in hidden
        ]
    own = [(model, metric, "direct", value) for _, model, metric, value in cells]
    replace(
        connection,
        "int_latent_cells",
        "fit_id varchar, canonical_id varchar, metric_id varchar, value double",
        cells,
    )
    connection.execute("create or replace table seeds.metrics as from seeds.metrics limit 0")
    connection.executemany(
        "insert into seeds.metrics (metric_id, metric_class) values (?, 'capability')",
        [(metric,) for metric in metrics],
    )
    replace(
        connection,
        "int_latent_inputs",
        "metric_id varchar, fitted_metric_id varchar",
        [(metric, metric) for metric in metrics],
    )
    columns = "canonical_id varchar, metric_id varchar, evidence_class varchar, value double"
    replace(connection, "int_measurements_selected", columns, own)
    replace(connection, "int_measurements_discounted", columns, own)
    replace(
        connection,
        "int_standard_errors",
        "canonical_id varchar, metric_id varchar, sampling_points double, evidence_error double",
        [],
    )
    replace(
        connection,
        "int_role_weights",
        "role_id varchar, metric_id varchar, metric_class varchar, weight double",
        [("b", metric, "capability", 1 / len(metrics)) for metric in metrics],
    )
    replace(
        connection,
        "fct_role_evidence",
        "canonical_id varchar, role_id varchar, score double",
        [(model, "b", truth) for model, truth in truths.items()],
    )
    return truths


def test_nine_in_ten_expected_intervals_hold_the_score_with_blocks_hidden(copied, sql):
    truths = made_up_board(copied, hidden_share=0.6)
    # Here the model of one ability is the truth, so that nothing has to be widened.
    copied.execute(
        "update seeds.thresholds set value = 1 where threshold_id like 'expected_error%'"
    )
    rebuild(copied, {step: sql[step] for step in (*FITS, "fct_expected_scores")})
    rows = copied.execute(
        "select canonical_id, expected_p05, expected_p95 from marts.fct_expected_scores"
    ).fetchall()
    held = sum(low <= truths[model] <= high for model, low, high in rows)
    assert len(rows) == N_MODELS
    assert 0.85 <= held / N_MODELS <= 0.95


def test_one_value_alone_leaves_the_score_wide_open(copied, sql):
    made_up_board(copied, hidden_share=0.0)
    for table in ("int_latent_cells", "int_measurements_discounted"):
        copied.execute(
            f"delete from intermediate.{table} where canonical_id = 'v/00' and metric_id != 'm0_0'"
        )
    rebuild(copied, {step: sql[step] for step in (*FITS, "fct_expected_scores")})
    width = dict(
        copied.execute(
            "select canonical_id, expected_p95 - expected_p05 from marts.fct_expected_scores"
        ).fetchall()
    )
    assert width.pop("v/00") > 20
    # Whoever has all is known exactly: the score is what it was.
    assert max(width.values()) < 1e-9


SCORING = (
    "int_composite_contributions",
    "fct_measurements",
    "fct_group_contributions",
    "fct_group_scores",
    "fct_role_contributions",
    "fct_role_scores",
)


def test_what_is_fully_measured_is_expected_to_be_its_score(project, copied, sql):
    # As if a third party had measured everything, what nobody knows as well.
    copied.execute(
        """update intermediate.int_measurements_discounted set evidence_class = 'direct';
        insert into intermediate.int_measurements_discounted by name
        select canonical_id, metric_id, 'direct' as evidence_class,
            (row_number() over (order by canonical_id, metric_id) * 37 % 101)::double as value
        from (select distinct canonical_id from intermediate.int_measurements_discounted)
        cross join (select distinct metric_id from intermediate.int_role_weights)
        where (canonical_id, metric_id) not in (
            select (canonical_id, metric_id) from intermediate.int_measurements_discounted
        )"""
    )
    rebuild(copied, statements(project, SCORING))
    rebuild(copied, {"fct_expected_scores": sql["fct_expected_scores"]})
    rows = copied.execute(
        """select count(*), max(abs(expected_score - score))
        from marts.fct_expected_scores
        inner join marts.fct_role_scores using (canonical_id, role_id)"""
    ).fetchone()
    assert rows[0] > 300
    assert rows[1] < 1e-9


@pytest.mark.parametrize(("models", "metrics"), [(4, 10), (10, 2)])
def test_too_small_a_board_expects_nothing(copied, sql, models, metrics):
    made_up_board(copied, hidden_share=0.0)
    copied.execute(
        f"""delete from intermediate.int_latent_cells where canonical_id >= 'v/{models:02}'
        or metric_id not in (
            select distinct metric_id from intermediate.int_latent_cells
            order by metric_id limit {metrics}
        )"""
    )
    rebuild(copied, {step: sql[step] for step in (*FITS, "fct_expected_scores")})
    for table in ("intermediate.int_latent_abilities", "marts.fct_expected_scores"):
        assert copied.execute(f"select count(*) from {table}").fetchone() == (0,)
