"""Where the names come from that `triage` is about: a built board, or cached responses alone."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from base.errors import ConfigurationError, IpbrError
from base.text import shown_path
from ipbr_rank.analysis.query import open_read_only, run
from ipbr_rank.analysis.resolution import land_names, resolve
from ipbr_rank.analysis.triage.apply import NAMES, RESOLVED, Names
from ipbr_rank.config import Configuration, read_configuration
from ipbr_rank.engine.overlay import Overlay
from ipbr_rank.engine.rebuild import Failure
from ipbr_rank.run.inputs import read_asked
from ipbr_rank.run.progress import Display
from ipbr_rank.run.settings import Settings
from ipbr_rank.run.workspace import Workspace

if TYPE_CHECKING:
    import duckdb

RESOLVING = "Names"
# What a report of names alone reads, and everything that it takes.
NODES = "+rpt_unranked_models +rpt_names_to_review"
QUESTION = "can a board be made with this aliases file?"


@dataclass(frozen=True)
class Read:
    """Names resolved under the project's files, and what others would make of them."""

    connection: "duckdb.DuckDBPyConnection"
    resolve: Callable[[Configuration], Names]

    @property
    def names(self) -> Names:
        """To which ranked model each name resolves, and by which step."""
        return _tuples(run(self.connection, NAMES)[1])


@contextmanager
def of_board(settings: Settings) -> Iterator[Read]:
    """Those of a built board."""
    database = settings.database.resolve()

    def under(configuration: Configuration) -> Names:
        with (
            Overlay(settings.project, database, QUESTION) as board,
            tempfile.TemporaryDirectory() as folder,
        ):
            try:
                variables = configuration.write(Path(folder))
                (rows,) = board.score({RESOLVED: NAMES}, variables=variables)
            except Failure as failure:
                raise IpbrError(
                    f"nothing was added, because a check failed:\n  {failure}"
                ) from failure
            return _tuples(rows)

    with open_read_only(database) as connection:
        yield Read(connection, under)


@contextmanager
def of_cache(settings: Settings) -> Iterator[Read]:
    """Those of cached responses, landed and resolved in a folder that goes away again."""
    if not settings.cache.is_dir():
        raise ConfigurationError(
            f"--cache {shown_path(settings.cache)} is not a directory, and there is no board in "
            f"{shown_path(settings.database)}; give a folder of responses, such as data/fixtures"
        )
    asked = read_asked(settings)
    configuration = read_configuration(settings.files, settings.project, asked.sources)
    with (
        tempfile.TemporaryDirectory(prefix="ipbr-triage-") as folder,
        Workspace(Path(folder) / "names.duckdb") as workspace,
    ):
        land_names(workspace, asked, settings.cache)
        _resolve(settings, workspace, configuration)

        def under(configuration: Configuration) -> Names:
            connection.close()
            _resolve(settings, workspace, configuration)
            with open_read_only(workspace.database) as again:
                return _tuples(run(again, NAMES)[1])

        with open_read_only(workspace.database) as connection:
            yield Read(connection, under)


def _resolve(settings: Settings, workspace: Workspace, configuration: Configuration) -> None:
    with (
        Display([RESOLVING], settings.verbosity) as display,
        display.stage(RESOLVING) as stage,
    ):
        resolve(workspace, settings.project, configuration, NODES, display, stage)
        stage.said = f"those of {shown_path(settings.cache)}"


def _tuples(rows: list[tuple[object, ...]]) -> Names:
    return [tuple(row) for row in rows]
