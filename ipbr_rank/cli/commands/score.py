"""`score`: from the cache to the three TOML files."""

from datetime import datetime
from typing import Unpack

import click

from ipbr_rank.cli import options
from ipbr_rank.run.settings import Given, make_settings


@options.command(
    "score",
    options.OUT,
    options.CACHE,
    *options.CONFIGURATION,
    options.PRESET,
    options.OFFLINE,
    options.ONLY,
    options.EXCEPT,
    options.NOW,
    options.PREV,
    options.HISTORY,
    options.KEEP_RAW,
    options.ACCEPT_LOSS,
    click.Option(
        ["--as-of"],
        type=options.DayOrTime(),
        metavar="DATE",
        help="Score the responses as they were at DATE (needs --keep-raw in earlier runs). "
        "Without a time of day, DATE means the end of that day.",
    ),
    options.form_of("text", "json"),
    example="ipbr-rank score --coefficients my.toml",
    is_original=True,
)
def command(as_of: datetime | None, form: str, **given: Unpack[Given]) -> None:
    """Load cached responses, run dbt, and write three TOML files."""
    from base.output import document
    from ipbr_rank.run import pipeline

    if as_of and None in (given["out"], given["database"]):
        raise click.UsageError(
            "--as-of builds a separate board: also give --out and --database for it"
        )
    outcome = pipeline.score(make_settings(given), with_site=False, as_of=as_of)
    if form == "json":
        click.echo(document(outcome), nl=False)
