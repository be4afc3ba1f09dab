"""Runs dbt's own manifest straight in DuckDB, as far as it differs from what is there.

dbt comes to the same statements until a file of the project or a version changes: the manifest of
a successful run is kept, for every database, and run without dbt until then. A node is made anew
where its key differs, a hash over what it reads; a table is told by its rows, so what comes out as
it was is not followed any further. The keys stand in the database, as `ops.build_keys`. Whatever
goes wrong, a failing test too, is undone and left to dbt, which has the last word on every fault.
docs/decisions/0022-the-manifest-is-run.md says more.
"""

import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from graphlib import TopologicalSorter
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

from ingest.database import connected, first_line, literal, quoted
from ingest.errors import IpbrError
from ingest.hashing import hash_of
from ingest.land import SCHEMA
from ipbr_rank.disk import replace_whole
from ipbr_rank.engine import dbt
from ipbr_rank.words import shown_path

# One manifest for each state of the project that was worked with lately, below the project or in
# the folder that the environment names.
MANIFESTS, ELSEWHERE, MANIFESTS_KEPT = Path("target", "manifests"), "IPBR_MANIFESTS", 5
# Everything in a project that dbt reads, as dbt_project.yml names it; a test compares them.
FOLDERS = ("models", "macros", "seeds", "tests/dbt")
DISTRIBUTIONS = ("dbt-core", "dbt-adapters", "dbt-common", "dbt-duckdb", "duckdb")
# As in profiles.yml, of which the manifest says nothing: DuckDB's settings, and nodes at once.
SETTINGS, WORKERS = "set TimeZone = 'UTC'", 2
# What is read of a node, and of its configuration; what dbt does to one that is not done here.
USED = (
    *("name", "schema", "alias", "identifier", "language", "description", "tags", "depends_on"),
    *("compiled_code", "original_file_path"),
)
USED_OF_CONFIG = (
    *("materialized", "contract", "persist_docs"),
    *("severity", "fail_calc", "warn_if", "error_if"),
)
KINDS = ("seed", "table", "view", "test", None)
UNSUPPORTED = ("pre-hook", "post-hook", "sql_header", "limit", "indexes", "store_failures")
# Everything in the database but how runs went and what was landed.
OBJECTS = """
select schema_name, kind, name from (
    select 'table' as kind, database_name, schema_name, table_name as name, false as internal
    from duckdb_tables() union all
    select 'view', database_name, schema_name, view_name, internal from duckdb_views() union all
    select distinct if(function_type = 'macro', 'macro', 'macro table'), database_name,
        schema_name, function_name, internal from duckdb_functions()
)
where database_name = current_database() and not internal and schema_name not in ('ops', 'raw')
order by all
"""
KEYS = """
create or replace table ops.build_keys as
select unnest($nodes) as node, unnest($keys) as key, unnest($contents) as contents
"""
ABOUT_KEYS = """
comment on table ops.build_keys is
'One row per node of dbt and for its manifest: a hash over what it was made from (key) and what its
contents are told by; the next run leaves alone what it would make the same'
"""
# What tells whether a database is the one that a run has left: its files, models and scores.
OUTCOME = ("stg_config__files", "dim_models", "fct_role_scores")

Node = dict[str, Any]
# By node its key and what its contents are told by; by "manifest" its key and all objects.
Keys = dict[str, tuple[str, str]]


class Failure(Exception):
    """A test that does not hold, or several."""


class Manifest:
    """Sources, seeds, models and tests by their unique id, each after all that it reads."""

    def __init__(self, project: Path, key: str, nodes: Mapping[str, Node]) -> None:
        self.project, self.key = project, key
        self.hooks = [nodes[node] for node in sorted(nodes) if node.startswith("operation.")]
        self.parents = {
            node: set(about.get("depends_on", {}).get("nodes", ()))
            for node, about in nodes.items()
            if not node.startswith("operation.")
        }
        self.nodes = {node: nodes[node] for node in TopologicalSorter(self.parents).static_order()}

    def ancestors(self, nodes: Iterable[str]) -> set[str]:
        """The nodes, and all that they follow from."""
        found: set[str] = set()
        waiting = [*nodes]
        while waiting:
            if (node := waiting.pop()) not in found:
                found.add(node)
                waiting += self.parents[node]
        return found

    def statements(self, node: Node) -> str:
        """What dbt-duckdb makes of a seed or of a model in SQL."""
        config, relation, sql = node["config"], relation_of(node), node["compiled_code"]
        kind = config["materialized"]
        if kind == "seed":
            path = literal(self.project / node["original_file_path"])
            return f"{sql}; copy {relation} from {path} (format csv, header true)"
        made = f"create or replace {kind} {relation} as (\n{sql}\n)"
        if kind == "table" and config["contract"]["enforced"]:
            names = ", ".join(node["columns"])
            typed = ", ".join(f"{name} {type_}" for name, type_ in node["columns"].items())
            made = (
                f"create or replace table {relation} ({typed}); insert into {relation} ({names}) "
            )
            made += f"select {names} from (\n{sql}\n)"
        return made


class Run:
    """Nodes made on a database, as far as they are not as they were `before`.

    Two threads may make nodes at a time, each with a connection of its own. Where the tables of
    before are not `trusted`, one that somebody has edited is made anew, too.
    """

    def __init__(
        self, manifest: Manifest, variables: Mapping[str, str], before: Keys, *, trusted: bool
    ) -> None:
        self.manifest, self.variables = manifest, variables
        self.before, self.trusted = before, trusted
        self.now: Keys = {}

    def key(self, node: str) -> str:
        """A hash over all that a node reads: contents of tables, and of files."""
        read = sorted(self.manifest.parents[node])
        texts = [f"{one} {(self.now.get(one) or self.before[one])[1]}" for one in read]
        is_python = self.manifest.nodes[node].get("language") == "python"
        files = self.variables.items() if is_python else ()
        return hash_of(texts, {f"{name} {path}": Path(path) for name, path in files})

    def note(self, connection: Any, node: str, key: str) -> None:
        """A node has ended well: its table stands, or its test has passed."""
        about = self.manifest.nodes[node]
        has_rows = about["config"].get("materialized") not in ("view", "test")
        self.now[node] = key, hash_of_rows(connection, relation_of(about)) if has_rows else key

    def make(self, connection: Any, node: str) -> tuple[bool, str | None]:
        """Whether a node was left as it stands, and what it warns of; Failure if it fails."""
        about, key, told = self.manifest.nodes[node], self.key(node), None
        if node in self.before and self.before[node][0] == key:
            if not self.trusted:
                self.note(connection, node, key)
            if self.trusted or self.now[node] == self.before[node]:
                return True, None
        if is_test(about):
            told = _ask(connection, about)
        elif about.get("language") == "python":
            self._make_in_python(connection, about)
        else:
            connection.execute(self.manifest.statements(about))
        if (about["config"]["persist_docs"] or {}).get("relation") and "description" in about:
            what = f"{about['config']['materialized']} {relation_of(about)}"
            connection.execute(f"comment on {what} is {literal(about['description'])}")
        if told is None:
            self.note(connection, node, key)
        return False, told

    def _make_in_python(self, connection: Any, node: Node) -> None:
        """As dbt-duckdb does it; what a model is configured with comes from the variables."""
        module: Any = ModuleType(node["name"])
        exec(node["compiled_code"], module.__dict__)
        for name in module.config_dict.keys() & self.variables.keys():
            module.config_dict[name] = self.variables[name]
        made = module.model(module.dbtObj(connection.table), connection)
        connection.register("made_in_python", made)
        connection.execute(f"create or replace table {relation_of(node)} as from made_in_python")
        connection.unregister("made_in_python")


def build(
    project: Path,
    database: Path,
    folder: Path,
    variables: dict[str, str],
    *,
    on_progress: Callable[[int, int, str], None],
    on_message: Callable[[str], None],
) -> dbt.Built:
    """`dbt build` on `database`, which holds landed responses; see `dbt.build`.

    What else it holds is taken for the board of the last run, and checked. The outcome, errors
    included, is the same without it and without a manifest.
    """
    key = key_of(project)
    if manifest := read_manifest(project, key):
        try:
            return _build(manifest, database, variables, on_progress, on_message)
        except Exception as error:
            on_message(f"not as dbt did it last time ({error}): running dbt")
    with connected(database, "board") as connection:
        _clear(connection)
    built = dbt.build(
        project, database, folder, variables, on_progress=on_progress, on_message=on_message
    )
    with connected(database, "board") as connection:
        # A file that was changed meanwhile may have been read before or after.
        if key == key_of(project) and (nodes := _nodes_of(folder, variables, connection)):
            _keep_manifest(project, key, nodes, on_message)
            run = Run(Manifest(project, key, nodes), variables, {}, trusted=False)
            for node in run.manifest.nodes:
                if node in built.passed or not node.startswith("test."):
                    run.note(connection, node, run.key(node))
            _write_keys(connection, run)
    return built


def _build(
    manifest: Manifest,
    database: Path,
    variables: dict[str, str],
    on_progress: Callable[[int, int, str], None],
    on_message: Callable[[str], None],
) -> dbt.Built:
    """Makes every node, each as soon as all that it reads is there and tables before tests."""
    nodes = {node: about for node, about in manifest.nodes.items() if "compiled_code" in about}
    warnings: list[str] = []
    n_kept = 0
    with ExitStack() as stack:
        # The file is nobody's until all is in it: a log of what is not yet written is no use.
        file = connected(database, "board", "recovery_mode no_wal_writes")
        connection = stack.enter_context(file)
        workers = [stack.enter_context(connection.cursor()) for _ in range(WORKERS)]
        for worker in (connection, *workers):
            worker.execute(f"use board; {SETTINGS}")
        before = _read_keys(connection, "board")
        if before.get("manifest") != (manifest.key, _objects_in(connection)):
            _clear(connection)
            before = {}
        run = Run(manifest, variables, before, trusted=False)
        for schema in {about["schema"] for about in nodes.values() if not is_test(about)}:
            connection.execute(f"create schema if not exists {quoted(schema)}")
        for source in manifest.nodes.keys() - nodes.keys():
            run.note(connection, source, "")
        _run_hooks(connection, manifest, "on-run-start")
        sorter = TopologicalSorter({n: manifest.parents[n] & nodes.keys() for n in nodes})
        sorter.prepare()
        ready: list[str] = []
        running: dict[Future[tuple[bool, str | None]], tuple[str, Any]] = {}
        idle = [*workers]
        done = 0
        with ThreadPoolExecutor(WORKERS) as pool:
            try:
                while sorter.is_active():
                    ready += sorter.get_ready()
                    ready.sort(key=lambda node: is_test(nodes[node]))
                    while ready and idle:
                        node, worker = ready.pop(0), idle.pop()
                        running[pool.submit(run.make, worker, node)] = node, worker
                    for future in wait(running, return_when=FIRST_COMPLETED).done:
                        node, worker = running.pop(future)
                        is_kept, told = future.result()
                        idle.append(worker)
                        sorter.done(node)
                        done += 1
                        n_kept += is_kept
                        warnings += [told] if told else []
                        on_progress(done, len(nodes), nodes[node]["name"])
                        how = "unchanged" if is_kept else "made"
                        on_message(f"{done} of {len(nodes)} {how}: {node}")
            except BaseException:
                for worker in workers:
                    worker.interrupt()
                raise
        if n_kept < len(nodes):
            _run_hooks(connection, manifest, "on-run-end")
        _write_keys(connection, run)
        connection.execute("checkpoint")
    n_tests = sum(map(is_test, nodes.values()))
    n_models = sum(node.startswith("model.") for node in nodes)
    return dbt.Built(n_models, n_tests, sorted(warnings), is_by_dbt=False, n_kept=n_kept)


class Overlay:
    """The built board, read-only, with tables in memory laid over it.

    DuckDB looks for a table in memory first and then in the built database, which is called
    `built` on `connection`. Every rule is dbt's own SQL.
    """

    def __init__(self, project: Path, database: Path, question: str) -> None:
        import duckdb

        self._question = question
        key = key_of(project)
        manifest = read_manifest(project, key)
        self.connection = duckdb.connect()
        # The tables are small: sharing the work out costs more than the work.
        self.connection.execute(f"{SETTINGS}; set threads = 1")
        self.connection.execute(f"attach {literal(database)} as built (read_only)")
        self._before = _read_keys(self.connection, "built")
        if manifest is None or self._before.get("manifest", ("",))[0] != key:
            raise IpbrError(
                f"{shown_path(database)}: expected a database built by these statements "
                f"({shown_path(manifest_file(project, key))}), found none of this version of "
                "ipbr-rank; build the database anew with `ipbr-rank score` and try again"
            )
        self._manifest = manifest
        self._nodes = {
            about["name"]: node
            for node, about in manifest.nodes.items()
            if node.startswith(("seed.", "model."))
        }
        schemas = dict.fromkeys(
            ["main", *(n["schema"] for n in manifest.nodes.values() if not is_test(n))]
        )
        for schema in schemas:
            self.connection.execute(f"create schema if not exists memory.{quoted(schema)}")
        path = ",".join(f"{where}.{schema}" for where in ("memory", "built") for schema in schemas)
        self.connection.execute(f"set search_path = {literal(path)}")
        for name in OUTCOME:
            node = self._nodes[name]
            found = hash_of_rows(self.connection, relation_of(manifest.nodes[node]))
            if found != self._before[node][1]:
                raise IpbrError(
                    f"{shown_path(database)}: expected {name} as the last run has left it, found "
                    "another: it was edited, or is the database of another run; build it anew "
                    "with `ipbr-rank score` and try again"
                )

    def __enter__(self) -> "Overlay":
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def score(
        self,
        queries: Mapping[str, str],
        *,
        given: Mapping[str, str] | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> list[list[tuple[Any, ...]]]:
        """The rows of each query, by the table that it reads, on the board that others make.

        Those others are tables, `given` as select statements, or configuration files, named by
        dbt's `variables`; nothing of it is kept. With variables the tests that read nothing beyond
        those tables are asked, too: Failure if one does not hold.
        """
        import duckdb

        manifest, connection = self._manifest, self.connection
        wanted = manifest.ancestors(self._nodes[name] for name in queries)
        run = Run(manifest, variables or {}, self._before, trusted=True)
        stale: set[str] = set()
        failing: list[str] = []
        connection.begin()
        try:
            for name, statement in (given or {}).items():
                relation = relation_of(manifest.nodes[self._nodes[name]])
                connection.execute(f"create table memory.{relation} as {statement}")
                run.now[self._nodes[name]] = "", "given"
            for node, about in manifest.nodes.items():
                is_fixed = is_test(about) or about.get("language") == "python"
                if node in run.now or "compiled_code" not in about or (is_fixed and not variables):
                    continue
                if node in wanted or (is_test(about) and not manifest.parents[node] & stale):
                    try:
                        run.make(connection, node)
                    except Failure as failure:
                        failing.append(str(failure))
                elif manifest.parents[node] & stale or run.key(node) != self._before[node][0]:
                    # It would be another, but nobody asks for it.
                    stale.add(node)
            if failing:
                raise Failure("\n  ".join(failing))
            return [connection.execute(query).fetchall() for query in queries.values()]
        except duckdb.Error as error:
            told = f"scoring with other figures failed in DuckDB: {first_line(error)}"
            raise IpbrError(f"{told}; {self._question}") from error
        finally:
            connection.rollback()


def key_of(project: Path) -> str:
    """A hash of all that dbt's manifest follows from, and of what reads it."""
    parts = [sys.version, *(f"{name} {version(name)}" for name in DISTRIBUTIONS), SCHEMA]
    files = [path for path in project.glob("*.yml") if path.is_file()]
    for name in FOLDERS:
        files += [path for path in (project / name).rglob("*") if path.is_file()]
    read = {str(path.relative_to(project)): path for path in sorted(files)}
    return hash_of(parts, read | {"the engine": Path(__file__), "dbt": Path(dbt.__file__)})


def manifest_file(project: Path, key: str) -> Path:
    """Where the manifest of that key is, if there is one."""
    return Path(os.environ.get(ELSEWHERE) or project / MANIFESTS) / f"{key[:16]}.json"


def read_manifest(project: Path, key: str) -> Manifest | None:
    """The manifest of that key; None if there is none or it does not read."""
    try:
        nodes = json.loads(manifest_file(project, key).read_bytes())
        return Manifest(project, key, nodes)
    except (OSError, ValueError, TypeError, AttributeError):
        return None


def _keep_manifest(
    project: Path, key: str, nodes: dict[str, Node], on_message: Callable[[str], None]
) -> None:
    """Keeps a manifest, and no more of the others than the latest."""
    path = manifest_file(project, key)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_whole(path, json.dumps(nodes).encode())
        kept = sorted(path.parent.glob("*.json"), key=lambda file: file.stat().st_mtime)
        for old in kept[:-MANIFESTS_KEPT]:
            old.unlink()
    except OSError as error:
        # A project that may only be read: dbt runs each time.
        on_message(f"dbt's manifest was not kept for the next run: {error}")


def _nodes_of(folder: Path, variables: Mapping[str, str], connection: Any) -> dict[str, Node]:
    """What is needed of the manifest of dbt's last run; nothing if dbt does what is not done here.

    It does not say which types dbt finds for the columns of a seed: the database does.
    """
    manifest = json.loads((folder / "target" / "manifest.json").read_text("utf-8"))
    seeds = {
        f"{schema}.{name}": sql.replace("CREATE TABLE", "create or replace table").rstrip(";")
        for schema, name, sql in connection.execute(
            "select schema_name, table_name, sql from duckdb_tables() "
            "where database_name = current_database()"
        ).fetchall()
    }
    nodes: dict[str, Node] = {}
    for node, about in (manifest["sources"] | manifest["nodes"]).items():
        kept = {name: about[name] for name in USED if about.get(name)}
        kept["config"] = {name: about["config"].get(name) for name in USED_OF_CONFIG}
        kept["columns"] = {name: one["data_type"] for name, one in about["columns"].items()}
        if node.startswith("seed."):
            kept["compiled_code"] = seeds[f"{about['schema']}.{about['alias']}"]
        constraints = [*about.get("constraints", ())]
        constraints += [x for column in about["columns"].values() for x in column["constraints"]]
        # Only a model in Python can be given other variables, which are paths.
        sql = kept.get("compiled_code", "") if about.get("language") != "python" else ""
        if (
            constraints
            or kept["config"]["materialized"] not in KINDS
            or any(about["config"].get(name) for name in UNSUPPORTED)
            or any(value in sql for value in variables.values())
        ):
            return {}
        nodes[node] = kept
    return nodes


def relation_of(node: Node) -> str:
    """A table or view within its database."""
    return f"{quoted(node['schema'])}.{quoted(node.get('alias') or node['identifier'])}"


def is_test(node: Node) -> bool:
    """Whether it only asks."""
    return node["config"]["materialized"] == "test"


def hash_of_rows(connection: Any, relation: str) -> str:
    """What the contents of a table are told by: their number and the sum of DuckDB's hashes."""
    return str(
        connection.execute(
            f"select count(*), sum(cast(hash(contents) as hugeint)) from {relation} as contents"
        ).fetchall()
    )


def _ask(connection: Any, test: Node) -> str | None:
    """What a test warns of; Failure if it does not hold."""
    config, calc = test["config"], test["config"]["fail_calc"]
    ((n_rows, warns, fails),) = connection.execute(
        f"select {calc}, {calc} {config['warn_if']}, {calc} {config['error_if']} "
        f"from (\n{test['compiled_code']}\n) as dbt_internal_test"
    ).fetchall()
    if fails and config["severity"].lower() == "error":
        raise Failure(dbt.warning(test, n_rows))
    return dbt.warning(test, n_rows) if warns else None


def _run_hooks(connection: Any, manifest: Manifest, when: str) -> None:
    for hook in manifest.hooks:
        if when in hook["tags"]:
            connection.execute(hook["compiled_code"])


def _objects_in(connection: Any) -> str:
    return hash_of([str(connection.execute(OBJECTS).fetchall())], {})


def _clear(connection: Any) -> None:
    """Leaves nothing in a database but what was landed and how runs went."""
    for schema, kind, name in connection.execute(OBJECTS).fetchall():
        connection.execute(f"drop {kind} if exists {quoted(schema)}.{quoted(name)} cascade")


def _read_keys(connection: Any, catalog: str) -> Keys:
    """What the last run has left on record in a database; nothing if there is none."""
    has_keys = connection.execute(
        "select count(*) from duckdb_tables() "
        "where (database_name, schema_name, table_name) = (?, 'ops', 'build_keys')",
        [catalog],
    ).fetchall() == [(1,)]
    rows = connection.execute(f"from {catalog}.ops.build_keys").fetchall() if has_keys else []
    return {node: (key, contents) for node, key, contents in rows}


def has_keys(database: Path) -> bool:
    """Whether a file holds a board of which there is a record."""
    import duckdb

    try:
        with connected(database, "board", "read_only") as connection:
            return bool(_read_keys(connection, "board"))
    except duckdb.Error:
        return False


def _write_keys(connection: Any, run: Run) -> None:
    """Puts on record what the database was made of, for the next run."""
    run.now["manifest"] = run.manifest.key, _objects_in(connection)
    connection.execute("create schema if not exists ops")
    lists = {"nodes": [*run.now], "keys": [key for key, _ in run.now.values()]}
    lists["contents"] = [contents for _, contents in run.now.values()]
    connection.execute(KEYS, lists)
    connection.execute(ABOUT_KEYS)
