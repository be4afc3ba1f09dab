"""Runs of the publishable edition, as a publisher without agreements of its own makes them."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

Run = Callable[..., subprocess.CompletedProcess[str]]


def publishable(
    ipbr_rank: Run, folder: Path, cache: Path, command: str = "all", **environment: str
) -> SimpleNamespace:
    """A run of the publishable edition: `out`, `database`, the ended `process`."""
    out, database = folder / "out", folder / "ipbr.duckdb"
    process = ipbr_rank(
        *(command, "--offline", "--edition", "publishable", "--now", "2026-01-01T00:00:00Z"),
        *("--cache", cache, "--out", out, "--database", database),
        **{"IPBR_CONSENTS": "", **environment},
    )
    assert process.returncode == 0, process.stderr
    return SimpleNamespace(out=out, database=database, process=process)
