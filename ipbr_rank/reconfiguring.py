"""Scoring the built board again in memory under other configuration files.

The statements are those by which it was built, and only those are repeated that anything changes
for: a table that comes out as it was is not followed any further.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ingest.errors import IpbrError
from ipbr_rank import replay
from ipbr_rank.dbt_run import warning
from ipbr_rank.rescoring import MAKING, Rescoring, name_of, named_in
from ipbr_rank.unchanged import hash_of_rows

# The model in Python that reads the files.
FILES = "stg_config__files"


class Reconfiguring(Rescoring):
    """A board whose files can be exchanged."""

    def __init__(self, project: Path, database: Path) -> None:
        super().__init__(project, database)
        self._steps_of = replay.steps_of(self._plan)
        self._parents: dict[str, list[str]] = self._plan["parents"]
        # What a statement can read under its own name, and which of it is another than before.
        self._offered: set[str] = set()
        self._changed: set[str] = set()

    def built_rows(self, *queries: str) -> list[list[tuple[Any, ...]]]:
        """The rows of each query on the built board."""
        return self._answers(queries, self.table)

    def score(self, variables: Mapping[str, str], *queries: str) -> list[list[tuple[Any, ...]]]:
        """The rows of each query on the board that the files of dbt's `variables` make.

        In a query {name} stands for the table of that name. Tests that read nothing but tables up
        to those are repeated: IpbrError if one fails, as it would stop a run.
        """
        targets = named_in(queries)
        with self._undone("is a number of the configuration beyond all that can be scored?"):
            self._offered, self._changed = set(), set()
            wanted = {node for node in self._parents if name_of(node) in targets}
            failing = self._make(variables, self._ancestors(wanted))
            if failing:
                raise IpbrError(
                    "these files make no board, since not all holds that must; `ipbr-rank score` "
                    "would publish nothing:\n  " + "\n  ".join(failing)
                )
            for node in wanted:
                self._offer(node)
            return self._answers(queries, self._new)

    def _make(self, variables: Mapping[str, str], wanted: set[str]) -> list[str]:
        """Makes what is wanted and changes; returns what failing tests say."""
        failing = []
        # What would change, but is not wanted.
        stale: set[str] = set()
        for node in self._parents:
            parents = {*self._parents[node]}
            is_of_files = name_of(node) == FILES
            if not is_of_files and not parents & (self._changed | stale):
                continue
            if parents & stale or (node not in wanted and not node.startswith(replay.TEST)):
                stale.add(node)
                continue
            test = self._plan["tests"].get(node)
            # A test may look at more than its graph says, but at nothing beyond.
            for read in sorted(self._ancestors(parents) if test else parents):
                self._offer(read)
            found = self._run(node, variables)
            if test:
                if replay.status(test, found) == "fail":
                    failing.append(warning(test["checked"], found[0]))
                continue
            self._offered.add(node)
            if is_of_files or self._differs(name_of(node)):
                self._changed.add(node)
        return failing

    def _offer(self, node: str) -> None:
        """Lets a node that does not change be read."""
        if node in self._offered:
            return
        self._offered.add(node)
        name = name_of(node)
        if name in self._tables:
            self.connection.execute(f"create view {self._new(name)} as from {self.table(name)}")
            return
        for parent in self._parents[node]:
            self._offer(parent)
        self._run(node, {})

    def _run(self, node: str, variables: Mapping[str, str]) -> Any:
        found = None
        for _, language, text in self._steps_of[node]:
            if node.startswith(replay.TEST) or language != "sql" or replay.verb(text) in MAKING:
                found = replay.run_step(self.connection, node, language, text, variables)
        return found

    def _differs(self, name: str) -> bool:
        """Whether a table is another than the built one; a view always counts as one."""
        if name not in self._tables:
            return True
        new, built = (
            hash_of_rows(self.connection, table) for table in (self._new(name), self.table(name))
        )
        return new != built

    def _ancestors(self, nodes: set[str]) -> set[str]:
        """The nodes, and all that they follow from."""
        found: set[str] = set()
        waiting = [*nodes]
        while waiting:
            node = waiting.pop()
            if node not in found:
                found.add(node)
                waiting += self._parents.get(node, [])
        return found
