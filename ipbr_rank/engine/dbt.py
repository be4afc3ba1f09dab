"""Runs dbt on one database as a child process and tells in plain words how it went.

The child never outlives its parent: `python -m ipbr_rank.engine.dbt build …`. The parent holds the
other end of its standard input; when it goes away, however it dies, the pipe closes and the child
ends at once, so that no orphan works on the next run's database.
"""

import errno
import json
import os
import select
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from base.errors import InvariantError, IpbrError

SHOWN_FAILURES = 5
SHOWN_ROWS = 3
SHOWN_LINES = 12
NO_SPACE = os.strerror(errno.ENOSPC)


@dataclass(frozen=True)
class Built:
    """What a successful build did."""

    n_models: int
    n_tests: int
    warnings: list[str] = field(default_factory=list)
    """Tests of warn severity that found something, one line each, in alphabetical order."""
    passed: frozenset[str] = frozenset()
    """The unique ids of the tests that found nothing."""
    is_by_dbt: bool = True
    """False where its manifest was run without it, since nothing that it reads had changed."""
    n_kept: int = 0
    """Tables, views and tests that were not repeated either, since they would be the same."""


def build(
    project: Path,
    database: Path,
    folder: Path,
    variables: dict[str, str],
    *,
    only: str | None = None,
    on_progress: Callable[[int, int, str], None],
    on_message: Callable[[str], None],
) -> Built:
    """Runs `dbt build` without unit tests on `database`; artefacts go into `folder`.

    With `only`, a selection of dbt's, it builds those nodes, and runs no tests.
    `on_progress(done, total, name)` is called when a node has ended, `on_message` with every line
    of dbt's log. Raises InvariantError for failing data tests, IpbrError for anything else that
    went wrong.
    """
    target, logs = folder / "target", folder / "logs"
    results_file = target / "run_results.json"
    results_file.unlink(missing_ok=True)
    arguments = ["build", "--exclude-resource-type", "unit_test"]
    if only:
        arguments += ["--exclude-resource-type", "test", "--select", only]
    arguments += ["--project-dir", str(project), "--profiles-dir", str(project)]
    arguments += ["--target-path", str(target), "--log-path", str(logs)]
    arguments += ["--vars", json.dumps(variables), "--no-use-colors"]
    # What a node logs below that takes a tenth of the time; its SQL is in the target folder anyway.
    arguments += ["--log-format", "json", "--log-format-file", "text", "--log-level-file", "info"]
    # A caller's own dbt settings must not change the board.
    environment = {key: value for key, value in os.environ.items() if not key.startswith("DBT_")}
    environment |= {"IPBR_DATABASE": str(database), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
    with subprocess.Popen(
        [sys.executable, "-m", "ipbr_rank.engine.dbt", *arguments],
        cwd=project,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        # An interrupt at the keyboard reaches this process alone, which then stops dbt.
        start_new_session=True,
    ) as child:
        try:
            errors = _follow(child, on_progress, on_message)
            exit_code = child.wait()
        finally:
            child.kill()
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
        counted = "1 node" if len(broken) == 1 else f"{len(broken)} nodes"
        raise IpbrError(_failure(f"dbt could not build {counted}", messages, logs))
    nodes = json.loads((target / "manifest.json").read_text("utf-8"))["nodes"]
    if failing:
        raise InvariantError(_violations(failing, nodes, project, database))
    if exit_code:
        raise IpbrError(_failure(f"dbt ended with exit code {exit_code}", errors, logs))
    kinds = [result["unique_id"].split(".")[0] for result in results]
    return Built(
        n_models=kinds.count("model"),
        n_tests=kinds.count("test"),
        warnings=sorted(
            warning(nodes[result["unique_id"]], result["failures"])
            for result in results
            if result["status"] == "warn"
        ),
        passed=frozenset(r["unique_id"] for r in results if r["status"] == "pass"),
    )


def warning(test: dict[str, Any], n_rows: int) -> str:
    """What a test found, with what it checks as far as it says."""
    description = " ".join((test.get("description") or "").split())
    checked = f"{test['name']} ({description})" if description else test["name"]
    return f"{checked}: 1 row" if n_rows == 1 else f"{checked}: {n_rows} rows"


def _follow(
    child: subprocess.Popen[bytes],
    on_progress: Callable[[int, int, str], None],
    on_message: Callable[[str], None],
) -> list[str]:
    """Reads dbt's log to its end; returns what went wrong in dbt's words, else in Python's."""
    errors: list[str] = []
    others: list[str] = []
    done = 0
    for line in child.stdout or ():
        text = line.decode("utf-8", "replace").rstrip()
        try:
            event = json.loads(text)
            said, level = str(event["info"]["msg"]).strip(), event["info"]["level"]
        except (ValueError, TypeError, KeyError):
            # No event of dbt, but a line of a traceback, say.
            others += [text] if text else []
            said, level, event = text, "", {}
        if said:
            on_message(said)
            errors += [said] if level == "error" else []
        # The events that end a node: of a model with "total", of a test with "num_models".
        data = event.get("data", {})
        total = data.get("total", data.get("num_models"))
        if total and data.get("node_info", {}).get("node_status", "started") != "started":
            done += 1
            on_progress(done, total, data["node_info"]["node_name"])
    return errors or others


def _failure(what: str, messages: list[str], logs: Path) -> str:
    """A failure of dbt itself: its own words, cut to what fits on a screen."""
    lines = [line for message in messages for line in message.splitlines() if line.strip()]
    shown = lines[:SHOWN_LINES]
    if len(lines) > SHOWN_LINES:
        shown.append(f"… and {len(lines) - SHOWN_LINES} more lines")
    told = "".join(f"\n  {line.rstrip()}" for line in shown)
    return f"{what}; nothing was published{told}\n  full output of dbt: {logs / 'dbt.log'}"


def _violations(
    failing: list[dict[str, Any]], nodes: dict[str, Any], project: Path, database: Path
) -> str:
    """Names each failing test, what it checks, how many rows fail and how to see them."""
    counted = "1 data invariant" if len(failing) == 1 else f"{len(failing)} data invariants"
    lines = [f"{counted} failed; nothing was published"]
    for result in failing[:SHOWN_FAILURES]:
        node = nodes[result["unique_id"]]
        lines.append(f"  {warning(node, result['failures'])}")
        lines += [f"    {row}" for row in _sample(database, node["compiled_code"])]
        lines.append(f"    for all rows, run the query in {project / node['compiled_path']}")
    if len(failing) > SHOWN_FAILURES:
        lines.append(f"  and {len(failing) - SHOWN_FAILURES} more")
    lines.append(f"  the database built so far: {database}")
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


@contextmanager
def ends_with_parent() -> Iterator[None]:
    """While inside, the end of standard input ends the process, without any clean-up."""
    finished, finish = os.pipe()

    def watch() -> None:
        readable, _, _ = select.select([sys.stdin.fileno(), finished], [], [])
        if finished not in readable:
            os._exit(1)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        # A thread that still waits would keep DuckDB from tidying up when the process ends.
        os.close(finish)
        watcher.join()


if __name__ == "__main__":
    with ends_with_parent():
        from dbt.cli.main import cli

        cli()
