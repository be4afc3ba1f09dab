"""A replay does what dbt does: the same files, the same database, the same verdicts."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from copy import copy
from pathlib import Path
from threading import Event
from types import SimpleNamespace

import duckdb
import pytest
import yaml
from test_runs import tree

from ingest.errors import InvariantError, IpbrError
from ipbr_rank import dbt_run, replay
from ipbr_rank.unchanged import MEMORY, Unchanged, keep_memory, read_memory, write_memory

REPLAYED = "as dbt did last time"

TOY = {
    "dbt_project.yml": "name: toy\nversion: '1.0'\nprofile: toy\n",
    "profiles.yml": (
        "toy:\n  target: local\n  outputs:\n    local:\n      type: duckdb\n"
        "      path: \"{{ env_var('IPBR_DATABASE') }}\"\n      settings: {TimeZone: UTC}\n"
    ),
    "models/landed.yml": "sources: [{name: raw, tables: [{name: landed}]}]\n",
    "models/figures.sql": (
        "{{ config(materialized='table') }}"
        "select cast(figure as integer) as figure from {{ source('raw', 'landed') }}"
    ),
    "models/paths.py": (
        "from pathlib import Path\n\n\n"
        "def model(dbt, session):\n"
        "    text = Path(dbt.config.get('said_path')).read_text()\n"
        "    return session.sql('select $text as said', params={'text': text})\n"
    ),
    "models/paths.yml": (
        "models:\n  - name: paths\n    config: {said_path: \"{{ var('said_path') }}\"}\n"
    ),
    "tests/dbt/assert_small.sql": "select figure from {{ ref('figures') }} where figure > 3",
    "tests/dbt/warn_odd.sql": (
        "{{ config(severity='warn') }}select figure from {{ ref('figures') }} where figure % 2 = 1"
    ),
    "tests/dbt/schema.yml": (
        "data_tests:\n  - name: assert_small\n    description: Every figure is at most 3\n"
    ),
}


class Toy:
    """A project of two models and two tests on one landed table."""

    def __init__(self, folder: Path) -> None:
        self.project = folder / "toy"
        self.database = folder / "toy.duckdb"
        self.folder = folder / "work"
        self.folder.mkdir()
        self.said = folder / "said.txt"
        for name, text in TOY.items():
            path = self.project / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        with (self.project / "dbt_project.yml").open("a") as file:
            file.write("test-paths: [tests/dbt]\n")

    def moved(self, folder: Path) -> "Toy":
        """The same project, with everything that a run writes in another folder."""
        folder.mkdir()
        other = copy(self)
        other.database, other.folder, other.said = folder / "other.duckdb", folder, folder / "said"
        return other

    def run(
        self,
        *figures: object,
        build: Callable = replay.build,
        said: str = "a",
        anew: bool = True,
        before: str | None = None,
        on_progress: Callable[[int, int, str], None] = lambda *_: None,
    ) -> object:
        """One build on freshly landed figures; not `anew`, what was built is still there, and what
        else `before` made of it."""
        if anew:
            self.database.unlink(missing_ok=True)
        self.said.write_text(said)
        with duckdb.connect(str(self.database)) as connection:
            connection.execute(before or "select 1")
            connection.execute("drop schema if exists raw cascade")
            connection.execute("create schema raw; create table raw.landed (figure varchar)")
            connection.executemany("insert into raw.landed values (?)", [[f] for f in figures])
        run = build(
            self.project,
            self.database,
            self.folder,
            {"said_path": str(self.said)},
            on_progress=on_progress,
            on_message=lambda _: None,
        )
        keep_memory(self.folder)
        return run

    def error(self, *figures: object, build: Callable = replay.build) -> IpbrError:
        """What a build that fails says."""
        with pytest.raises(IpbrError) as error:
            self.run(*figures, build=build)
        return error.value

    def rows(self, query: str) -> list[tuple]:
        """Rows of the built database."""
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return connection.execute(query).fetchall()


def test_what_is_repeated_and_what_is_left_to_dbt(
    tmp_path: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One test, since each start of dbt takes seconds and the runs follow from each other."""
    monkeypatch.setenv("PYTHONPATH", str(project))
    toy = Toy(tmp_path)
    assert toy.run(1, 2) == dbt_run.DbtRun(2, 2, ["warn_odd: 1 row"])

    # Other rows and another file that a Python model reads: no work for dbt.
    assert toy.run(1, 2, 3, said="b") == dbt_run.DbtRun(2, 2, ["warn_odd: 2 rows"], True)
    assert toy.rows("select * from figures order by all") == [(1,), (2,), (3,)]
    assert toy.rows("select * from paths") == [("b",)]

    # Nor in another place, with files of its own.
    elsewhere = toy.moved(tmp_path / "elsewhere")
    assert elsewhere.run(1, said="c") == dbt_run.DbtRun(2, 2, ["warn_odd: 1 row"], True)
    assert elsewhere.rows("select * from paths") == [("c",)]

    # What does not hold, and what cannot be built, is told by dbt in its words.
    violation = toy.error(1, 5)
    assert isinstance(violation, InvariantError)
    assert "assert_small (Every figure is at most 3): 1 row" in str(violation)
    assert str(violation) == str(toy.error(1, 5, build=dbt_run.build))
    broken = toy.error("x")
    assert "Could not convert string 'x' to INT32" in str(broken)
    assert type(broken) is IpbrError
    # The plan outlives them.
    assert toy.run(2) == dbt_run.DbtRun(2, 2, [], True)

    # A plan that is cut off or changed is none.
    key = replay.key_of(toy.project, ["said_path"])
    plan = replay.plan_file(toy.project, key)
    whole = plan.read_bytes()
    assert replay.read_plan(toy.project, toy.database, key)
    assert replay.read_plan(toy.project, toy.database, key[::-1]) is None
    for damaged in (b"", whole[:-1], whole[:40], whole.replace(b"figure", b"figures", 1)):
        plan.write_bytes(damaged)
        assert replay.read_plan(toy.project, toy.database, key) is None
    assert toy.run(2) == dbt_run.DbtRun(2, 2, [])
    assert plan.read_bytes().split(b" ")[0].decode() == key

    # Any file of the project counts.
    (toy.project / "models/figures.sql").write_text("select 7 as figure")
    with pytest.raises(InvariantError):
        toy.run(2)


def test_a_plan_is_for_any_database_whose_name_can_be_exchanged(tmp_path: Path) -> None:
    def plan(stem: str, text: str) -> dict | None:
        recorded = {"is_complete": True, "settings": None, "steps": [["model.x", "sql", text]]}
        run = dbt_run.DbtRun(1, 0)
        return replay.plan_of(recorded, {}, run, Path(f"{stem}.duckdb"), {"said_path": "/a/b.txt"})

    text = 'create table "{}"."marts"."x" as select 1'
    found = plan("board", text.format("board"))
    replay.write_plan(tmp_path, "k" * 64, found, print)
    for stem in ("board", "marts", "an other"):
        ours = replay.read_plan(tmp_path, tmp_path / f"{stem}.duckdb", "k" * 64)
        assert ours["steps"] == [["model.x", "sql", text.format(stem)]]
    assert replay.read_plan(tmp_path, tmp_path / 'x".duckdb', "k" * 64) is None
    # A schema of that name; a path that only a Python model can be given anew.
    assert plan("marts", text.format("marts")) is None
    assert plan("board", "create view x as select '/a/b.txt' as path") is None


def test_only_the_latest_plans_are_kept(tmp_path: Path) -> None:
    said = []
    for number in range(replay.PLANS_KEPT + 2):
        key = f"{number:064}"[::-1]
        replay.write_plan(tmp_path, key, {"catalog": "a"}, said.append)
        os.utime(replay.plan_file(tmp_path, key), (number, number))
    kept = {path.name[0] for path in (tmp_path / replay.PLANS).iterdir()}
    assert kept == {str(number) for number in range(2, replay.PLANS_KEPT + 2)}
    assert said == []
    # Where nothing can be kept, a run goes on.
    replay.write_plan(tmp_path / ("folder" * 100), "k" * 64, {}, said.append)
    assert len(said) == 1 and "were not kept for the next run" in said[0]


def test_what_is_not_even_repeated(
    tmp_path: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model in Python is always repeated, a view never; the counts tell of the rest."""
    monkeypatch.setenv("PYTHONPATH", str(project))
    toy = Toy(tmp_path)
    (toy.project / "models/seen.sql").write_text("select * from {{ ref('figures') }}")
    (toy.project / "models/doubled.sql").write_text(
        "{{ config(materialized='table') }}select 2 * figure as doubled from {{ ref('seen') }}"
    )

    def again(*figures: int, **how: object) -> int:
        """How many of figures, seen, doubled and the test assert_small are kept."""
        run = toy.run(*figures, anew=False, **how)
        assert run.is_replayed
        assert toy.rows("select doubled from doubled order by 1") == [(2 * f,) for f in figures]
        assert run.warnings == [f"warn_odd: {n} row" for n in [sum(f % 2 for f in figures)] if n]
        return run.n_kept

    toy.run(1, 2)
    assert again(1, 2) == 4
    # A fresh database, and then one on which that replay has left its memory.
    assert toy.run(1, 2).n_kept == 0
    assert again(1, 2) == 4
    # Through a view, which is kept itself.
    assert again(2, 3) == 1
    assert again(2, 3) == 4
    # A table that is read by others only comes out the same: those are kept.
    assert again(2, 3, said="b") == 4
    assert toy.rows("select * from paths") == [("b",)]
    # What somebody else has changed is made anew, and so is what follows from it.
    assert again(2, 3, before="update doubled set doubled = 0") == 3
    assert again(2, 3, before="update figures set figure = 1 where figure = 2") == 3
    # Somebody else's table, a table that is missing, a memory that does not read: nothing is kept.
    assert again(2, 3, before="create table mine as select 1") == 0
    assert toy.rows("select table_name from duckdb_tables() where table_name = 'mine'") == []
    assert again(2, 3, before="drop table doubled") == 0
    for damaged in ("", "{}", "[]", '{"key": 1, "unchanged": {}}'):
        (toy.folder / MEMORY).write_text(damaged)
        assert again(2, 3) == 0
    # A test that warned is asked again, and one that fails is told by dbt, on a whole database.
    assert again(0, 2) == 1
    with pytest.raises(InvariantError, match="assert_small"):
        toy.run(2, 5, anew=False)
    assert toy.rows("select figure from figures order by 1") == [(2,), (5,)]
    # Nothing of it is taken for the board that was remembered.
    assert again(0, 2) == 0


def test_what_was_not_published_is_not_remembered(tmp_path: Path) -> None:
    write_memory(tmp_path, "key", Unchanged(objects=["a"]))
    assert read_memory(tmp_path, "key") is None
    keep_memory(tmp_path)
    assert read_memory(tmp_path, "key") == Unchanged(objects=["a"])
    # Nothing new was written since.
    keep_memory(tmp_path)
    assert read_memory(tmp_path, "key") == Unchanged(objects=["a"])


def never() -> None:
    raise AssertionError("nothing is to be interrupted")


def test_nodes_run_as_soon_as_what_they_read_is_there(project: Path) -> None:
    profiles = yaml.safe_load((project / "profiles.yml").read_text("utf-8"))
    assert {target["threads"] for target in profiles["ipbr"]["outputs"].values()} == {
        replay.WORKERS
    }
    parents = {
        "model.a": ["source.x"],
        "test.a": ["model.a"],
        "model.b": ["model.a"],
        "model.c": ["model.a", "model.b"],
        "test.c": ["model.c"],
    }
    nodes = ["schemas", *parents, "descriptions"]
    begun: list[str] = []
    ended: list[str] = []

    def run(node: str) -> str:
        begun.append(node)
        return node.upper()

    for node, result in replay.in_graph_order({"parents": parents}, nodes, run, never):
        assert result == node.upper()
        ended.append(node)
        # What it reads has ended; a test that may run waits for tables that may run, too.
        assert set(parents.get(node, ())) - {"source.x"} <= set(ended)
    assert (ended[0], ended[-1]) == ("schemas", "descriptions")
    assert sorted(ended) == sorted(begun) == sorted(nodes)
    assert begun.index("model.b") < begun.index("test.a")


def test_whoever_stops_a_replay_stops_its_nodes() -> None:
    for how in ("a node fails", "the run is stopped"):
        stopped = Event()

        def run(node: str, how: str = how, stopped: Event = stopped) -> None:
            # It ends by the interruption alone: else this waits and then fails.
            if node == "model.slow":
                assert stopped.wait(60)
            elif how == "a node fails":
                raise ValueError(node)

        plan: dict = {"parents": {"model.slow": [], "model.quick": []}}
        ended = replay.in_graph_order(plan, list(plan["parents"]), run, stopped.set)
        if how == "a node fails":
            with pytest.raises(ValueError, match=r"model\.quick"):
                next(ended)
        else:
            assert next(ended) == ("model.quick", None)
            ended.close()
        assert stopped.is_set()


def test_a_statement_that_runs_is_interrupted(tmp_path: Path) -> None:
    """It would take years; the other node fails at once."""
    database = tmp_path / "toy.duckdb"
    duckdb.connect(str(database)).close()
    endless = (
        "create table endless as select sum(a.range * b.range) "
        "from range(10_000_000_000) as a, range(10_000_000_000) as b"
    )
    steps = [["model.a.endless", "sql", endless], ["model.a.broken", "sql", "select error('no')"]]
    plan = {
        **{"steps": steps, "tests": {}, "settings": {}, "relations": {}, "views": []},
        **{"parents": {node: [] for node, *_ in steps}, "n_models": 2},
    }
    with pytest.raises(Exception, match=r"model\.a\.broken"):
        replay.replay(plan, database, {}, None, lambda *_: None, lambda _: None)
    # Nobody holds the file any more.
    with duckdb.connect(str(database)) as connection:
        assert connection.execute("from duckdb_tables()").fetchall() == []


def test_every_file_that_dbt_reads_is_in_the_key(project: Path, tmp_path: Path) -> None:
    settings = (project / "dbt_project.yml").read_text("utf-8")
    for kind in ("model", "macro", "seed", "test"):
        paths = settings.split(f"\n{kind}-paths: [", 1)[1].split("]", 1)[0].split(", ")
        assert set(paths) <= set(replay.FOLDERS)
    copy = tmp_path / "project"
    for name in replay.FOLDERS:
        shutil.copytree(project / name, copy / name)
    for path in project.glob("*.yml"):
        shutil.copy(path, copy)
    keys = {replay.key_of(copy, ["x"]), replay.key_of(copy, ["x", "y"])}
    changed = ["dbt_project.yml", "profiles.yml", "macros/names.sql", "seeds/groups.csv"]
    changed += ["models/marts/dim_models.sql", "models/marts/dim_models.yml"]
    changed += ["models/staging/config/stg_config__files.py", "tests/dbt/generic/is_sound.sql"]
    for name in changed:
        (copy / name).write_text((copy / name).read_text("utf-8") + "\n", "utf-8")
        keys.add(replay.key_of(copy, ["x"]))
    assert len(keys) == 2 + len(changed)


def test_no_statement_depends_on_more_than_the_key(project: Path) -> None:
    """Clock, environment and a run's own id would be repeated as they once were."""
    for name in replay.FOLDERS:
        for path in (project / name).rglob("*.sql"):
            if path.name == "build_verdicts.sql":
                # Of one build alone, and so in no plan.
                assert replay.OF_ONE_BUILD in path.read_text("utf-8")
                continue
            text = path.read_text("utf-8")
            for word in ("run_started_at", "invocation_id", "modules.datetime", "local_md5(now"):
                assert word not in text, path
            # In a message only.
            assert text.count("env_var(") == (path.name == "require_landing.sql"), path


class Board:
    """One workspace in which the board is built again and again, at the tests' time."""

    def __init__(self, folder: Path, run: Callable, project: Path, plan: Path, now: str) -> None:
        self.database = folder / "ipbr.duckdb"
        self.plan = plan
        self.plan.unlink(missing_ok=True)
        self.folder, self._run = folder, run
        self._options = ("--offline", "--cache", project / "data" / "fixtures", "--now", now)

    def build(self, command: str, name: str, *more: object) -> SimpleNamespace:
        """Results and a copy of the database, both called `name`."""
        out, copy = self.folder / name, self.folder / name / "kept" / self.database.name
        process = self._run(
            command, *self._options, "--database", self.database, "--out", out, *more
        )
        assert process.returncode == 0, process.stderr
        files = tree(out)
        copy.parent.mkdir()
        shutil.copy(self.database, copy)
        kept = re.search(r"; (\d+) of them unchanged", process.stderr)
        return SimpleNamespace(
            files=files,
            database=copy,
            is_replayed=REPLAYED in process.stderr,
            n_kept=int(kept[1]) if kept else 0,
        )


@pytest.fixture(scope="module")
def workspace(
    tmp_path_factory: pytest.TempPathFactory,
    ipbr_rank: Callable,
    project: Path,
    plan: Path,
    board: SimpleNamespace,
) -> Board:
    """A workspace with a plan, of a run under the project's own configuration."""
    workspace = Board(tmp_path_factory.mktemp("replay"), ipbr_rank, project, plan, board.now)
    assert not workspace.build("score", "first").is_replayed
    assert workspace.plan.is_file()
    return workspace


def test_replayed_board_is_the_board(workspace: Board, board: SimpleNamespace) -> None:
    again = workspace.build("all", "again")
    assert again.is_replayed
    assert again.n_kept > 100
    assert again.files == tree(board.out)


# What tells of the runs before, and of how long they took, grows from run to run.
OF_RUNS = "schema_name = 'ops' or contains(table_name, 'previous_history')"
CATALOGUE = {
    "tables": (
        "select schema_name, table_name, comment, estimated_size from duckdb_tables() "
        f"where not ({OF_RUNS})"
    ),
    "views": (
        "select schema_name, view_name, comment, sql from duckdb_views() where not internal "
        f"and not ({OF_RUNS.replace('table_name', 'view_name')})"
    ),
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


def contents(database: Path) -> dict[str, list[tuple]]:
    """The whole catalogue, and every row of every table and view, in an order of its own."""
    with duckdb.connect(str(database), read_only=True) as connection:
        found = {
            name: connection.execute(f"{query} order by all").fetchall()
            for name, query in CATALOGUE.items()
        }
        for schema, name, *_ in found["tables"] + found["views"]:
            rows = connection.execute(f'select * from "{schema}"."{name}"').fetchall()
            found[f"{schema}.{name}"] = sorted(map(repr, rows))
    return found


def test_replayed_what_if_is_what_dbt_makes_of_it(workspace: Board, project: Path) -> None:
    # An experiment takes no place of the board, but begins with the last experiment.
    workspace.database = workspace.folder / "experiment" / workspace.database.name
    coefficients = workspace.folder / "what-if.toml"
    text = (project / "data/coefficients.toml").read_text("utf-8")
    changed = text.replace("trust_threshold = 0.", "trust_threshold = 0.1", 1)
    assert changed != text
    coefficients.write_text(
        changed.replace("trust_threshold = 0.1", "trust_threshold = 0.2"), "utf-8"
    )
    workspace.build("score", "before", "--coefficients", coefficients)
    coefficients.write_text(changed, "utf-8")
    aliases = workspace.folder / "aliases.toml"
    text = (project / "data/required_aliases.toml").read_text("utf-8")
    aliases.write_text(text.replace('display_name = "', 'display_name = "My ', 1), "utf-8")
    options = ("--coefficients", coefficients, "--aliases", aliases)
    replayed = workspace.build("score", "replayed", *options)
    workspace.plan.unlink()
    built = workspace.build("score", "built", *options)
    assert (replayed.is_replayed, built.is_replayed) == (True, False)
    assert replayed.n_kept
    assert replayed.files == built.files
    assert replayed.files["scoreboard.toml"] != tree(workspace.folder / "first")["scoreboard.toml"]
    ours, theirs = contents(replayed.database), contents(built.database)
    assert len(ours) > len(CATALOGUE) + 60
    assert [name for name in theirs if ours[name] != theirs[name]] == []
    assert ours.keys() == theirs.keys()


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


def test_the_same_invariants_fail(workspace: Board, project: Path, tmp_path: Path) -> None:
    """Every test of the plan against `dbt test`, on one database full of faults."""
    database = tmp_path / workspace.database.name
    shutil.copy(workspace.database, database)
    with duckdb.connect(str(database)) as connection:
        for fault in FAULTS.strip().splitlines():
            connection.execute(fault)
    subprocess.run(
        [sys.executable, "-m", "dbt.cli.main", "test", "--exclude-resource-type", "unit_test",
         "--target-path", str(tmp_path / "target"), "--log-path", str(tmp_path / "logs")],
        cwd=project,
        env={**os.environ, "IPBR_DATABASE": str(database)},
        capture_output=True,
    )  # fmt: skip
    results = json.loads((tmp_path / "target/run_results.json").read_text("utf-8"))["results"]
    by_dbt = {
        result["unique_id"]: (result["status"], result["failures"])
        for result in results
        if result["unique_id"].startswith("test.")
    }
    plan = json.loads(workspace.plan.read_bytes().split(b"\n", 1)[1])
    by_replay = {}
    with duckdb.connect(str(database)) as connection:
        for node, language, text in plan["steps"]:
            if test := plan["tests"].get(node):
                verdict = replay.run_step(connection, node, language, text, {})
                by_replay[node] = (replay.status(test, verdict), verdict[0])
    assert by_replay == by_dbt
    kinds = [status for status, _ in by_dbt.values()]
    assert kinds.count("fail") >= 8 and kinds.count("warn") >= 1 and kinds.count("pass") >= 8
