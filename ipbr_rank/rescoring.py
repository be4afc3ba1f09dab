"""Scoring again in memory, with some tables of the built database exchanged for others.

It repeats the statements by which the database was built (`ipbr_rank.replay`), as far as they lie
between the exchanged tables and the one that is asked for. So every rule is dbt's own SQL.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from string import Formatter
from typing import Any

from ingest.database import first_line, literal
from ingest.errors import IpbrError
from ipbr_rank import replay
from ipbr_rank.unchanged import MEMORY, Unchanged, hash_of_rows, read_memory
from ipbr_rank.words import shown_path
from ipbr_rank.workspace import Workspace

# Only what makes tables is repeated: descriptions are read by nobody here.
MAKING = ("create", "insert", "alter", "drop")
# What tells whether a database is the one that a run has left: its files, models and scores.
OUTCOME = ("stg_config__files", "dim_models", "fct_role_scores")


class Rescoring:
    """A database in memory that bears the built one's name, which dbt's statements hold.

    `built` is the built database's own name on `connection`, where it is attached read-only.
    """

    def __init__(self, project: Path, database: Path) -> None:
        import duckdb

        self._plan, memory = plan_of(project, database)
        self.connection = duckdb.connect()
        self.name = database.stem
        self.built = f"{database.stem}_built"
        for setting, value in self._plan["settings"].items():
            self.connection.execute(f"set {setting} = {literal(value)}")
        # The tables are small: sharing the work out costs more than the work.
        self.connection.execute("set threads = 1")
        self.connection.execute(f'attach {literal(database)} as "{self.built}" (read_only)')
        self.connection.execute(f"attach ':memory:' as \"{self.name}\"")
        self._tables = {
            name: schema
            for schema, name in self.connection.execute(
                "select schema_name, table_name from duckdb_tables() where database_name = ?",
                [self.built],
            ).fetchall()
        }
        for schema in sorted(set(self._tables.values())):
            self.connection.execute(f'create schema if not exists "{self.name}"."{schema}"')
        self._require_same(memory, database)

    def __enter__(self) -> "Rescoring":
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def table(self, name: str) -> str:
        """How a table of the built database is called on `connection`."""
        return f'"{self.built}"."{self._tables[name]}"."{name}"'

    def rescore(self, exchanged: Mapping[str, str], *queries: str) -> list[list[tuple[Any, ...]]]:
        """The rows of each query, on tables built anew from the exchanged ones.

        `exchanged` has a select statement by table. In a query {name} stands for the new table of
        that name; none of them is kept.
        """
        targets = named_in(queries)
        steps, read = self._steps(exchanged, targets)
        with self._undone("is a figure of the earlier board beyond all that can be scored?"):
            for name in read:
                self.connection.execute(f"create view {self._new(name)} as from {self.table(name)}")
            for name, statement in exchanged.items():
                self.connection.execute(f"create table {self._new(name)} as {statement}")
            for statement in steps:
                self.connection.execute(statement)
            return self._answers(queries, self._new)

    @contextmanager
    def _undone(self, question: str) -> Iterator[None]:
        """One transaction that leaves nothing; DuckDB's errors with a question to the user."""
        import duckdb

        self.connection.begin()
        try:
            yield
        except duckdb.Error as error:
            raise IpbrError(
                f"scoring with other figures failed in DuckDB: {first_line(error)}; {question}"
            ) from error
        finally:
            self.connection.rollback()

    def _answers(self, queries: Collection[str], named: Callable[[str], str]) -> list[Any]:
        """The rows of each query, where {name} stands for the table that is `named` so."""
        tables = {name: named(name) for name in named_in(queries)}
        return [self.connection.execute(query.format(**tables)).fetchall() for query in queries]

    def _require_same(self, memory: Unchanged, database: Path) -> None:
        """IpbrError if the database is not the one that the plan's run has left."""
        contents = {name_of(node): rows for node, rows in memory.contents.items()}
        for name in OUTCOME:
            found = name in self._tables and hash_of_rows(self.connection, self.table(name))
            if found != contents.get(name):
                raise IpbrError(
                    f"{shown_path(database)}: expected {name} as the last run has left it, found "
                    "another: it was edited, or is the database of another run; build it anew "
                    "with `ipbr-rank score` and try again"
                )

    def _new(self, name: str) -> str:
        return f'"{self.name}"."{self._tables[name]}"."{name}"'

    def _steps(
        self, exchanged: Collection[str], targets: Collection[str]
    ) -> tuple[list[str], set[str]]:
        """The statements from the exchanged tables to the targets, and what else they read."""
        parents = self._plan["parents"]
        nodes = {name_of(node): node for node in parents}
        given = {nodes[name] for name in exchanged}
        depends: dict[str, bool] = {}

        def visit(node: str) -> bool:
            if node not in depends:
                # All parents are visited, also after one that depends.
                found = [visit(parent) for parent in parents.get(node, [])]
                depends[node] = node in given or any(found)
            return depends[node]

        needed: set[str] = set()
        waiting = [nodes[name] for name in targets]
        while waiting:
            node = waiting.pop()
            # An exchanged table cuts off what is above it.
            if visit(node) and node not in given | needed:
                needed.add(node)
                waiting += parents[node]
        steps = [
            text
            for node, language, text in self._plan["steps"]
            if node in needed and language == "sql" and replay.verb(text) in MAKING
        ]
        read = {parent for node in needed for parent in parents[node]} - needed - given
        return steps, {name_of(node) for node in read}


def name_of(node: str) -> str:
    """The table of a node."""
    return node.rsplit(".", 1)[1]


def named_in(queries: Collection[str]) -> set[str]:
    """The tables that stand in braces in queries."""
    return {part[1] for text in queries for part in Formatter().parse(text) if part[1]}


def plan_of(project: Path, database: Path) -> tuple[dict[str, Any], Unchanged]:
    """The statements by which `database` was built, and what they left it with.

    IpbrError if they are not known any more.
    """
    workspace = Workspace(database)
    key = replay.key_of(project, workspace.variables())
    # The plan of this program; that the database is of it is remembered beside it.
    memory = read_memory(workspace.folder, key)
    plan = replay.read_plan(project, database, key) if memory else None
    if memory is None or plan is None:
        raise IpbrError(
            f"{shown_path(database)}: expected the record of the statements that built it "
            f"({shown_path(workspace.folder / MEMORY)}, "
            f"{shown_path(replay.plan_file(project, key))}), found none of this version of "
            "ipbr-rank; build the database anew with `ipbr-rank score` and try again"
        )
    return plan, memory
