"""`triage`: what a maintainer may look at after a run."""

from datetime import datetime
from pathlib import Path
from typing import Unpack

import click

from ipbr_rank.cli import options
from ipbr_rank.run.settings import Given, make_settings


@options.command(
    "triage",
    options.form_of("table", "json", "toml"),
    click.Option(
        ["--min-count"],
        type=options.Whole(1),
        default=1,
        metavar="N",
        help="List only names with at least N values.",
    ),
    click.Option(
        ["--min-sources"],
        type=options.Whole(1),
        default=1,
        metavar="N",
        help="List only new models that at least N sources have.",
    ),
    click.Option(
        ["--since"],
        type=click.DateTime(["%Y-%m-%d"]),
        metavar="DAY",
        help="List only new models that were released or listed since this day.",
    ),
    click.Option(
        ["--apply", "applied"],
        multiple=True,
        metavar="ID",
        help="Add this new model to the aliases file; `all` adds every one listed.",
    ),
    options.file_option(
        "--fail-on-new",
        help="Exit with code 1 if an unmatched name is missing from this earlier JSON report.",
    ),
    # Not from the environment: a board is read where there is one.
    options.path_option(
        "--cache", metavar="DIR", help="Read names from these responses, not from a board."
    ),
    options.ALIASES,
    example="ipbr-rank triage --since 2026-09-01 --min-sources 2",
    is_original=True,
)
def command(
    form: str,
    min_count: int,
    min_sources: int,
    since: datetime | None,
    applied: tuple[str, ...],
    fail_on_new: Path | None,
    **given: Unpack[Given],
) -> None:
    """List new models, unmatched names, gaps and more."""
    from ipbr_rank.analysis.triage import apply, names, output, report

    settings = make_settings(given)
    if fail_on_new:
        output.read_baseline(fail_on_new)
    wanted = report.Wanted(min_count, min_sources, since.date() if since else None)
    is_board = given.get("cache") is None and settings.database.is_file()
    with (names.of_board if is_board else names.of_cache)(settings) as read:
        found = report.make_report(read.connection, wanted)
        if not applied:
            output.write_report(found, form, baseline=fail_on_new)
            return
        models = apply.chosen(found["new_models"], applied)
        apply.apply(settings, models, read.names, read.resolve)
