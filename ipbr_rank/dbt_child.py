"""dbt as a child process that never outlives its parent: `python -m ipbr_rank.dbt_child build …`.

The parent holds the other end of standard input. When it goes away, however it dies, the pipe
closes and this process ends at once, so that no orphan works on the next run's database.
"""

import os
import select
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager


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
