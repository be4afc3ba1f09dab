"""What every Python test may use."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import hypothesis
import pytest

from ipbr_rank.engine import manifest

# A test that must be quick says so itself: elsewhere a pause of the machine is no finding.
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")

PROJECT = Path(__file__).resolve().parents[2]
NOW = "2026-01-01T00:00:00Z"


@pytest.fixture(scope="session")
def project() -> Path:
    """The root of the repository."""
    return PROJECT


@pytest.fixture(scope="session")
def recorded() -> Path:
    """The folder of full recorded responses, which is not part of the repository."""
    folder = os.environ.get("IPBR_RECORDED")
    if not folder:
        pytest.skip("IPBR_RECORDED is not set: the full recorded responses are not here")
    return Path(folder)


@pytest.fixture(scope="session")
def ipbr_rank() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the command line as a process of its own and returns it when it has ended."""

    def run(
        *arguments: object, cwd: Path = PROJECT, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "ipbr_rank", *map(str, arguments)],
            cwd=cwd,
            env={"PYTHONPATH": str(PROJECT), **os.environ, **environment},
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=300,
        )

    return run


@pytest.fixture(scope="session", autouse=True)
def manifests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where these tests keep dbt's manifests: as the checkout has them, which they leave alone."""
    folder = tmp_path_factory.mktemp("manifests")
    for file in (PROJECT / manifest.MANIFESTS).glob("*.json"):
        shutil.copy2(file, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(manifest.ELSEWHERE, str(folder))
        yield folder


@pytest.fixture
def dbt_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Meanwhile no run finds a manifest: dbt itself has to run."""
    monkeypatch.setenv(manifest.ELSEWHERE, str(tmp_path / "no manifests"))


@pytest.fixture(scope="session")
def board(
    tmp_path_factory: pytest.TempPathFactory,
    ipbr_rank: Callable[..., subprocess.CompletedProcess[str]],
) -> SimpleNamespace:
    """One whole run on the fixtures: `out`, `database`, `now`, the ended `process`. Read only."""
    folder = tmp_path_factory.mktemp("board")
    out, database = folder / "out", folder / "ipbr.duckdb"
    process = ipbr_rank(
        *("all", "--offline", "--cache", PROJECT / "data" / "fixtures", "--now", NOW),
        *("--out", out, "--database", database),
    )
    assert process.returncode == 0, process.stderr
    return SimpleNamespace(out=out, database=database, now=NOW, process=process)
