"""What dbt did last time, repeated straight in DuckDB while nothing that dbt reads has changed.

Most of dbt's time goes into starting, parsing and bookkeeping; the statements it comes to are the
same until a file of the project or a version changes. They are kept as a plan below target/plans,
for every database, and a run with an unchanged key executes them in the order of dbt's graph,
tests included, two nodes at a time.
Whatever goes wrong on the way, a failing test too, is undone and left to dbt, which has the last
word on every fault. Where the database begins as a copy of the published one, what would come out
the same is left as it stands (`ipbr_rank.unchanged`). docs/decisions/0017-replay.md says more.
"""

import hashlib
import json
import re
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, closing
from graphlib import TopologicalSorter
from importlib.metadata import version
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from types import ModuleType
from typing import Any

from ingest.database import connected, literal, quoted
from ingest.hashing import hash_of
from ingest.land import SCHEMA
from ipbr_rank import dbt_run
from ipbr_rank.dbt_run import DbtRun
from ipbr_rank.disk import replace_whole
from ipbr_rank.unchanged import (
    BUILT,
    Contents,
    Unchanged,
    keep_landed,
    objects_in,
    read_memory,
    write_memory,
)
from ipbr_rank.verdicts import Result, write_verdict

# Below the project: what dbt makes of a project is the same for any place of the database.
PLANS = Path("target", "plans")
# One for each state of the project that was worked with lately.
PLANS_KEPT = 5
# Everything in a project that dbt reads, as dbt_project.yml names it; a test compares them.
FOLDERS = ("models", "macros", "seeds", "tests/dbt")
DISTRIBUTIONS = ("dbt-core", "dbt-adapters", "dbt-common", "dbt-duckdb", "duckdb")
# Statements that change nothing: they are not repeated, unless they are tests.
READING = ("select", "with", "from", "describe", "show", "explain")
# A node is one transaction, whatever dbt made of it.
TRANSACTION = ("begin", "commit", "rollback")
TEST = "test."
# In the statements of macros/build_verdicts.sql: a verdict is of one build alone.
OF_ONE_BUILD = "ops.build_verdicts"
# Nodes at once, as many as dbt's `threads` in profiles.yml.
WORKERS = 2


class _Departure(Exception):
    """A replay that cannot go on: dbt has to say what it is."""


def build(
    project: Path,
    database: Path,
    folder: Path,
    variables: dict[str, str],
    *,
    on_progress: Callable[[int, int, str], None],
    on_message: Callable[[str], None],
) -> DbtRun:
    """`dbt build` on `database`, which holds landed responses; see `dbt_run.build`.

    What else it holds is taken for the board of the last run, and checked. `folder` keeps what is
    known of that board. The outcome, errors included, is the same without it and without a plan.
    """
    key = key_of(project, variables)
    (folder / BUILT).unlink(missing_ok=True)
    plan = read_plan(project, database, key)
    before = read_memory(folder, key) if plan else None
    held = _objects(database)
    if before and held != before.objects:
        before = None
    if held and not before:
        keep_landed(database)
    if plan:
        try:
            run, unchanged = replay(plan, database, variables, before, on_progress, on_message)
        except _Departure as departure:
            on_message(f"not as dbt did it last time ({departure}): running dbt")
            keep_landed(database)
        else:
            write_memory(folder, key, unchanged)
            return run
    record = folder / "record.json"
    record.unlink(missing_ok=True)
    run = dbt_run.build(
        project,
        database,
        folder,
        variables,
        on_progress=on_progress,
        on_message=on_message,
        record=record,
    )
    # A file that was changed meanwhile may have been read before or after.
    if key == key_of(project, variables):
        recorded = json.loads(record.read_text("utf-8"))
        if plan := plan_of(recorded, dbt_run.nodes_of(folder), run, database, variables):
            write_plan(project, key, plan, on_message)
            write_memory(folder, key, remembered(plan, database, dbt_run.passed_tests(folder)))
    record.unlink()
    return run


def key_of(project: Path, variables: Collection[str]) -> str:
    """A hash of all that dbt's statements follow from, other than the landed tables' contents.

    The database's name stands in them, but is exchanged (`read_plan`), and so are the variables'
    values (`run_step`).
    """
    parts = [sys.version, *(f"{name} {version(name)}" for name in DISTRIBUTIONS), SCHEMA]
    parts += [str(project), *sorted(variables)]
    # This module and the one that records: a plan is read as it was written.
    files = [Path(__file__), Path(__file__).with_name("dbt_child.py")]
    files += sorted(path for path in project.iterdir() if path.suffix == ".yml" and path.is_file())
    for name in FOLDERS:
        files += sorted(path for path in (project / name).rglob("*") if path.is_file())
    return hash_of(parts, {str(path): path for path in files})


def plan_file(project: Path, key: str) -> Path:
    """Where the plan of that key is, if there is one."""
    return project / PLANS / f"{key[:16]}.json"


def read_plan(project: Path, database: Path, key: str) -> dict[str, Any] | None:
    """The plan of that key for `database`; None if there is none or the file is not whole."""
    try:
        head, body = plan_file(project, key).read_bytes().split(b"\n", 1)
    except (OSError, ValueError):
        return None
    if head != _head(key, body) or '"' in database.stem:
        return None
    plan = json.loads(body)
    recorded, ours = _catalog(plan["catalog"]), _catalog(database.stem)
    plan["steps"] = [[*step, text.replace(recorded, ours)] for *step, text in plan["steps"]]
    plan["relations"] = {
        node: relation.replace(recorded, ours) for node, relation in plan["relations"].items()
    }
    return plan


def _catalog(stem: str) -> str:
    """A database's name where dbt's statements name a table: "name"."schema"."table"."""
    return f'"{stem}"."'


def write_plan(
    project: Path, key: str, plan: dict[str, Any], on_message: Callable[[str], None]
) -> None:
    """Keeps a plan, and no more of the others than the latest."""
    body = json.dumps(plan).encode()
    path = plan_file(project, key)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_whole(path, _head(key, body) + b"\n" + body)
        plans = sorted(path.parent.glob("*.json"), key=lambda plan: plan.stat().st_mtime)
        for old in plans[:-PLANS_KEPT]:
            old.unlink()
    except OSError as error:
        # A project that may only be read: dbt runs each time.
        on_message(f"dbt's statements were not kept for the next run: {error}")


def _head(key: str, body: bytes) -> bytes:
    return f"{key} {hashlib.sha256(body).hexdigest()}".encode()


def plan_of(
    recorded: dict[str, Any],
    nodes: dict[str, Any],
    run: DbtRun,
    database: Path,
    variables: dict[str, str],
) -> dict[str, Any] | None:
    """The plan of a successful run; None if something in it cannot be repeated as it was."""
    steps = _by_node([step for step in recorded["steps"] if _is_repeated(*step)])
    tests = {node: nodes[node] for node, _, _ in steps if node.startswith(TEST)}
    if not recorded["is_complete"] or len(tests) != run.n_tests:
        return None
    # Only a Python model can be given other paths, and a schema of the database's name would be
    # taken for it.
    values = [*variables.values(), f".{_catalog(database.stem)}"]
    if any(value in text for _, language, text in steps if language == "sql" for value in values):
        return None
    return {
        "catalog": database.stem,
        "settings": recorded["settings"] or {},
        "steps": steps,
        "tests": {
            node: {
                "checked": dbt_run.checked(test),
                "is_error": test["config"]["severity"].lower() == "error",
            }
            for node, test in tests.items()
        },
        "n_models": run.n_models,
        "has_verdict": any(OF_ONE_BUILD in text for _, _, text in recorded["steps"]),
        "parents": {
            node: nodes[node]["depends_on"].get("nodes", [])
            for node, _, _ in steps
            if node in nodes
        },
        "relations": {
            node: entry["relation_name"]
            for node, entry in nodes.items()
            if entry["relation_name"] and not node.startswith(TEST)
        },
        "views": [
            node for node, entry in nodes.items() if entry["config"].get("materialized") == "view"
        ],
    }


def _by_node(steps: list[list[str]]) -> list[list[str]]:
    """The steps of each node together, where the last of them was: two threads mix them."""
    last = {node: place for place, (node, _, _) in enumerate(steps)}
    return sorted(steps, key=lambda step: last[step[0]])


def _objects(database: Path) -> list[str]:
    with connected(database, database.stem, "read_only") as connection:
        return objects_in(connection)


def remembered(plan: dict[str, Any], database: Path, passed: set[str]) -> Unchanged:
    """What there is to know of a board that dbt has built."""
    with connected(database, database.stem, "read_only") as connection:
        contents = Contents(plan)
        for node in plan["parents"]:
            if node in passed or not node.startswith(TEST):
                contents.note(connection, node)
        return contents.finish(connection)


def _is_repeated(node: str, language: str, text: str) -> bool:
    """Whether a recorded step changes the database or is the query of a test."""
    if OF_ONE_BUILD in text:
        return False
    if language == "python":
        return True
    if node.startswith(TEST) and verb(text) in READING:
        return "should_error" in text.lower()
    return verb(text) not in (*READING, *TRANSACTION)


def verb(statement: str) -> str:
    """The first word of a statement after its comments, in lower case."""
    bare = re.sub(r"\A(?:\s+|/\*.*?\*/|--[^\n]*)*", "", statement, flags=re.DOTALL)
    return re.split(r"\W", bare.lower(), maxsplit=1)[0]


def steps_of(plan: dict[str, Any]) -> dict[str, list[list[str]]]:
    """The steps of each node, nodes in the order of the plan."""
    return {node: list(steps) for node, steps in groupby(plan["steps"], itemgetter(0))}


def replay(
    plan: dict[str, Any],
    database: Path,
    variables: dict[str, str],
    before: Unchanged | None,
    on_progress: Callable[[int, int, str], None],
    on_message: Callable[[str], None],
) -> tuple[DbtRun, Unchanged]:
    """Runs the plan, each node in a transaction of its own; `_Departure` if anything fails.

    What `before` says to be as it would be made anew is not.
    """
    import duckdb

    nodes = steps_of(plan)
    contents = Contents(plan)
    warnings = []
    results = []
    n_kept = 0
    with ExitStack() as stack:
        # The file is nobody's until all is in it: a log of what is not yet written is no use.
        file = connected(database, database.stem, "recovery_mode no_wal_writes")
        connection = stack.enter_context(file)
        workers = [stack.enter_context(connection.cursor()) for _ in range(WORKERS)]
        for worker in workers:
            worker.execute(f"use {quoted(database.stem)}")
            for name, value in plan["settings"].items():
                worker.execute(f"set {name} = {literal(value)}")
        idle = [*workers]

        def run(node: str) -> tuple[bool, str | None, int]:
            worker = idle.pop()
            try:
                return _run_node(worker, node, nodes[node], plan, variables, contents, before)
            finally:
                idle.append(worker)

        def interrupt() -> None:
            for worker in workers:
                worker.interrupt()

        ended = stack.enter_context(closing(in_graph_order(plan, list(nodes), run, interrupt)))
        for done, (node, (is_kept, told, n_rows)) in enumerate(ended, start=1):
            n_kept += is_kept
            if told:
                warnings.append(told)
            if node in plan["tests"]:
                results.append(Result(node, "warn" if told else "pass", n_rows))
            on_progress(done, len(nodes), node.split(".")[2] if "." in node else node)
            on_message(f"{done} of {len(nodes)} {'unchanged' if is_kept else 'repeated'}: {node}")
        unchanged = contents.finish(connection)
        try:
            if plan["has_verdict"]:
                write_verdict(connection, results, len(plan["tests"]))
            connection.execute("checkpoint")
        except duckdb.Error as error:
            raise _Departure(f"writing the database: {error}") from error
    run_as_dbt = DbtRun(
        plan["n_models"], len(plan["tests"]), sorted(warnings), is_replayed=True, n_kept=n_kept
    )
    return run_as_dbt, unchanged


def in_graph_order(
    plan: dict[str, Any],
    nodes: list[str],
    run: Callable[[str], Any],
    interrupt: Callable[[], None],
) -> Iterator[tuple[str, Any]]:
    """Runs nodes as soon as all that they read is there, WORKERS at a time.

    Gives each with what `run` returned, when it has ended. Tables before tests, which nobody waits
    for; else in the order of the plan. What belongs to no node (making schemas, describing columns)
    waits for all before it, and all after it for it. Where the rest is not to be run, since one has
    failed or the generator is closed, `interrupt` is called for those that run.
    """
    graph: dict[str, Collection[str]] = {}
    barrier: list[str] = []
    for place, node in enumerate(nodes):
        if node in plan["parents"]:
            graph[node] = [*plan["parents"][node], *barrier]
        else:
            graph[node] = nodes[:place]
            barrier = [node]
    places = {node: (node.startswith(TEST), place) for place, node in enumerate(nodes)}
    sorter = TopologicalSorter(graph)
    sorter.prepare()
    ready: list[str] = []
    running: dict[Future[Any], str] = {}
    with ThreadPoolExecutor(WORKERS) as pool:
        try:
            while sorter.is_active():
                ready = sorted([*ready, *sorter.get_ready()], key=lambda node: places.get(node, ()))
                while ready and len(running) < WORKERS:
                    node = ready.pop(0)
                    if node in places:
                        running[pool.submit(run, node)] = node
                    else:
                        # A source: it was landed.
                        sorter.done(node)
                ended, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in ended:
                    node = running.pop(future)
                    yield node, future.result()
                    sorter.done(node)
        except BaseException:
            interrupt()
            raise


def _run_node(
    connection: Any,
    node: str,
    steps: list[list[str]],
    plan: dict[str, Any],
    variables: Mapping[str, str],
    contents: Contents,
    before: Unchanged | None,
) -> tuple[bool, str | None, int]:
    """Whether a node was left as it stands, what it warns of, and the rows that a test found."""
    told, n_rows = None, 0
    try:
        connection.begin()
        is_kept = before is not None and _is_kept(connection, contents, before, node, steps)
        if before is not None and not is_kept and (relation := plan["relations"].get(node)):
            connection.execute(f"drop table if exists {relation} cascade")
            contents.made_anew(node)
        for _, language, text in [] if is_kept else steps:
            found = run_step(connection, node, language, text, variables)
            if test := plan["tests"].get(node):
                told, n_rows = _told(test, found), found[0]
        if node in plan["parents"] and told is None:
            contents.note(connection, node)
        connection.commit()
    except _Departure:
        raise
    except Exception as error:
        raise _Departure(f"{node}: {error}") from error
    return is_kept, told, n_rows


def _is_kept(
    connection: Any, contents: Contents, before: Unchanged, node: str, steps: list[list[str]]
) -> bool:
    """A model in Python reads more than tables, and what belongs to no node is about all."""
    return (
        node in before.nodes
        and all(language == "sql" for _, language, _ in steps)
        and contents.is_kept(connection, node, before)
    )


def _told(test: dict[str, Any], found: tuple[int, bool, bool]) -> str | None:
    """What a test warns of; None if it passes, `_Departure` if it fails."""
    told = dbt_run.warning(test["checked"], found[0])
    match status(test, found):
        case "fail":
            raise _Departure(told)
        case "warn":
            return told
    return None


def run_step(
    connection: Any, node: str, language: str, text: str, variables: Mapping[str, str]
) -> Any:
    """Executes one step; the single row that a test's query gives.

    What a Python model is configured with comes from `variables`, as far as it is named like them.
    """
    if language == "sql":
        executed = connection.execute(text)
        return executed.fetchall()[0] if node.startswith(TEST) else None
    # As dbt-duckdb does it with the code that dbt has made of the model's file.
    module = ModuleType(node)
    exec(text, module.__dict__)
    for name in module.config_dict.keys() & variables.keys():
        module.config_dict[name] = variables[name]
    relation = module.model(module.dbtObj(connection.table), connection)
    module.materialize(relation, connection)
    return None


def status(test: dict[str, Any], found: tuple[int, bool, bool]) -> str:
    """pass, warn or fail, as dbt takes what a test's query gives."""
    _, should_warn, should_error = found
    if test["is_error"] and should_error:
        return "fail"
    return "warn" if should_warn else "pass"
