"""`diff`: why ranks moved since an earlier board."""

from pathlib import Path
from typing import Unpack

import click

from ipbr_rank.cli import options
from ipbr_rank.run.settings import Place, database_of, find_project


@options.command(
    "diff",
    options.PREV,
    options.file_option(
        "--prev-coefficients",
        help="Coefficients of the earlier board.  [coefficients.toml beside it]",
    ),
    options.MODEL,
    options.ROLE,
    options.form_of("text", "json", "csv"),
    example="ipbr-rank diff --prev old/scoreboard.toml",
)
def command(
    prev: Path | None,
    prev_coefficients: Path | None,
    model: str | None,
    role: str | None,
    form: str,
    **place: Unpack[Place],
) -> None:
    """Show why ranks have changed since an earlier board (--prev)."""
    from ipbr_rank.analysis.rank_changes import report

    if prev is None:
        raise click.UsageError(
            "expected an earlier board to compare with: give --prev scoreboard.toml"
        )
    report.diff(find_project(), database_of(place), prev, prev_coefficients, model, role, form)
