"""`fetch`: bring the cache up to date."""

from typing import Unpack

from ipbr_rank.cli import options
from ipbr_rank.run.settings import Given, make_settings


@options.command(
    "fetch",
    options.CACHE,
    options.OFFLINE,
    options.ONLY,
    options.EXCEPT,
    *options.SECRETS,
    options.NOW,
    example="ipbr-rank fetch --only gso,bfcl",
    is_original=True,
)
def command(**given: Unpack[Given]) -> None:
    """Download every source that is due into the cache."""
    from ipbr_rank.run import fetching

    fetching.fetch(make_settings(given))
