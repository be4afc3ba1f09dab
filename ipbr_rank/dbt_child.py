"""dbt as a child process that never outlives its parent: `python -m ipbr_rank.dbt_child build …`.

The parent holds the other end of standard input. When it goes away, however it dies, the pipe
closes and this process ends at once, so that no orphan works on the next run's database.
With IPBR_RECORD it writes what dbt had DuckDB do into that file, for `ipbr_rank.replay`.
"""

import json
import os
import select
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


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


@contextmanager
def recorded(file: Path, context: dict[str, Any]) -> Iterator[None]:
    """Writes every statement and Python model that dbt runs inside into `file`, as JSON.

    `steps` are [node or connection, "sql" or "python", text] in the order in which dbt began them,
    so that each comes after all that it reads; `settings` are DuckDB's, of the profile.
    A statement with values of its own cannot be written down: `is_complete` is then false.
    `context` is dbt's own, filled by it while it runs.
    """
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager as Manager
    from dbt.adapters.duckdb.environments.local import LocalEnvironment as Environment

    steps: list[tuple[str, str, str]] = []
    bound: list[str] = []
    add_query, submit = Manager.add_query, Environment.submit_python_job

    def add_query_recorded(
        manager: Any,
        sql: str,
        auto_begin: bool = True,
        bindings: Any = None,
        *others: Any,
        **more: Any,
    ) -> Any:
        if bindings:
            bound.append(sql)
        steps.append((manager.get_thread_connection().name, "sql", sql))
        return add_query(manager, sql, auto_begin, bindings, *others, **more)

    def submit_recorded(environment: Any, handle: Any, model: dict[str, Any], code: str) -> Any:
        steps.append((model["unique_id"], "python", code))
        return submit(environment, handle, model, code)

    Manager.add_query, Environment.submit_python_job = add_query_recorded, submit_recorded
    try:
        yield
    finally:
        Manager.add_query, Environment.submit_python_job = add_query, submit
        settings = context["profile"].credentials.settings if "profile" in context else None
        content = {"settings": settings, "is_complete": not bound, "steps": steps}
        file.write_text(json.dumps(content), "utf-8")


if __name__ == "__main__":
    with ends_with_parent():
        from dbt.cli.main import cli

        # dbt puts its own into it, if it is not empty.
        context: dict[str, Any] = {"callbacks": []}
        if record := os.environ.pop("IPBR_RECORD", None):
            with recorded(Path(record), context):
                cli(obj=context)
        else:
            cli()
