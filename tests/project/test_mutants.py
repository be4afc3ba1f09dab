"""What scripts/mutants.py changes in SQL, and that dbt's tests are asked about it."""

import pytest

from scripts import mutants

SQL = """\
-- a < b and 1 = 1
{% set share = 0.5 + 1 %}
select
    * exclude (a),
    cast(null as varchar) as harness,
    weight * {{ clipped('value - 0.5') }} as points,
    max(b) filter (where kind = 'direct') as b
from figures -- · 2 *
left join others on figures.id = others.id and figures.n >= 20
where n between 1 and 3
order by points desc
"""


@pytest.fixture
def staging(tmp_path, monkeypatch):
    """A staging model in an otherwise empty project."""
    monkeypatch.setattr(mutants, "PROJECT", tmp_path)
    path = tmp_path / "models" / "staging" / "stg_a.sql"
    path.parent.mkdir(parents=True)
    path.write_text(SQL, encoding="utf-8")
    return path


def test_operators_bounds_joins_orders_and_columns_are_changed(staging):
    found = [(one.line, one.before, one.after) for one in mutants.sql_mutants_of(staging)]
    assert found == [
        (5, "harness", "harnes"),
        (6, "*", "/"),
        (6, "-", "+"),
        (6, "points", "point"),
        (7, "max", "min"),
        (7, "=", "!="),
        (9, "left join", "inner join"),
        (9, "and", "or"),
        (9, ">=", ">"),
        (9, "20", "21"),
        (10, "3", "4"),
        (11, "desc", "asc"),
    ]


def test_a_mutant_changes_nothing_but_its_place(staging):
    changed = [one.applied(SQL.encode()).decode() for one in mutants.sql_mutants_of(staging)]
    assert SQL.replace("figures.n >= 20", "figures.n > 20") in changed
    assert SQL.replace("left join", "inner join") in changed
    assert len(set(changed)) == len(changed)


def test_column_names_are_misspelt_in_staging_alone(staging):
    model = staging.parent.parent / "int_a.sql"
    model.write_text(SQL, encoding="utf-8")
    assert "harness" not in {one.before for one in mutants.sql_mutants_of(model)}


def test_the_sample_is_the_same_and_of_sql_that_is_built():
    sample = mutants.chosen(50, 1, sql=True)
    assert sample == mutants.chosen(50, 1, sql=True)
    assert {one.path.rsplit(".", 1)[1] for one in sample} == {"sql"}
    assert not {one.path.split("/")[-1].removesuffix(".sql") for one in sample} & set(
        mutants.NOT_BUILT
    )
