"""`what-if`: what other files would change of the built board."""

from typing import Unpack

from ipbr_rank.cli import options
from ipbr_rank.run.settings import Given, database_of, files_of, find_project


@options.command(
    "what-if",
    *options.CONFIGURATION,
    options.PRESET,
    options.MODEL,
    options.ROLE,
    options.form_of("text", "json", "csv"),
    example="ipbr-rank what-if --coefficients my.toml",
)
def command(model: str | None, role: str | None, form: str, **given: Unpack[Given]) -> None:
    """Show how other coefficients or names would change the board."""
    from ipbr_rank.analysis import what_if

    what_if.what_if(find_project(), database_of(given), files_of(given), model, role, form)
