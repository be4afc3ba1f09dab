"""`explain` and `compare`: exact down to single figures, for every model on the board."""

import csv
import functools
import io
import itertools
import json
import shutil

import duckdb
import pytest

from base.errors import ConfigurationError
from ipbr_rank.analysis.explain import GAPS, PARTS, compare, explain


@pytest.fixture(scope="module")
def scores(board) -> dict[tuple[str, str], float]:
    """Published scores by model and role."""
    with duckdb.connect(str(board.database), read_only=True) as connection:
        rows = connection.execute(
            "select canonical_id, role_id, score from marts.fct_role_scores"
        ).fetchall()
    return {(model, role): score for model, role, score in rows}


def told(board, command, *names, form="json", role=None):
    """What a command writes."""
    out = io.StringIO()
    command(board.database, *names, role, form, out)
    return json.loads(out.getvalue()) if form == "json" else out.getvalue()


def test_the_parts_of_every_score_sum_to_it(board, scores):
    # Of all of them the sums are asked below.
    models = sorted({model for model, _ in scores})
    assert len(models) >= 45
    for model in models[::10]:
        roles = told(board, explain, model)["roles"]
        assert [role["role"] for role in roles] == ["i", "p", "b", "r"]
        for role in roles:
            total = sum(part["contribution"] for part in role["parts"])
            assert total == pytest.approx(role["score"], abs=1e-9)
            assert role["score"] == scores[model, role["role"]]
            # Down to figures: composites have none of their own.
            for part in role["parts"]:
                is_missing = part["metric_id"] == "not measured, counted as 50"
                assert is_missing == (part["evidence_class"] is None)
                assert (part["raw_value"] is None) == (part["source_id"] is None)


def test_the_parts_of_every_gap_sum_to_it(board, scores):
    # Some models, each with the next one and the last one with the first.
    models = sorted({model for model, _ in scores})[::10]
    for first, second in itertools.pairwise([*models, models[0]]):
        for role in told(board, compare, first, second)["roles"]:
            gap = scores[first, role["role"]] - scores[second, role["role"]]
            assert role["gap"] == pytest.approx(gap, abs=1e-12)
            assert sum(part["difference"] for part in role["parts"]) == pytest.approx(gap, abs=1e-9)


# The commands' own queries, asked of every model and every ordered pair of models at once.
ALL_SCORES = f"""
with asked as (
    select canonical_id as model, role_id as role, score from marts.fct_role_scores
),
summed as (
    select asked.model, asked.role, asked.score - sum(parts.contribution) as rest
    from asked,
        lateral ({PARTS.replace("$model", "asked.model").replace("$role", "asked.role")}) as parts
    group by asked.model, asked.role, asked.score
)
select count(*), max(abs(rest)) from summed
"""
OF_PAIR = {"$first": "asked.first", "$second": "asked.second", "$role": "asked.role"}
ALL_GAPS = """
with asked as (
    select mine.canonical_id as first, other.canonical_id as second, mine.role_id as role,
        mine.score - other.score as gap
    from marts.fct_role_scores as mine
    inner join marts.fct_role_scores as other
        on mine.role_id = other.role_id and mine.canonical_id != other.canonical_id
),
summed as (
    select asked.first, asked.second, asked.role, asked.gap - sum(parts.difference) as rest
    from asked, lateral (PARTS) as parts
    group by asked.first, asked.second, asked.role, asked.gap
)
select count(*), max(abs(rest)) from summed
""".replace("PARTS", functools.reduce(lambda sql, name: sql.replace(*name), OF_PAIR.items(), GAPS))


def test_all_scores_and_the_gaps_of_all_pairs_sum(board, scores):
    models = {model for model, _ in scores}
    with duckdb.connect(str(board.database), read_only=True) as connection:
        n_scores, rest = connection.execute(ALL_SCORES).fetchone()
        n_gaps, rest_of_gap = connection.execute(ALL_GAPS).fetchone()
    assert n_scores == 4 * len(models) == len(scores)
    assert n_gaps == 4 * len(models) * (len(models) - 1) > 9_000
    assert rest < 1e-9
    assert rest_of_gap < 1e-9


def test_a_part_that_is_off_by_a_millionth_is_found(board, tmp_path):
    copy = tmp_path / board.database.name
    shutil.copy(board.database, copy)
    with duckdb.connect(str(copy)) as connection:
        connection.execute(
            "update marts.fct_score_parts set contribution = contribution + 1e-6 "
            "where canonical_id = 'openai/gpt-5.5' and role_id = 'b' and metric_id = 'SWEBenchPro'"
        )
        assert connection.execute(ALL_SCORES).fetchone()[1] == pytest.approx(1e-6, rel=1e-3)
        assert connection.execute(ALL_GAPS).fetchone()[1] == pytest.approx(1e-6, rel=1e-3)


def test_a_figure_is_told_with_its_source(board):
    (role,) = told(board, explain, "GPT-5.5", role="Building")["roles"]
    (figure,) = [part for part in role["parts"] if part["metric_id"] == "SWEBenchPro"]
    assert (figure["composite_id"], figure["raw_value"]) == ("SWEComposite", 58.6)
    assert (figure["evidence_class"], figure["source_id"]) == ("reported", "overrides")


def test_the_weakest_figures_move_the_score_most(board):
    with duckdb.connect(str(board.database), read_only=True) as connection:
        offsets = dict(
            connection.execute(
                "select metric_id, reported_offset from intermediate.int_reported_offsets "
                "where is_not_comparable"
            ).fetchall()
        )
        ((missing,),) = connection.execute(
            "select error_points from seeds.evidence_errors where evidence_class = 'missing'"
        ).fetchall()
    assert offsets
    (role,) = told(board, explain, "GPT-5.5", role="Building")["roles"]
    weakest = {figure["metric_id"]: figure for figure in role["weakest"]}
    # Values of vendors that third parties contradict are as uncertain as none, and no more.
    assert weakest.keys() & offsets.keys()
    for metric in weakest.keys() & offsets.keys():
        assert offsets[metric] > missing
        assert (weakest[metric]["weakness"], weakest[metric]["figure_error"]) == (
            "reported",
            missing,
        )
    errors = [figure["score_error"] for figure in role["weakest"]]
    assert all(errors)
    assert errors == sorted(errors, reverse=True)


def test_table_and_csv(board, scores):
    table = told(board, explain, "gpt-5.5", form="table", role="b")
    head, title, header, *lines = [line for line in table.splitlines() if line]
    assert head == "GPT-5.5 (openai/gpt-5.5)"
    with duckdb.connect(str(board.database), read_only=True) as connection:
        own, low, high, ranked = connection.execute(
            """select any_value(own_share) filter (where canonical_id = 'openai/gpt-5.5'),
                any_value(p05_score) filter (where canonical_id = 'openai/gpt-5.5'),
                any_value(p95_score) filter (where canonical_id = 'openai/gpt-5.5'), count(place)
            from marts.fct_role_evidence
            inner join marts.fct_score_intervals using (canonical_id, role_id)
            where role_id = 'b'"""
        ).fetchone()
    assert title == (
        f"Building {scores['openai/gpt-5.5', 'b']:.2f} ({low:.0f}–{high:.0f}), "
        f"place 1–2 of {ranked}, {100 * own:.0f} % own evidence"
    )
    assert header.startswith("Of the role's weight: ")
    assert lines[0].startswith("Expected if all were measured: ")
    assert any(
        line.startswith("Measured values that would narrow the interval most:") for line in lines
    )
    rows = list(csv.DictReader(io.StringIO(told(board, compare, "gpt-5.5", "glm-5.1", form="csv"))))
    assert {row["role_id"] for row in rows} == {"i", "p", "b", "r"}
    assert all(float(row["difference"]) is not None for row in rows)


def test_a_provisional_model_is_told_with_its_evidence_and_no_place(board):
    with duckdb.connect(str(board.database), read_only=True) as connection:
        model, own, families = connection.execute(
            """select canonical_id, own_share, n_families from marts.fct_role_evidence
            where role_id = 'b' and status = 'provisional' and n_families > 1
            order by canonical_id limit 1"""
        ).fetchone()
    standing = (
        f"provisional: {100 * own:.0f} % own evidence in {families} families, too little for a "
        "place"
    )
    assert standing in told(board, explain, model, form="table", role="b").splitlines()[2]
    _, _, gap, sides, *_ = told(
        board, compare, "gpt-5.5", model, form="table", role="b"
    ).splitlines()
    assert gap.startswith("Building ")
    assert sides.startswith("place 1–2 of ")
    assert sides.endswith(standing)
    (role,) = told(board, explain, model, role="b")["roles"]
    assert (role["status"], role["place"]) == ("provisional", None)
    assert own + sum(one["added_share"] for one in role["missing"]) >= 0.6
    needed = ", ".join(
        f"{one['display_name']} ({100 * one['added_share']:.1f} %)" for one in role["missing"]
    )
    lines = told(board, explain, model, form="table", role="b").splitlines()
    assert any(line.endswith(f"would be enough for a place: {needed}") for line in lines)
    (ranked,) = told(board, explain, "gpt-5.5", role="b")["roles"]
    assert ranked["missing"] == []


@pytest.mark.parametrize(
    ("command", "names"), [(explain, ["gpt-5.5"]), (compare, ["gpt-5.5", "glm-5.1"])]
)
def test_tables_fit_a_terminal(board, monkeypatch, command, names):
    monkeypatch.setattr("ipbr_rank.analysis.explain.width_of", lambda _out: 80)
    lines = told(board, command, *names, form="table").splitlines()
    assert max(map(len, lines)) <= 80
    assert any(line.startswith("MCPAtlas ") for line in lines)


@pytest.mark.parametrize(
    ("command", "names", "role", "message"),
    [
        (
            explain,
            ["opus 4"],
            None,
            "no model on the board is called 'opus 4'; .*claude-opus-4.5, ",
        ),
        (explain, ["nobody"], None, "`ipbr-rank list-models` lists the ids"),
        (explain, [""], None, "no model on the board is called ''"),
        (explain, ["GPT-5.5"], "q", r"--role: expected one of b \(Building\), .* found 'q'"),
        (compare, ["GPT-5.5", "gpt-5.5"], None, "found openai/gpt-5.5 twice"),
    ],
)
def test_wrong_names_are_told(board, command, names, role, message):
    with pytest.raises(ConfigurationError, match=message):
        told(board, command, *names, role=role)
