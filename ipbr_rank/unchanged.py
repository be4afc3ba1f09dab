"""What a replay need not do again, since all it follows from is as it was.

A run begins with a copy of the published database. A table is left as it stands there if the tables
that its statement reads have the contents that they had, and it has the contents that it was left
with; a test is not repeated if it passed on the contents that it would read. What is remembered is
hashes of contents, beside the plan, so a database that someone else has changed, or another one, is
told by them. docs/decisions/0017-replay.md says more.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingest.database import literal
from ipbr_rank.disk import replace_whole

if TYPE_CHECKING:
    import duckdb

MEMORY = "unchanged.json"
# The same of a database that is not yet published.
BUILT = "built.json"
# What is not dbt's work: the runs' own record, and what is landed anew by every run.
OF_OTHERS = "('ops', 'raw')"


@dataclass
class Unchanged:
    """The contents behind a board: of relations by name, and what each node was made from."""

    contents: dict[str, str] = field(default_factory=dict)
    nodes: dict[str, str] = field(default_factory=dict)
    objects: list[str] = field(default_factory=list)
    """Everything that the database holds of dbt."""


def read_memory(folder: Path, key: str) -> Unchanged | None:
    """What was remembered under that key of a plan; None if nothing was, or it does not read."""
    try:
        memory = json.loads((folder / MEMORY).read_bytes())
        return Unchanged(**memory["unchanged"]) if memory["key"] == key else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_memory(folder: Path, key: str, unchanged: Unchanged) -> None:
    """Remembers it of the database that is being built; see `keep_memory`."""
    body = json.dumps({"key": key, "unchanged": vars(unchanged)}).encode()
    replace_whole(folder / BUILT, body)


def keep_memory(folder: Path) -> None:
    """The database was published: what was written of it is what the next run begins with."""
    if (folder / BUILT).is_file():
        (folder / BUILT).replace(folder / MEMORY)


def hash_of_rows(connection: "duckdb.DuckDBPyConnection", relation: str) -> str:
    """What the contents of a table are told by: their number and the sum of DuckDB's hashes."""
    rows = connection.execute(
        f"select count(*), sum(cast(hash(contents) as hugeint)) from {relation} as contents"
    ).fetchall()
    return str(rows)


class Contents:
    """What the nodes of a plan read, as hashes, while a database is built.

    Nodes may be asked for by two threads at a time, each with a connection of its own.
    """

    def __init__(self, plan: dict[str, Any]) -> None:
        self._parents: dict[str, list[str]] = plan["parents"]
        self._relations: dict[str, str] = plan["relations"]
        self._views = frozenset(plan["views"])
        self._hashes: dict[str, str] = {}
        self.now = Unchanged()

    def read_by(self, connection: "duckdb.DuckDBPyConnection", node: str) -> str:
        """A hash over all that a node reads."""
        found = sorted(f"{parent} {self._of(connection, parent)}" for parent in self._parents[node])
        return hashlib.sha256("\n".join(found).encode()).hexdigest()

    def is_kept(
        self, connection: "duckdb.DuckDBPyConnection", node: str, before: Unchanged
    ) -> bool:
        """Whether its table stands there as this run would make it; a test: whether it passes."""
        if node in self._views:
            # It holds nothing of its own.
            return node in before.nodes
        if before.nodes.get(node) != self.read_by(connection, node):
            return False
        if node not in self._relations:
            return True
        return before.contents.get(node) == self._of(connection, node)

    def made_anew(self, node: str) -> None:
        """Its table is no longer the one that may have been looked at."""
        self._hashes.pop(node, None)

    def note(self, connection: "duckdb.DuckDBPyConnection", node: str) -> None:
        """A node has ended well: its table stands, or its test has passed."""
        self.now.nodes[node] = self.read_by(connection, node)
        if node in self._relations and node not in self._views:
            self.now.contents[node] = self._of(connection, node)

    def finish(self, connection: "duckdb.DuckDBPyConnection") -> Unchanged:
        """All that was noted."""
        self.now.objects = objects_in(connection)
        return self.now

    def _of(self, connection: "duckdb.DuckDBPyConnection", node: str) -> str:
        if node not in self._hashes:
            if node in self._views:
                self._hashes[node] = self.read_by(connection, node)
            else:
                self._hashes[node] = hash_of_rows(connection, self._relations[node])
        return self._hashes[node]


def objects_in(connection: "duckdb.DuckDBPyConnection") -> list[str]:
    """Tables, views and functions of the current database, without those of OF_OTHERS."""
    rows = connection.execute(
        "select 'table', schema_name, table_name from duckdb_tables() "
        f"where database_name = current_database() and schema_name not in {OF_OTHERS} union all "
        "select 'view', schema_name, view_name from duckdb_views() "
        "where not internal and database_name = current_database() "
        f"and schema_name not in {OF_OTHERS} union all "
        "select distinct 'function', schema_name, function_name from duckdb_functions() "
        "where not internal and database_name = current_database() order by all"
    ).fetchall()
    return [" ".join(row) for row in rows]


def keep_landed(database: Path) -> None:
    """Leaves nothing in a database but what was landed, as before dbt first saw it."""
    import duckdb

    unfinished = database.with_name(f"{database.name}.new")
    unfinished.unlink(missing_ok=True)
    with duckdb.connect() as connection:
        connection.execute(f"attach {literal(database)} as whole (type duckdb, read_only)")
        connection.execute(f"attach {literal(unfinished)} as landed (type duckdb)")
        tables: Iterable[tuple[str, str]] = connection.execute(
            "select table_name, sql from duckdb_tables() "
            "where database_name = 'whole' and schema_name = 'raw' order by table_name"
        ).fetchall()
        connection.execute("use landed")
        connection.execute("create schema raw")
        for name, definition in tables:
            connection.execute(definition)
            connection.execute(f'insert into raw."{name}" from whole.raw."{name}"')
    unfinished.replace(database)
