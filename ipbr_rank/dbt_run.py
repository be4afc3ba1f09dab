"""Runs dbt on one database and tells in plain words how it went."""

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ingest.errors import InvariantError, IpbrError

SHOWN_FAILURES = 5
SHOWN_ROWS = 3
SHOWN_LINES = 12
NO_SPACE = os.strerror(errno.ENOSPC)


@dataclass(frozen=True)
class DbtRun:
    """What a successful build did."""

    n_models: int
    n_tests: int
    warnings: list[str] = field(default_factory=list)
    """Tests of warn severity that found something, one line each, in alphabetical order."""
    is_replayed: bool = False
    """Whether dbt itself did not run, since nothing that it reads had changed."""
    n_kept: int = 0
    """Tables, views and tests that were not repeated either, since they would be the same."""


def build(
    project: Path,
    database: Path,
    folder: Path,
    variables: dict[str, str],
    *,
    select: str | None = None,
    on_progress: Callable[[int, int, str], None],
    on_message: Callable[[str], None],
    record: Path | None = None,
) -> DbtRun:
    """Runs `dbt build` without unit tests on `database`; artefacts go into `folder`.

    With `select` it builds those nodes only, and runs no tests. With `record` what dbt did is
    written there.
    `on_progress(done, total, name)` is called when a node has ended, `on_message` with every line
    of dbt's log. Raises InvariantError for failing data tests, IpbrError for anything else that
    went wrong.
    """
    target, logs = folder / "target", folder / "logs"
    results_file = target / "run_results.json"
    results_file.unlink(missing_ok=True)
    arguments = ["build", "--exclude-resource-type", "unit_test"]
    if select:
        arguments += ["--exclude-resource-type", "test", "--select", select]
    arguments += ["--project-dir", str(project), "--profiles-dir", str(project)]
    arguments += ["--target-path", str(target), "--log-path", str(logs)]
    arguments += ["--vars", json.dumps(variables), "--no-use-colors"]
    # What a node logs below that takes a tenth of the time; its SQL is in the target folder anyway.
    arguments += ["--log-format", "json", "--log-format-file", "text", "--log-level-file", "info"]
    with _started(project, database, arguments, record) as child:
        errors = _follow(child, on_progress, on_message)
        exit_code = child.wait()
    if exit_code and any(NO_SPACE in error for error in errors):
        raise IpbrError(f"building {database}: {NO_SPACE}; nothing was published")
    # The file is written last: where it is missing, dbt stopped before the first node.
    if not results_file.exists():
        raise IpbrError(_failure("dbt stopped before it built anything", errors, logs))
    results = json.loads(results_file.read_text("utf-8"))["results"]
    broken = [result for result in results if result["status"] in ("error", "runtime error")]
    failing = [result for result in results if result["status"] == "fail"]
    if broken:
        messages = [result["message"] or result["unique_id"] for result in broken]
        raise IpbrError(_failure(f"dbt could not build {_counted(broken)}", messages, logs))
    nodes = nodes_of(folder) if failing or any(r["status"] == "warn" for r in results) else {}
    if failing:
        raise InvariantError(_violations(failing, nodes, project, database))
    if exit_code:
        raise IpbrError(_failure(f"dbt ended with exit code {exit_code}", errors, logs))
    kinds = [result["unique_id"].split(".")[0] for result in results]
    return DbtRun(
        n_models=kinds.count("model"),
        n_tests=kinds.count("test"),
        warnings=sorted(
            warning(checked(nodes[result["unique_id"]]), result["failures"])
            for result in results
            if result["status"] == "warn"
        ),
    )


def checked(node: dict[str, Any]) -> str:
    """A test by name, with what it checks as far as it says."""
    description = " ".join((node.get("description") or "").split())
    return f"{node['name']} ({description})" if description else node["name"]


def warning(test: str, n_rows: int) -> str:
    """What a test of warn severity found."""
    return f"{test}: 1 row" if n_rows == 1 else f"{test}: {n_rows} rows"


def nodes_of(folder: Path) -> dict[str, Any]:
    """Nodes and sources of the last run in `folder` by their unique id, from dbt's manifest."""
    manifest = json.loads((folder / "target" / "manifest.json").read_text("utf-8"))
    return manifest["nodes"] | manifest["sources"]


def passed_tests(folder: Path) -> set[str]:
    """The unique ids of the tests that found nothing in the last run in `folder`."""
    results = json.loads((folder / "target" / "run_results.json").read_text("utf-8"))["results"]
    return {result["unique_id"] for result in results if result["status"] == "pass"}


@contextmanager
def _started(
    project: Path, database: Path, arguments: list[str], record: Path | None
) -> Iterator[subprocess.Popen[bytes]]:
    """dbt as a running child; on the way out it is stopped if it still runs."""
    # A caller's own dbt settings must not change the board.
    environment = {key: value for key, value in os.environ.items() if not key.startswith("DBT_")}
    environment |= {"IPBR_DATABASE": str(database), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
    environment |= {"IPBR_RECORD": str(record)} if record else {}
    with subprocess.Popen(
        [sys.executable, "-m", "ipbr_rank.dbt_child", *arguments],
        cwd=project,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        # An interrupt at the keyboard reaches this process alone, which then stops dbt.
        start_new_session=True,
    ) as child:
        try:
            yield child
        finally:
            if child.poll() is None:
                child.kill()


def _follow(
    child: subprocess.Popen[bytes],
    on_progress: Callable[[int, int, str], None],
    on_message: Callable[[str], None],
) -> list[str]:
    """Reads dbt's log to its end; returns what went wrong in dbt's words, else in Python's."""
    errors: list[str] = []
    unstructured: list[str] = []
    done = 0
    for event in _events(child):
        if isinstance(event, str):
            unstructured.append(event)
            on_message(event)
            continue
        data, info = event.get("data", {}), event["info"]
        if text := str(info["msg"]).strip():
            on_message(text)
            if info["level"] == "error":
                errors.append(text)
        # The events that end a node: of a model with "total", of a test with "num_models".
        total = data.get("total", data.get("num_models"))
        if total and data.get("node_info", {}).get("node_status", "started") != "started":
            done += 1
            on_progress(done, total, data["node_info"]["node_name"])
    return errors or unstructured


def _events(child: subprocess.Popen[bytes]) -> Iterator[dict[str, Any] | str]:
    """dbt's log events as they come; a line that is none, such as of a traceback, as text."""
    assert child.stdout
    for line in child.stdout:
        text = line.decode("utf-8", "replace").rstrip()
        try:
            event = json.loads(text)
        except ValueError:
            event = None
        if isinstance(event, dict) and {"msg", "level"} <= event.get("info", {}).keys():
            yield event
        elif text:
            yield text


def _counted(nodes: list[dict[str, Any]]) -> str:
    return "1 node" if len(nodes) == 1 else f"{len(nodes)} nodes"


def _failure(what: str, messages: list[str], logs: Path) -> str:
    """A failure of dbt itself: its own words, cut to what fits on a screen."""
    lines = [line for message in messages for line in message.splitlines() if line.strip()]
    shown = lines[:SHOWN_LINES]
    if len(lines) > SHOWN_LINES:
        shown.append(f"… and {len(lines) - SHOWN_LINES} more lines")
    told = "".join(f"\n  {line.rstrip()}" for line in shown)
    return f"{what}; nothing was published{told}\n  everything dbt said: {logs / 'dbt.log'}"


def _violations(
    failing: list[dict[str, Any]], nodes: dict[str, Any], project: Path, database: Path
) -> str:
    """Names each failing test, what it checks, how many rows fail and how to see them."""
    counted = "1 data invariant" if len(failing) == 1 else f"{len(failing)} data invariants"
    lines = [f"{counted} failed; nothing was published"]
    for result in failing[:SHOWN_FAILURES]:
        node = nodes[result["unique_id"]]
        lines.append(f"  {warning(checked(node), result['failures'])}")
        lines += [f"    {row}" for row in _sample(database, node["compiled_code"])]
        lines.append(f"    all of them: the query in {project / node['compiled_path']}")
    if len(failing) > SHOWN_FAILURES:
        lines.append(f"  and {len(failing) - SHOWN_FAILURES} more")
    lines.append(f"  the database as it was built: {database}")
    return "\n".join(lines)


def _sample(database: Path, query: str) -> list[str]:
    """The first failing rows as `column value` pairs; none if they cannot be read."""
    import duckdb

    try:
        with duckdb.connect(str(database), read_only=True) as connection:
            found = connection.sql(f"select * from (\n{query}\n) limit {SHOWN_ROWS}")
            return [
                ", ".join(
                    f"{name} {value!r}" for name, value in zip(found.columns, row, strict=True)
                )
                for row in found.fetchall()
            ]
    except duckdb.Error:
        return []
