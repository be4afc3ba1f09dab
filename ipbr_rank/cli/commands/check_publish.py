"""`check-publish`: whether a board may replace the published one."""

import os
from typing import Unpack

import click

from ipbr_rank.cli import options
from ipbr_rank.run.settings import Given, make_settings

# Exit code beside those of the errors.
NOTHING_NEW = 4


@options.command(
    "check-publish",
    options.OUT,
    click.Option(
        ["--published"], metavar="PATH|URL", help="Folder or address of the published site."
    ),
    options.flag(
        "--first", "is_first", help="Allow the first publication, when no site is published yet."
    ),
    click.Option(
        ["--max-stale"],
        type=options.Whole(0),
        metavar="N",
        help="Allow at most N stale or failed sources.  [5]",
    ),
    options.flag("--force", "is_forced", help="Report problems, but do not refuse the board."),
    options.form_of("text", "json"),
    example="ipbr-rank check-publish --published https://example.org/",
)
def command(
    published: str | None,
    is_first: bool,
    max_stale: int | None,
    is_forced: bool,
    form: str,
    **given: Unpack[Given],
) -> int:
    """Check that the board in --out is safe to publish.

    The exit code is 4 if the published board is at most six hours older and nothing has changed
    since.
    """
    from ingest.fetch.download import transport_settings
    from ipbr_rank.analysis import publish_check
    from ipbr_rank.run.fetching import USER_AGENT

    settings = make_settings(given)
    is_new = publish_check.check_publish(
        settings.out,
        settings.edition,
        published,
        transport_settings(USER_AGENT, os.environ),
        database=settings.database,
        allowed=publish_check.Allowed(
            publish_check.STALE_ALLOWED if max_stale is None else max_stale, is_first, is_forced
        ),
        form=form,
    )
    return 0 if is_new else NOTHING_NEW
