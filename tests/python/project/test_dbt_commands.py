"""dbt's own commands on a built database: docs, test, build with a selector, freshness, state."""

import json
import os
import shutil
import subprocess
import sys
from types import SimpleNamespace

import duckdb
import pytest
from project_copy import copy_project

PUBLIC = ("marts", "views")


@pytest.fixture(scope="module")
def copy(board, tmp_path_factory):
    """A copy of the project with a built database; `dbt(*arguments)` runs there."""
    folder = tmp_path_factory.mktemp("dbt")
    project, database = copy_project(folder), folder / "ipbr.duckdb"
    shutil.copy(board.database, database)

    def dbt(*arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "dbt.cli.main", "--no-use-colors", *map(str, arguments)],
            cwd=project,
            env={**os.environ, "IPBR_DATABASE": str(database)},
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=300,
        )

    return SimpleNamespace(project=project, database=database, dbt=dbt)


def scores(database) -> dict[str, float]:
    """The score in Planning by model."""
    with duckdb.connect(str(database), read_only=True) as connection:
        return dict(connection.execute("select model, planning from scoreboard").fetchall())


def test_the_docs_are_complete(copy):
    process = copy.dbt("docs", "generate")
    assert process.returncode == 0, process.stdout
    manifest = json.loads((copy.project / "target/manifest.json").read_text("utf-8"))
    catalog = json.loads((copy.project / "target/catalog.json").read_text("utf-8"))
    assert catalog["errors"] is None
    public = {
        name: node
        for name, node in manifest["nodes"].items()
        if node["resource_type"] == "model" and node["fqn"][1] in PUBLIC
    }
    assert len(public) == sum(
        len(list((copy.project / "models" / name).glob("*.sql"))) for name in PUBLIC
    )
    bare = []
    for name, node in public.items():
        described = {
            key for key, column in node["columns"].items() if column["description"].strip()
        }
        bare += [name] * (not node["description"].strip())
        bare += [f"{name}.{key}" for key in catalog["nodes"][name]["columns"].keys() - described]
    assert bare == []
    assert all(source["description"] for source in manifest["sources"].values())


def test_dbt_test_alone_is_green(copy):
    process = copy.dbt("test")
    assert process.returncode == 0, process.stdout
    assert "ERROR=0" in process.stdout and "PASS=0" not in process.stdout


def test_a_changed_weight_needs_the_scoring_models_only(copy):
    before = scores(copy.database)
    coefficients = (copy.project / "data/coefficients.toml").read_text("utf-8")
    changed = coefficients.replace("Tau2Bench = 0.145", "Tau2Bench = 0.245", 1)
    changed = changed.replace("ArtificialAnalysisReasoning = 0.160", "IFBench = 0.160", 1)
    changed = changed.replace("IFBench = 0.100\n", "", 1)
    assert changed != coefficients
    path = copy.project / "mine.toml"
    path.write_text(changed, encoding="utf-8")
    process = copy.dbt(
        *("build", "--selector", "scoring", "--exclude-resource-type", "unit_test"),
        *("--vars", json.dumps({"coefficients_path": str(path)})),
    )
    after = scores(copy.database)
    assert process.returncode == 0, process.stdout
    assert "__observations" not in process.stdout.split("Concurrency")[1].replace("tests/", "")
    assert after.keys() == before.keys()
    assert sum(abs(after[model] - before[model]) > 0.01 for model in after) > 30


def test_freshness_warns_of_old_answers_and_of_no_others(copy):
    old = copy.dbt("source", "freshness")
    assert old.returncode == 0, old.stdout
    assert "WARN freshness of raw.raw_responses" in old.stdout
    with duckdb.connect(str(copy.database)) as connection:
        connection.execute("update raw.raw_responses set fetched_at = now()::timestamp")
    fresh = copy.dbt("source", "freshness")
    assert fresh.returncode == 0, fresh.stdout
    assert "PASS freshness of raw.raw_responses" in fresh.stdout


def test_state_comparison_finds_what_has_changed(copy):
    listed = ("ls", "--resource-type", "model", "--output", "name", "--quiet")
    assert copy.dbt("parse").returncode == 0
    state = copy.project / "state"
    state.mkdir()
    shutil.copy(copy.project / "target/manifest.json", state)
    compared = ("--select", "state:modified+", "--state", state)
    assert copy.dbt(*listed, *compared).stdout.split() in ([], ["No", "nodes", "selected!"])
    path = copy.project / "models/marts/fct_group_scores.sql"
    path.write_text(path.read_text("utf-8") + "-- changed\n", encoding="utf-8")
    found = copy.dbt(*listed, *compared)
    assert found.returncode == 0, found.stdout
    names = set(found.stdout.split())
    assert {"fct_group_scores", "fct_role_scores", "rpt_scoreboard", "scoreboard"} <= names
    assert not {name for name in names if name.startswith(("int_", "stg_", "dim_metrics"))}
