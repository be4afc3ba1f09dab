"""Runs dbt's own manifest straight in DuckDB, as far as it differs from what is there.

dbt comes to the same statements until a file of the project or a version changes: the manifest of
a successful run is kept, for every database, and run without dbt until then. A node is made anew
where its key differs, a hash over what it reads; a table is told by its rows, so what comes out as
it was is not followed any further. The keys stand in the database, as `ops.build_keys`. Whatever
goes wrong, a failing test too, is undone and left to dbt, which has the last word on every fault.
docs/decisions/0059-the-manifest-is-run.md says more.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, closing
from graphlib import TopologicalSorter
from pathlib import Path
from types import ModuleType
from typing import Any

from base.files import hash_of
from base.sql import connected, literal, quoted
from ipbr_rank.engine import dbt
from ipbr_rank.engine.manifest import (
    Manifest,
    Node,
    keep_manifest,
    key_of,
    manifest_of,
    read_manifest,
)
from ipbr_rank.engine.verdicts import Result, write_verdict

# As in profiles.yml, of which the manifest says nothing: DuckDB's settings, and nodes at once.
SETTINGS, WORKERS = "set TimeZone = 'UTC'", 2
# Without a limit, scoring and drawing take twice as much; within it, DuckDB spills to disk.
MEMORY = "set memory_limit = '270MB'"
# Everything in a database but how runs went and what was landed.
OBJECTS = """
select if(table_type = 'VIEW', 'view', 'table'), table_schema, table_name
from information_schema.tables
where table_catalog = current_database() and table_schema not in ('ops', 'raw')
union all
select distinct if(function_type = 'macro', 'macro', 'macro table'), schema_name, function_name
from duckdb_functions() where database_name = current_database() and not internal
order by all
"""
KEYS = """
create schema if not exists ops;
create or replace table ops.build_keys (node varchar primary key, key varchar, contents varchar);
comment on table ops.build_keys is
'One row per node of dbt and one for its manifest: a hash over all that it was made from, and what
its contents are told by. What the next run would make the same it leaves alone';
"""
# By node its key and what its contents are told by; by "manifest" its key and all objects.
Keys = dict[str, tuple[str, str]]


class Failure(Exception):  # noqa: N818 of a test, no fault of the program
    """A test that does not hold, or several."""


class Rebuild:
    """Nodes made on a database, as far as they are not as they were `before`.

    Two threads may make nodes at a time, each with a connection of its own. Where the tables of
    before are not `trusted`, one that somebody has edited is made anew, too.
    """

    def __init__(
        self, nodes: Mapping[str, Node], variables: Mapping[str, str], before: Keys, trusted: bool
    ) -> None:
        self.nodes, self.variables, self.before, self.trusted = nodes, variables, before, trusted
        self.now: Keys = {}

    def key(self, node: str) -> str:
        """A hash over all that a node reads: contents of tables, and of files."""
        read = sorted(self.nodes[node]["parents"])
        texts = [f"{one} {(self.now.get(one) or self.before[one])[1]}" for one in read]
        files = self.variables.items() if self.nodes[node]["kind"] == "python" else ()
        return hash_of(texts, {f"{name} {path}": Path(path) for name, path in files})

    def note(self, connection: Any, node: str) -> None:
        """A node has ended well: its table stands, or its test has passed."""
        about, key = self.nodes[node], self.key(node)
        has_rows = about["kind"] not in ("view", "test")
        self.now[node] = key, hash_of_rows(connection, about["relation"]) if has_rows else key

    def make(self, connection: Any, node: str) -> tuple[bool, int]:
        """Whether a node was left as it stands, and the rows it warns of; Failure if it fails."""
        about, before = self.nodes[node], self.before.get(node)
        if before and before[0] == self.key(node):
            if self.trusted:
                self.now[node] = before
            else:
                self.note(connection, node)
            if self.now[node] == before:
                return True, 0
        n_warned = self._execute(connection, about)
        if not n_warned:
            self.note(connection, node)
        return False, n_warned

    def _execute(self, connection: Any, about: Node) -> int:
        """`execute`; a statement that does not fit into memory is given all that there is."""
        import duckdb

        try:
            return execute(connection, about, self.variables)
        except duckdb.OutOfMemoryException:
            connection.execute("reset memory_limit")
            return execute(connection, about, self.variables)


def execute(connection: Any, node: Node, variables: Mapping[str, str]) -> int:
    """Makes a table or view as dbt-duckdb does; the rows that a test warns of, Failure if it fails.

    What a model in Python is configured with comes from the variables, if it is named like one.
    """
    if node["kind"] == "python":
        module: Any = ModuleType(node["name"])
        exec(node["sql"], module.__dict__)  # noqa: S102 the project's own model
        for name in module.config_dict.keys() & variables.keys():
            module.config_dict[name] = variables[name]
        connection.register("made", module.model(module.dbtObj(connection.table), connection))
        connection.execute(f"create or replace table {node['relation']} as from made")
        connection.unregister("made")
        connection.execute(node["comment"])
    elif node["kind"] == "test":
        ((n_rows, warns, fails),) = connection.execute(node["sql"]).fetchall()
        if fails and node["severity"].lower() == "error":
            raise Failure(dbt.warning(node, n_rows))
        return n_rows if warns else 0
    else:
        connection.execute(node["sql"])
    return 0


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
    included, is the same without it and without a manifest. Where DuckDB spills, a Workspace has
    told it before.
    """
    key = key_of(project)
    if manifest := read_manifest(project, key):
        try:
            return _build(manifest, project, database, variables, on_progress, on_message)
        except Exception as error:
            on_message(f"cannot build without dbt ({error}), so dbt is started")
    with connected(database, "board") as connection:
        _clear(connection)
    built = dbt.build(
        project, database, folder, variables, on_progress=on_progress, on_message=on_message
    )
    with connected(database, "board") as connection:
        manifest = manifest_of(folder, key, variables, connection)
        # A file that was changed meanwhile may have been read before or after.
        if manifest and key == key_of(project):
            keep_manifest(project, manifest, on_message)
            rebuild = Rebuild(manifest.nodes, variables, {}, False)
            for node, about in manifest.nodes.items():
                if about["kind"] != "test" or node in built.passed:
                    rebuild.note(connection, node)
            _write_keys(connection, key, rebuild.now)
    return built


def _build(
    manifest: Manifest,
    project: Path,
    database: Path,
    variables: dict[str, str],
    on_progress: Callable[[int, int, str], None],
    on_message: Callable[[str], None],
) -> dbt.Built:
    """Makes every node, each as soon as all that it reads is there and tables before tests."""
    nodes = manifest.nodes
    kinds = [node.split(".")[0] for node in nodes]
    total, done, n_kept = len(nodes) - kinds.count("source"), 0, 0
    warnings: list[str] = []
    results: list[Result] = []
    before = read_keys(database)
    with ExitStack() as stack:
        # The file is nobody's until all is in it: a log of what is not yet written is no use.
        file = connected(database, "board", "recovery_mode no_wal_writes")
        connection = stack.enter_context(file)
        connection.execute(MEMORY)
        stack.callback(connection.execute, "reset memory_limit")
        workers = [stack.enter_context(connection.cursor()) for _ in range(WORKERS)]
        for worker in (connection, *workers):
            worker.execute(f"use board; {SETTINGS}; set file_search_path = {literal(project)}")
        if before.get("manifest") != (manifest.key, _objects_in(connection)):
            _clear(connection)
            before = {}
        rebuild = Rebuild(nodes, variables, before, False)
        for schema in manifest.schemas:
            connection.execute(f"create schema if not exists {schema}")
        made = stack.enter_context(closing(_made(rebuild, nodes, workers)))
        for node, is_kept, n_warned in made:
            about = nodes[node]
            if about["kind"] == "source":
                continue
            done, n_kept = done + 1, n_kept + is_kept
            warnings += [dbt.warning(about, n_warned)] if n_warned else []
            if about["kind"] == "test":
                results.append(Result(node, "warn" if n_warned else "pass", n_warned))
            on_progress(done, total, about["name"])
            on_message(f"{done} of {total} {'unchanged' if is_kept else 'made'}: {node}")
        if n_kept < total:
            for statement in manifest.at_end:
                connection.execute(statement)
        write_verdict(connection, results, len(results))
        _write_keys(connection, manifest.key, rebuild.now)
        connection.execute("checkpoint")
    return dbt.Built(
        kinds.count("model"), kinds.count("test"), sorted(warnings), is_by_dbt=False, n_kept=n_kept
    )


def _made(
    rebuild: Rebuild, nodes: Mapping[str, Node], workers: Sequence[Any]
) -> Generator[tuple[str, bool, int], None, None]:
    """Has the workers make all nodes; of each, when it is there, whether it was kept as it stood
    and how many rows it warns of. What fails interrupts the others, and so does closing this."""
    sorter = TopologicalSorter({node: about["parents"] for node, about in nodes.items()})
    sorter.prepare()
    ready: list[str] = []
    running: dict[Future[tuple[bool, int]], tuple[str, Any]] = {}
    idle = [*workers]
    with ThreadPoolExecutor(WORKERS) as pool:
        try:
            while sorter.is_active():
                ready += sorter.get_ready()
                ready.sort(key=lambda node: nodes[node]["kind"] == "test")
                while ready and idle:
                    node, worker = ready.pop(0), idle.pop()
                    running[pool.submit(rebuild.make, worker, node)] = node, worker
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    node, worker = running.pop(future)
                    is_kept, n_warned = future.result()
                    idle.append(worker)
                    sorter.done(node)
                    yield node, is_kept, n_warned
        except BaseException:
            for worker in workers:
                worker.interrupt()
            raise


def hash_of_rows(connection: Any, relation: str) -> str:
    """What the contents of a table are told by: their number and the sum of DuckDB's hashes."""
    return str(
        connection.execute(
            f"select count(*), sum(cast(hash(contents) as hugeint)) from {relation} as contents"
        ).fetchall()
    )


def _objects_in(connection: Any) -> str:
    return hash_of([str(connection.execute(OBJECTS).fetchall())], {})


def _clear(connection: Any) -> None:
    """Leaves nothing in a database but what was landed and how runs went."""
    for kind, schema, name in connection.execute(OBJECTS).fetchall():
        connection.execute(f"drop {kind} if exists {quoted(schema)}.{quoted(name)} cascade")


def read_keys(database: Path) -> Keys:
    """What the last run has left on record in a database; nothing if there is no such record."""
    import duckdb

    try:
        with connected(database, "board", "read_only") as connection:
            rows = connection.execute("from ops.build_keys").fetchall()
            return {node: (key, contents) for node, key, contents in rows}
    except duckdb.Error:
        return {}


def _write_keys(connection: Any, key: str, keys: Keys) -> None:
    """Puts on record what the database was made of, for the next run."""
    keys["manifest"] = key, _objects_in(connection)
    connection.execute(KEYS)
    connection.execute(
        "insert into ops.build_keys select unnest($nodes), unnest($keys), unnest($contents)",
        {
            "nodes": [*keys],
            "keys": [key for key, _ in keys.values()],
            "contents": [contents for _, contents in keys.values()],
        },
    )
