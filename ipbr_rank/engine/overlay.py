"""The built board, with tables in memory laid over it: what other figures or weights would make."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from base.errors import IpbrError
from base.sql import first_line, literal
from base.text import shown_path
from ipbr_rank.engine.manifest import key_of, manifest_file, read_manifest
from ipbr_rank.engine.rebuild import SETTINGS, Failure, Rebuild, hash_of_rows, read_keys

# What tells whether a database is the one that a run has left: its files, models and scores.
OUTCOME = ("stg_config__files", "dim_models", "fct_role_scores")
# What only other files make another.
FIXED = ("python", "test")


class Overlay:
    """The built board, read-only, with tables in memory laid over it.

    DuckDB looks for a table in memory first and then in the built database, which is called
    `built` on `connection`. Every rule is dbt's own SQL.
    """

    def __init__(self, project: Path, database: Path, question: str) -> None:
        import duckdb

        self._question, self._before = question, read_keys(database)
        key = key_of(project)
        manifest = read_manifest(project, key)
        if manifest is None or self._before.get("manifest", ("",))[0] != key:
            raise IpbrError(
                f"{shown_path(database)}: expected a board that this version of ipbr-rank built "
                "from the project's present files, and its manifest "
                f"{shown_path(manifest_file(project, key))}; build the database again with "
                "`ipbr-rank score` and try again"
            )
        self._nodes = manifest.nodes
        self._named = {about["name"]: node for node, about in self._nodes.items()}
        self.connection = duckdb.connect()
        # The tables are small: sharing the work out costs more than the work.
        self.connection.execute(f"{SETTINGS}; set threads = 1")
        self.connection.execute(f"attach {literal(database)} as built (read_only)")
        for schema in manifest.schemas:
            self.connection.execute(f"create schema if not exists memory.{schema}")
        path = [f"{place}.{schema}" for place in ("memory", "built") for schema in manifest.schemas]
        self.connection.execute(f"set search_path = {literal(','.join(path))}")
        for name in OUTCOME:
            found = hash_of_rows(self.connection, self._nodes[self._named[name]]["relation"])
            if found != self._before[self._named[name]][1]:
                raise IpbrError(
                    f"{shown_path(database)}: {name} has changed since the last run (it was "
                    "edited, or belongs to another run); build the database again with "
                    "`ipbr-rank score` and try again"
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

        wanted = self._ancestors(self._named[name] for name in queries)
        rebuild = Rebuild(self._nodes, variables or {}, self._before, True)
        stale: set[str] = set()
        failing: list[str] = []
        self.connection.begin()
        try:
            for name, statement in (given or {}).items():
                relation = self._nodes[self._named[name]]["relation"]
                self.connection.execute(f"create table memory.{relation} as {statement}")
                rebuild.now[self._named[name]] = "", "given"
            for node, about in self._nodes.items():
                kind, parents = about["kind"], about["parents"]
                if node in rebuild.now or kind == "source" or (kind in FIXED and not variables):
                    continue
                if node in wanted or (kind == "test" and stale.isdisjoint(parents)):
                    try:
                        rebuild.make(self.connection, node)
                    except Failure as failure:
                        failing.append(str(failure))
                elif not stale.isdisjoint(parents) or rebuild.key(node) != self._before[node][0]:
                    # It would be another, but nobody asks for it.
                    stale.add(node)
            if failing:
                raise Failure("\n  ".join(failing))
            return [self.connection.execute(query).fetchall() for query in queries.values()]
        except duckdb.Error as error:
            told = f"scoring with other values failed in DuckDB: {first_line(error)}"
            raise IpbrError(f"{told}; {self._question}") from error
        finally:
            self.connection.rollback()

    def _ancestors(self, nodes: Iterable[str]) -> set[str]:
        """The nodes, and all that they follow from."""
        found: set[str] = set()
        waiting = [*nodes]
        while waiting:
            if (node := waiting.pop()) not in found:
                found.add(node)
                waiting += self._nodes[node]["parents"]
        return found
