"""`shell`: DuckDB's own prompt on the built database."""

from typing import Unpack

from ipbr_rank.cli import options
from ipbr_rank.run.settings import Place, database_of


@options.command("shell", options.ALLOW_FILES, example="ipbr-rank shell")
def command(allow_files: bool, **place: Unpack[Place]) -> None:
    """Open the DuckDB shell on the built database, read-only."""
    from ipbr_rank.analysis import query

    query.shell(database_of(place), may_use_files=allow_files)
