"""`triage`: what a maintainer may look at after a run."""

from pathlib import Path
from typing import Unpack

import click

from ipbr_rank.cli import options
from ipbr_rank.run.settings import Place, database_of


@options.command(
    "triage",
    options.form_of("table", "json", "toml"),
    click.Option(
        ["--min-count"],
        type=options.Whole(1),
        default=1,
        metavar="N",
        help="Only names with at least N values.",
    ),
    options.file_option("--fail-on-new", help="Exit 1 if a name is not in this JSON report."),
    example="ipbr-rank triage --min-count 5",
    is_original=True,
)
def command(form: str, min_count: int, fail_on_new: Path | None, **place: Unpack[Place]) -> None:
    """List unmatched names with suggestions, gaps and stale entries."""
    from ipbr_rank.analysis import triage

    triage.triage(database_of(place), form, min_count=min_count, baseline=fail_on_new)
