"""`render`: the site of a board that is there."""

from pathlib import Path
from typing import Unpack

import click

from ipbr_rank.cli import options
from ipbr_rank.run.settings import Given, make_settings


@options.command(
    "render",
    options.OUT,
    options.file_option(
        "--scoreboard", help="Render this scoreboard.toml instead of the database."
    ),
    options.path_option(
        "--coefficients", help="Coefficients of --scoreboard.  [coefficients.toml beside it]"
    ),
    options.SITE_URL,
    options.form_of("text", "json"),
    example="ipbr-rank render --site-url https://example.org/",
    is_original=True,
)
def command(scoreboard: Path | None, form: str, **given: Unpack[Given]) -> None:
    """Write the site from the built database."""
    from base.output import document
    from ipbr_rank.run import pipeline

    coefficients = given["coefficients"]
    if coefficients and not scoreboard:
        click.echo("--coefficients has no effect on `render` without --scoreboard", err=True)
    outcome = pipeline.render(make_settings(given), scoreboard, coefficients, given["edition"])
    if form == "json":
        click.echo(document(outcome), nl=False)
