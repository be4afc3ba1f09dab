"""`list-models`: the ranked models."""

import sys
from pathlib import Path
from typing import Unpack

from ipbr_rank.cli import options
from ipbr_rank.run.settings import Place, find_project


@options.command(
    "list-models",
    options.ALIASES,
    options.form_of("table", "json", "csv"),
    example="ipbr-rank list-models --format csv",
    is_original=True,
)
def command(aliases: Path | None, form: str, **_: Unpack[Place]) -> None:
    """List the models with their canonical ids and vendors."""
    from base.output import WRITERS
    from ipbr_rank.config import read_models

    models = read_models(aliases or find_project() / "data/required_aliases.toml")
    rows = [(canonical_id, models[canonical_id]["vendor"]) for canonical_id in sorted(models)]
    WRITERS[form](["canonical_id", "vendor"], rows, sys.stdout)
