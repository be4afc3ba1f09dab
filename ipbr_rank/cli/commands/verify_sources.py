"""`verify-sources`: every source against its live endpoint."""

from typing import Unpack

from ipbr_rank.cli import options
from ipbr_rank.run.settings import Given, make_settings


@options.command(
    "verify-sources",
    *options.CONFIGURATION,
    options.NOT_OFFLINE,
    options.ONLY,
    options.EXCEPT,
    *options.SECRETS,
    options.NOW,
    options.form_of("table", "json"),
    example="ipbr-rank verify-sources --only swebench",
    is_original=True,
)
def command(form: str, **given: Unpack[Given]) -> None:
    """Fetch every source live and check its response."""
    from ipbr_rank.analysis import verify_sources

    verify_sources.verify(make_settings(given), form)
