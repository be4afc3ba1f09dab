"""`all`: fetch, score and render."""

from typing import Unpack

import click

from ipbr_rank.cli import options
from ipbr_rank.run.settings import Given, make_settings


@options.command(
    "all",
    options.OUT,
    options.CACHE,
    *options.CONFIGURATION,
    options.PRESET,
    options.OFFLINE,
    options.ONLY,
    options.EXCEPT,
    options.flag(
        "--rest-from-cache",
        help="With --only, use the cache for all other sources. If all of them are cached, the "
        "board is complete and not an experiment.",
    ),
    *options.SECRETS,
    options.NOW,
    options.PREV,
    options.HISTORY,
    options.KEEP_RAW,
    options.ACCEPT_LOSS,
    options.SITE_URL,
    options.form_of("text", "json"),
    example="ipbr-rank all --out board",
    is_original=True,
)
def command(form: str, **given: Unpack[Given]) -> None:
    """Fetch, score and render (the default)."""
    from base.output import document
    from ipbr_rank.run import pipeline

    if given["rest_from_cache"] and given["only"] is None:
        raise click.UsageError("--rest-from-cache needs --only")
    outcome = pipeline.score(make_settings(given), with_site=True)
    if form == "json":
        click.echo(document(outcome), nl=False)
