"""`fetch`: bring the cache up to date."""

from typing import Unpack

from ipbr_rank.cli import options
from ipbr_rank.run.settings import Given, make_settings


@options.command(
    "fetch",
    options.CACHE,
    options.NOT_OFFLINE,
    options.ONLY,
    options.EXCEPT,
    *options.SECRETS,
    options.NOW,
    options.flag("--strict", "is_strict", help="Exit with code 1 if any source cannot be fetched."),
    options.form_of("text", "json"),
    example="ipbr-rank fetch --only gso,bfcl",
    is_original=True,
)
def command(is_strict: bool, form: str, **given: Unpack[Given]) -> None:
    """Download the sources that are due into the cache."""
    from ipbr_rank.run import fetching

    fetching.fetch(make_settings(given), form, is_strict=is_strict)
