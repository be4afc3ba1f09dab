"""dbt's own commands on a built database: docs, test, build with a selector, freshness, state."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest

from base.errors import InvariantError, IpbrError
from ipbr_rank.cli.main import cli
from ipbr_rank.engine.verdicts import Result, require_tested, write_verdict
from tests.support.project_copy import ROOT, copy_project

pytestmark = pytest.mark.slow

PUBLIC = ("marts", "views")
FILES = (
    *("coefficients.toml", "required_aliases.toml"),
    *("score_overrides.toml", "synthesis_aliases.toml"),
)


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

    return SimpleNamespace(project=project, data=project / "data", database=database, dbt=dbt)


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


def change(path: Path, old: str, new: str) -> None:
    """Another text in one place of a file."""
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def edit_all_four(data: Path) -> None:
    """Weights, a name, a reported figure and the pairs, as an analyst may change them."""
    change(data / "coefficients.toml", "Tau2Bench = 0.145", "Tau2Bench = 0.245")
    change(data / "coefficients.toml", "ArtificialAnalysisReasoning = 0.160", "IFBench = 0.160")
    change(data / "coefficients.toml", "IFBench = 0.100\n", "")
    change(data / "required_aliases.toml", '"Claude Opus 4.8"', '"Opus the renamed"')
    change(data / "score_overrides.toml", "value = 88.6", "value = 11.1")
    pairs = (data / "synthesis_aliases.toml").read_text("utf-8").split("[[pair]]")
    assert len(pairs) > 6
    (data / "synthesis_aliases.toml").write_text("[[pair]]".join(pairs[:6]), encoding="utf-8")


def facts(database: Path) -> SimpleNamespace:
    """What the four files decide, in the marts."""
    with duckdb.connect(str(database), read_only=True) as connection:
        names, reported, filled = (
            {value for (value,) in connection.execute(query).fetchall()}
            for query in (
                "select display_name from marts.dim_models",
                "select raw_value from marts.fct_measurements where evidence_class = 'reported' "
                "and canonical_id = 'anthropic/claude-opus-4.8' and metric_id = 'SWEBenchVerified'",
                "select canonical_id || ' ' || metric_id from marts.fct_measurements "
                "where evidence_class = 'synthesised'",
            )
        )
        scored = "select canonical_id, score from marts.fct_role_scores where role_id = 'p'"
        scores = dict(connection.execute(scored).fetchall())
    return SimpleNamespace(names=names, reported=reported, filled=filled, scores=scores)


def test_the_selector_follows_all_four_files(copy):
    before = facts(copy.database)
    edit_all_four(copy.data)
    process = copy.dbt("build", "--selector", "scoring", "--exclude-resource-type", "unit_test")
    assert process.returncode == 0, process.stdout
    after = facts(copy.database)
    assert after.scores.keys() == before.scores.keys()
    assert sum(abs(after.scores[key] - before.scores[key]) > 0.01 for key in after.scores) > 30
    assert after.names - before.names == {"Opus the renamed"}
    assert (before.reported, after.reported) == ({88.6}, {11.1})
    assert after.filled < before.filled
    # Views of other sources are not made again, and their tests' results still hold.
    built = process.stdout.split("Concurrency")[1]
    assert "stg_gso__observations" not in built and "stg_overrides__observations" in built
    require_tested(copy.database)


def render(database: Path, out: Path) -> None:
    cli.main(["render", "--database", str(database), "--out", str(out)], standalone_mode=False)


def test_nothing_is_built_on_wrong_weights_or_settings(copy, tmp_path):
    before = facts(copy.database)
    change(copy.data / "coefficients.toml", "Tau2Bench = 0.245", "Tau2Bench = 0.255")
    change(copy.data / "coefficients.toml", "trust_threshold = 0.", "trust_threshold = 7.")
    process = copy.dbt("build", "--selector", "scoring", "--exclude-resource-type", "unit_test")
    assert process.returncode == 1
    # What dbt counts only is shown.
    assert re.search(r"sum_to_one\w*, its first rows:\n", process.stdout)
    found = facts(copy.database)
    assert (found.scores, found.filled) == (before.scores, before.filled)
    with pytest.raises(InvariantError, match=r"(?s)In the last build of this board.*sum_to_one"):
        render(copy.database, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_board_is_rendered_once_dbt_has_tested_it(copy, tmp_path):
    for name in FILES:
        shutil.copy(ROOT / "data" / name, copy.data / name)
    process = copy.dbt("run", "--selector", "scoring")
    assert process.returncode == 0, process.stdout
    with pytest.raises(IpbrError, match=r"was built without its tests \(dbt run\)"):
        render(copy.database, tmp_path / "out")
    tested = copy.dbt("test", "--exclude-resource-type", "unit_test")
    assert tested.returncode == 0, tested.stdout
    assert "ERROR=0" in tested.stdout and "PASS=0" not in tested.stdout
    require_tested(copy.database)


COUNTS = "configuration_hash, landed_hash, n_tests_enabled, n_tests_run, n_tests_failed"
COUNTS += ", n_tests_warned, n_nodes_stale"


def test_a_verdict_is_the_same_without_dbt(copy):
    """Follows the test before: what dbt has written, from dbt's own results."""
    results = json.loads((copy.project / "target/run_results.json").read_text("utf-8"))["results"]
    ours = [
        Result(result["unique_id"], result["status"], result["failures"])
        for result in results
        if result["unique_id"].startswith("test.")
    ]
    with duckdb.connect(str(copy.database)) as connection:

        def verdict() -> list[list[tuple]]:
            newest = f"select {COUNTS} from ops.build_verdicts order by ended_at desc limit 1"
            queries = (newest, "from ops.test_results order by all", "from ops.stale_nodes")
            return [connection.execute(query).fetchall() for query in queries]

        of_dbt = verdict()
        n_verdicts = connection.execute("select count(*) from ops.build_verdicts").fetchone()
        connection.execute("drop table ops.test_results")
        write_verdict(connection, ours, len(ours))
        assert verdict() == of_dbt
        assert connection.execute("select count(*) from ops.build_verdicts").fetchone() > n_verdicts
    assert of_dbt[0][0][0] and len(of_dbt[1]) > 80


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
    compared = ("--select", "state:modified+", "stg_config__files+", "--state", state)
    # What the four files may have changed, which no comparison sees, and nothing else.
    unseen = set(copy.dbt(*listed, *compared).stdout.split())
    assert {"stg_config__files", "fct_weights", "fct_role_scores", "scoreboard"} <= unseen
    assert not {name for name in unseen if name.startswith(("stg_gso", "stg_run__runs"))}
    compared = ("--select", "state:modified+", "--state", state)
    path = copy.project / "models/marts/fct_group_scores.sql"
    path.write_text(path.read_text("utf-8") + "-- changed\n", encoding="utf-8")
    found = copy.dbt(*listed, *compared)
    assert found.returncode == 0, found.stdout
    names = set(found.stdout.split())
    assert {"fct_group_scores", "fct_role_scores", "rpt_scoreboard", "scoreboard"} <= names
    assert not {name for name in names if name.startswith(("int_", "stg_", "dim_metrics"))}
