"""The database as a product: views in plain words and functions that explain."""

import shutil

import duckdb
import pytest

ROLES = {"Idea", "Planning", "Building", "Reviewing"}
FUNCTIONS = {
    *("model_id", "explain_model", "compare_models", "trace_figure"),
    "pick_models",
}


@pytest.fixture(scope="module")
def renamed(board, tmp_path_factory):
    """The database under another name, opened read-only."""
    path = tmp_path_factory.mktemp("database") / "sent_by_mail.duckdb"
    shutil.copy(board.database, path)
    with duckdb.connect(str(path), read_only=True) as connection:
        yield connection


def rows(connection, statement, *values):
    """All rows of a statement."""
    return connection.execute(statement, values).fetchall()


@pytest.mark.parametrize(
    ("view", "mart"),
    [
        ("scoreboard", "rpt_scoreboard"),
        ("scores", "fct_role_scores"),
        ("figures", "(select * from marts.fct_measurements where is_present)"),
        (
            "measurements",
            "(select * from marts.fct_measurements where is_present and metric_kind = 'metric')",
        ),
    ],
)
def test_a_view_has_the_rows_of_its_mart(renamed, view, mart):
    mart = mart if mart.startswith("(") else f"marts.{mart}"
    ((found, expected),) = rows(
        renamed, f"select (select count(*) from {view}), (select count(*) from {mart} as mart)"
    )
    assert found == expected > 40


def test_wide_and_long_agree(renamed):
    differing = rows(
        renamed,
        """
        select wide.model, long.role_name from scoreboard
        unpivot (score for role_name in (idea, planning, building, reviewing)) as wide
        inner join scores as long on wide.model = long.model
            and lower(long.role_name) = wide.role_name
        where wide.score != long.score
        """,
    )
    assert differing == []
    assert {role for (role,) in rows(renamed, "select distinct role_name from scores")} == ROLES


def test_what_explains_a_score_sums_to_it(renamed):
    scores = rows(renamed, "select model, role_name, score from scores")
    assert len(scores) > 150
    for model in sorted({model for model, _, _ in scores}):
        sums = dict(
            rows(
                renamed,
                "select role_name, sum(contribution) from explain_model(?) group by role_name",
                model,
            )
        )
        expected = {role: score for name, role, score in scores if name == model}
        assert sums == pytest.approx(expected, abs=1e-9), model


def test_what_compares_two_models_sums_to_the_gap(renamed):
    pair = ("GPT-5.5", "anthropic/claude-opus-4.7")
    gaps = dict(
        rows(
            renamed,
            "select role_name, sum(difference) from compare_models(?, ?) group by role_name",
            *pair,
        )
    )
    scores = {
        (model, role): score
        for model, role, score in rows(renamed, "select model, role_name, score from scores")
    }
    expected = {
        role: scores["openai/gpt-5.5", role] - scores["anthropic/claude-opus-4.7", role]
        for role in ROLES
    }
    assert gaps == pytest.approx(expected, abs=1e-9)
    assert any(abs(gap) > 1 for gap in gaps.values())


def test_a_figure_is_traced_to_every_source(renamed):
    found = rows(
        renamed,
        "select source_name, figure, is_used from trace_figure('glm-5.1', 'swerebench')",
    )
    assert [row[2] for row in found] == [True, False]
    assert {row[0] for row in found} == {"swerebench"}
    assert rows(renamed, "from trace_figure('glm-5.1', 'no such metric')") == []


@pytest.mark.parametrize("function", ["explain_model(?)", "compare_models(?, 'GPT-5.5')"])
def test_a_name_of_no_model_is_an_error(renamed, function):
    with pytest.raises(duckdb.Error, match="no ranked model is called Nobody; see "):
        rows(renamed, f"from {function}", "Nobody")


def test_functions_are_described_and_documented(renamed, project):
    found = dict(
        rows(
            renamed,
            "select function_name, comment from duckdb_functions()"
            " where schema_name = 'main' and not internal",
        )
    )
    assert found.keys() == FUNCTIONS
    assert all(found.values())
    text = (project / "docs/database.md").read_text(encoding="utf-8")
    assert all(name in text for name in FUNCTIONS)


def test_views_and_functions_work_in_an_attached_database(board):
    with duckdb.connect() as connection:
        connection.execute(f"attach '{board.database}' as board (read_only)")
        assert len(rows(connection, "from board.contributions limit 3")) == 3
        connection.execute("use board")
        assert rows(connection, "from explain_model('GPT-5.5')")
