"""Names of cached responses resolved without a board: landed in a folder of their own, by dbt."""

from collections.abc import Mapping
from pathlib import Path

from ingest.fetch.download import FetchedSource
from ingest.landing.land import land
from ipbr_rank.config import Configuration
from ipbr_rank.engine import dbt
from ipbr_rank.run.fetching import USER_AGENT
from ipbr_rank.run.inputs import Asked
from ipbr_rank.run.progress import Display, Stage
from ipbr_rank.run.workspace import Workspace


def land_names(
    workspace: Workspace,
    asked: Asked,
    cache: Path,
    *,
    fetched: Mapping[str, FetchedSource] | None = None,
) -> None:
    """Lands the responses of a cache in the workspace's database.

    Where it is not said how they were `fetched`, the cache may lack sources.
    """
    land(
        workspace.database,
        asked.sources,
        cache,
        generated_at=asked.settings.now,
        generator=USER_AGENT,
        offline=False,
        only=asked.settings.only,
        fetched=fetched,
    )


def resolve(
    workspace: Workspace,
    project: Path,
    configuration: Configuration,
    nodes: str,
    display: Display,
    stage: Stage,
) -> None:
    """Builds these nodes, a selection of dbt's, of what was landed. IpbrError if dbt fails."""
    dbt.build(
        project,
        workspace.database,
        workspace.folder,
        workspace.keep_configuration(configuration),
        only=nodes,
        on_progress=stage.advance,
        on_message=display.detail,
    )
