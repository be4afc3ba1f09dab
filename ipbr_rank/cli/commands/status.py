"""`status`: the last run and what is due."""

from typing import Unpack

from ipbr_rank.cli import options
from ipbr_rank.run.settings import Given, make_settings


@options.command(
    "status",
    options.CACHE,
    options.NOW,
    options.form_of("table", "json"),
    example="ipbr-rank status --format json",
)
def command(form: str, **given: Unpack[Given]) -> int:
    """Show the last run, and each source's status and due time.

    The exit code is 1 if a source is stale or failed.
    """
    from ipbr_rank.analysis import status

    settings = make_settings(given)
    return status.status(settings.database, settings.cache, settings.now, form)
