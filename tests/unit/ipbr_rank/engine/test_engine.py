"""The manifest, run without dbt, gives what dbt gives: the same database, the same verdicts."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from base.errors import InvariantError
from base.sql import connected, spill_into
from ingest.landing.land import land
from ingest.registry import load_sources
from ipbr_rank.engine import dbt, manifest, rebuild
from ipbr_rank.engine.overlay import Overlay

CATALOGUE = {
    "tables": "select schema_name, table_name, comment, sql from duckdb_tables()",
    "views": "select schema_name, view_name, comment, sql from duckdb_views() where not internal",
    "columns": (
        "select schema_name, table_name, column_name, column_index, data_type, is_nullable, "
        "comment from duckdb_columns() where not internal"
    ),
    "constraints": (
        "select schema_name, table_name, constraint_type, constraint_text from duckdb_constraints()"
    ),
    "functions": (
        "select schema_name, function_name, function_type, parameters, macro_definition, comment "
        "from duckdb_functions() where not internal"
    ),
}
# One fault per line, in tables that many tests read.
FAULTS = """
update marts.fct_role_scores set score = score + 100;
update marts.fct_measurements set normalised_value = 101 where normalised_value > 90;
delete from marts.dim_runs;
delete from intermediate.int_observations_resolved using (select 1) where source_id = 'lmarena';
update marts.fct_weights set weight = weight / 2;
insert into marts.dim_models select * from marts.dim_models limit 1;
update marts.rpt_scoreboard set display_name = null;
delete from marts.fct_observation_ledger where is_used;
"""


def contents(database: Path) -> dict[str, list[tuple]]:
    """The whole catalogue, and what the rows of every table and view are told by."""
    with duckdb.connect(str(database), read_only=True) as connection:
        found = {
            name: connection.execute(f"{query} order by all").fetchall()
            for name, query in CATALOGUE.items()
        }
        # DuckDB writes the names of a set in another order each time that a file is read.
        found["views"] = [
            (*view, re.sub(r"EXCLUDE \((.*?)\)", lambda part: str(sorted(part[1])), sql))
            for *view, sql in found["views"]
        ]
        for schema, name, *_ in found["tables"] + found["views"]:
            query = f'from "{schema}"."{name}"'
            if name == "build_verdicts":
                # Each build adds one, with an id and a time of its own: the newest one counts.
                query = "select * exclude (invocation_id, ended_at) from ops.build_verdicts"
                query += " order by ended_at desc limit 1"
            # A million rows are told from others by the sum of the hashes of their texts, in which
            # every bit of a figure shows.
            found[f"{schema}.{name}"] = connection.execute(
                "select count(*), sum(hash(cast(one_row as varchar))::hugeint) "
                f"from ({query}) as one_row"
            ).fetchall()
    return found


def edited(text: str, old: str, new: str) -> str:
    """A text with the first `old` exchanged."""
    assert old in text
    return text.replace(old, new, 1)


class Bench:
    """Landed responses, and boards that are built on them in one place."""

    def __init__(self, project: Path, folder: Path) -> None:
        self.project, self.folder = project, folder
        self.landed, self.database = folder / "landed.duckdb", folder / "ipbr.duckdb"
        self.variables = {
            f"{name}_path": str(folder / f"{name}.toml")
            for name in ("coefficients", "aliases", "overrides", "synthesis")
        }
        self.by_dbt: dbt.Built
        self.said: list[str] = []
        self.steps: list[tuple[int, int, str]] = []
        now, fixtures = datetime(2026, 1, 1, tzinfo=UTC), project / "data" / "fixtures"
        land(
            self.landed,
            load_sources(project),
            fixtures,
            generated_at=now,
            generator="test",
            offline=True,
        )

    def build(self, *edits: tuple[str, str, str], anew: bool = False) -> dbt.Built:
        """One build, `anew` or on what was built before, with edited configuration files."""
        if anew:
            shutil.copy(self.landed, self.database)
        names = ("coefficients", "required_aliases", "score_overrides", "synthesis_aliases")
        for name, path in zip(names, self.variables.values(), strict=True):
            text = (self.project / "data" / f"{name}.toml").read_text("utf-8")
            for file, old, new in edits:
                text = edited(text, old, new) if file == name else text
            Path(path).write_text(text, "utf-8")
        self.said.clear()
        self.steps.clear()
        spill_into(self.folder)
        return rebuild.build(
            self.project,
            self.database,
            self.folder,
            self.variables,
            on_progress=lambda *step: self.steps.append(step),
            on_message=self.said.append,
        )

    def execute(self, statements: str) -> None:
        """Somebody edits the built database."""
        with duckdb.connect(str(self.database)) as connection:
            connection.execute(statements)

    def made(self) -> set[str]:
        """The names of the nodes that the last build made anew."""
        return {line.split(".")[2] for line in self.said if " made: " in line}


THRESHOLD = ("coefficients", "trust_threshold = 0.70", "trust_threshold = 0.55")
NAME = ("required_aliases", 'display_name = "', 'display_name = "My ')


@pytest.fixture(scope="module")
def bench(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """A bench, of which dbt has built the board `by_dbt.duckdb` and left the manifest."""
    bench = Bench(project, tmp_path_factory.mktemp("engine"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(manifest.ELSEWHERE, str(bench.folder / "manifests"))
        bench.by_dbt = bench.build(anew=True)
    shutil.move(bench.database, bench.folder / "by_dbt.duckdb")
    return bench


@pytest.fixture(autouse=True)
def manifests_here(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The manifest that dbt has left is found by the tests that take a bench."""
    if "bench" in request.fixturenames:
        folder = request.getfixturevalue("bench").folder / "manifests"
        monkeypatch.setenv(manifest.ELSEWHERE, str(folder))


@pytest.fixture
def no_dbt(monkeypatch: pytest.MonkeyPatch) -> list[list[tuple]]:
    """Takes dbt's place, and fails; holds the objects that each database held when dbt began."""
    begun: list[list[tuple]] = []

    def build(project: Path, database: Path, *_: object, **__: object) -> None:
        with duckdb.connect(str(database), read_only=True) as connection:
            begun.append(connection.execute(rebuild.OBJECTS).fetchall())
            assert connection.execute("select count(*) from raw.raw_records").fetchall() > [(0,)]
        raise InvariantError("told by dbt")

    monkeypatch.setattr(dbt, "build", build)
    return begun


def test_a_board_of_the_manifest_is_the_board_of_dbt(bench: Bench) -> None:
    assert bench.by_dbt.is_by_dbt
    built = bench.build(anew=True)
    assert (built.is_by_dbt, built.n_kept) == (False, 0)
    assert (built.n_models, built.n_tests) == (bench.by_dbt.n_models, bench.by_dbt.n_tests)
    assert built.warnings == bench.by_dbt.warnings != []
    total = len(bench.steps)
    assert [step[:2] for step in bench.steps] == [(n, total) for n in range(1, total + 1)]
    # The keys that the next run goes by, too: they are in the schema ops.
    ours, theirs = contents(bench.database), contents(bench.folder / "by_dbt.duckdb")
    assert len(ours) > len(CATALOGUE) + 60
    assert [name for name in theirs if ours.get(name) != theirs[name]] == []
    assert ours.keys() == theirs.keys()


def test_the_same_invariants_fail(bench: Bench, tmp_path: Path) -> None:
    """Every test of the manifest against `dbt test`, on one database full of faults."""
    database = tmp_path / "ipbr.duckdb"
    shutil.copy(bench.folder / "by_dbt.duckdb", database)
    with duckdb.connect(str(database)) as connection:
        for fault in FAULTS.strip().splitlines():
            connection.execute(fault)
    subprocess.run(
        [sys.executable, "-m", "dbt.cli.main", "test", "--exclude-resource-type", "unit_test",
         "--target-path", str(tmp_path / "target"), "--log-path", str(tmp_path / "logs")],
        cwd=bench.project,
        env={**os.environ, "IPBR_DATABASE": str(database)},
        capture_output=True,
    )  # fmt: skip
    results = json.loads((tmp_path / "target/run_results.json").read_text("utf-8"))["results"]
    by_dbt = {
        result["unique_id"]: (result["status"], result["failures"])
        for result in results
        if result["unique_id"].startswith("test.")
    }
    nodes = manifest.read_manifest(bench.project, manifest.key_of(bench.project)).nodes
    by_manifest = {}
    with connected(database, "board") as connection:
        for node, about in nodes.items():
            if about["kind"] == "test":
                try:
                    n_rows = rebuild.execute(connection, about, {})
                    by_manifest[node] = "warn" if n_rows else "pass", n_rows
                except rebuild.Failure as failure:
                    by_manifest[node] = "fail", int(str(failure).rsplit(": ", 1)[1].split()[0])
    assert by_manifest == by_dbt
    kinds = [status for status, _ in by_dbt.values()]
    assert kinds.count("fail") >= 8 and kinds.count("warn") >= 1 and kinds.count("pass") >= 8


def test_only_what_differs_is_made_anew(bench: Bench) -> None:
    """One test, since the builds follow from each other."""
    bench.build(anew=True)
    before = contents(bench.database)
    total = len(bench.steps)
    assert bench.build().n_kept == total - len(bench.by_dbt.warnings)
    assert contents(bench.database) == before
    # Other files: what follows from them, up to what comes out the same; the rest stands.
    assert 10 < total - bench.build(THRESHOLD, NAME).n_kept < total - 50
    assert "int_scenario_figures" not in bench.made() >= {"stg_config__files", "fct_role_scores"}
    changed = contents(bench.database)
    bench.build(THRESHOLD, NAME, anew=True)
    assert contents(bench.database) == changed != before
    # What somebody else has edited, and what follows from it.
    for statement, made in (
        ("update marts.fct_role_scores set score = 0", {"fct_role_scores"}),
        ("update seeds.groups set display_name = 'x'", {"groups"}),
        ("create table main.mine as select 1", None),
        ("drop macro table main.explain_model", None),
        ("drop table ops.build_keys", None),
    ):
        bench.execute(statement)
        built = bench.build(THRESHOLD, NAME)
        assert not built.is_by_dbt
        assert contents(bench.database) == changed
        assert built.n_kept == 0 if made is None else made <= bench.made() and built.n_kept > 150


def test_dbt_has_the_last_word(bench: Bench, no_dbt: list[list[tuple]]) -> None:
    """A test that fails, a table that cannot be made, a manifest that does not read."""
    file = manifest.manifest_file(bench.project, manifest.key_of(bench.project))
    whole = file.read_text("utf-8")
    for text, edits, why in (
        (whole, [("coefficients", "CRE = 0.62", "CRE = 0.82")], "assert_weights_sum_to_one"),
        (edited(whole, "create or replace table", "create nothing"), [], "nothing"),
        (whole[:-1], [], None),
        ("[]", [], None),
    ):
        file.write_text(text, "utf-8")
        with pytest.raises(InvariantError, match="told by dbt"):
            bench.build(*edits, anew=True)
        said = [line for line in bench.said if "cannot build without dbt" in line]
        assert [why in line for line in said] == ([] if why is None else [True])
        assert no_dbt.pop() == []
    file.write_text(whole, "utf-8")


def test_a_board_may_be_copied_and_renamed(bench: Bench, tmp_path: Path) -> None:
    """No view, function or record holds the name or the place of the file."""
    shutil.copy(bench.folder / "by_dbt.duckdb", tmp_path / "other.duckdb")
    with duckdb.connect(str(tmp_path / "other.duckdb"), read_only=True) as connection:
        assert connection.execute("select count(*) from scoreboard").fetchall() > [(0,)]
        assert connection.execute("select count(*) from explain_model('GPT-5.5')").fetchall()
    with Overlay(bench.project, tmp_path / "other.duckdb", "?") as overlay:
        query = "select count(*) from marts.fct_role_scores"
        (((n_scores,),),) = overlay.score({"fct_role_scores": query}, variables=bench.variables)
        assert n_scores > 100


def test_what_dbt_does_otherwise_is_left_to_dbt(bench: Bench) -> None:
    path = bench.folder / "target" / "manifest.json"
    whole = path.read_text("utf-8")
    model = "model.ipbr.fct_role_scores"

    def read(node: str, edit: Callable[[dict[str, Any]], object]) -> manifest.Manifest | None:
        content = json.loads(whole)
        edit(content["nodes"][node])
        path.write_text(json.dumps(content), "utf-8")
        with connected(bench.folder / "by_dbt.duckdb", "board", "read_only") as connection:
            return manifest.manifest_of(bench.folder, "key", bench.variables, connection)

    try:
        assert read(model, lambda node: None) is not None
        for edit in (
            lambda node: node["config"].update(materialized="incremental"),
            lambda node: node["config"].update({"post-hook": [{"sql": "select 1"}]}),
            lambda node: node["constraints"].append({"type": "primary_key", "columns": ["x"]}),
            lambda node: node["columns"]["score"]["constraints"].append({"type": "not_null"}),
            lambda node: node.update(compiled_code=f"from '{bench.variables['aliases_path']}'"),
        ):
            assert read(model, edit) is None
        start = "operation.ipbr.ipbr-on-run-start-0"
        assert read(start, lambda node: node.update(compiled_code="create table x")) is None
    finally:
        path.write_text(whole, "utf-8")


def test_only_the_latest_manifests_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.delenv(manifest.ELSEWHERE, raising=False)
    for number in range(manifest.MANIFESTS_KEPT + 2):
        kept = manifest.Manifest(f"{number:064}"[::-1], {}, [], [])
        manifest.keep_manifest(tmp_path, kept, said.append)
        os.utime(manifest.manifest_file(tmp_path, kept.key), (number, number))
    files = {path.name[0] for path in (tmp_path / manifest.MANIFESTS).iterdir()}
    assert files == {str(number) for number in range(2, manifest.MANIFESTS_KEPT + 2)}
    assert said == []
    # Where nothing can be kept, a run goes on.
    manifest.keep_manifest(tmp_path / ("folder" * 100), kept, said.append)
    assert len(said) == 1 and "could not be kept for the next run" in said[0]


def test_a_statement_that_runs_is_interrupted(tmp_path: Path) -> None:
    """It would take years; the other node fails at once."""
    database = tmp_path / "toy.duckdb"
    duckdb.connect(str(database)).close()
    endless = (
        "create table endless as select sum(a.range * b.range) "
        "from range(10_000_000_000) as a, range(10_000_000_000) as b"
    )
    nodes = {
        name: {"name": name, "kind": "table", "parents": [], "relation": name, "sql": sql}
        for name, sql in (("endless", endless), ("broken", "select error('no')"))
    }
    endless_one, nothing = manifest.Manifest("key", nodes, [], []), lambda *_: None
    with pytest.raises(duckdb.Error, match="no"):
        rebuild._build(endless_one, tmp_path, database, {}, nothing, nothing)
    # Nobody holds the file any more.
    with duckdb.connect(str(database)) as connection:
        assert connection.execute("from duckdb_tables()").fetchall() == []


def test_a_run_is_as_profiles_say(project: Path) -> None:
    profiles = yaml.safe_load((project / "profiles.yml").read_text("utf-8"))
    for target in profiles["ipbr"]["outputs"].values():
        assert target["threads"] == rebuild.WORKERS
        assert f"set TimeZone = '{target['settings']['TimeZone']}'" == rebuild.SETTINGS


def test_every_file_that_dbt_reads_is_in_the_key(project: Path, tmp_path: Path) -> None:
    settings = (project / "dbt_project.yml").read_text("utf-8")
    for kind in ("model", "macro", "seed", "test"):
        paths = settings.split(f"\n{kind}-paths: [", 1)[1].split("]", 1)[0].split(", ")
        assert set(paths) <= set(manifest.FOLDERS)
    copy = tmp_path / "project"
    for name in manifest.FOLDERS:
        shutil.copytree(project / name, copy / name)
    for path in project.glob("*.yml"):
        shutil.copy(path, copy)
    # The place of a project is no part of it.
    keys = {manifest.key_of(project), manifest.key_of(copy)}
    assert len(keys) == 1
    changed = ["dbt_project.yml", "profiles.yml", "macros/names.sql", "seeds/groups.csv"]
    changed += ["models/marts/dim_models.sql", "models/marts/dim_models.yml"]
    changed += ["models/staging/config/stg_config__files.py", "tests/dbt/generic/is_sound.sql"]
    for name in changed:
        (copy / name).write_text((copy / name).read_text("utf-8") + "\n", "utf-8")
        keys.add(manifest.key_of(copy))
    assert len(keys) == 1 + len(changed)


def test_no_statement_depends_on_more_than_the_key(project: Path) -> None:
    """Clock, environment and a run's own id would be repeated as they once were."""
    for name in manifest.FOLDERS:
        for path in (project / name).rglob("*.sql"):
            text = path.read_text("utf-8")
            # A verdict is of one build alone: the engine writes its own.
            if path.name != "build_verdicts.sql":
                for word in (
                    "run_started_at",
                    "invocation_id",
                    "modules.datetime",
                    "local_md5(now",
                ):
                    assert word not in text, path
            # In a message only.
            assert text.count("env_var(") == (path.name == "require_landing.sql"), path


def test_a_statement_that_does_not_fit_is_given_all_memory(tmp_path):
    statement = "create table made as select list(range) as numbers from range(4_000_000)"
    node = {"kind": "table", "name": "made", "relation": "made", "parents": [], "sql": statement}
    config = {"memory_limit": "20MB", "temp_directory": str(tmp_path)}
    with duckdb.connect(config=config) as connection:
        with pytest.raises(duckdb.OutOfMemoryException):
            connection.execute(statement)
        made = rebuild.Rebuild({"model.made": node}, {}, {}, False).make(connection, "model.made")
        assert made == (False, 0)
        assert connection.execute("select len(numbers) from made").fetchone() == (4_000_000,)
