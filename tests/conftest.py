"""What every Python test may use."""

import fcntl
import io
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import chdir, redirect_stderr, redirect_stdout
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import hypothesis
import pytest
from _pytest._io.saferepr import SafeRepr

from ipbr_rank.cli import main as cli
from ipbr_rank.engine import manifest
from ipbr_rank.run.run_log import LOG, TEXT, new_run_id

# Where tests share checks, their assertions count as those of the test.
pytest.register_assert_rewrite("tests.support")
pytest_plugins = ["tests.support.fetch_fixtures"]

# A test that must be quick says so itself: elsewhere a pause of the machine is no finding.
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")

# Where these are set, pytest tells every line in which two texts differ, however long they are: for
# pages and databases it needs hours to find them.
for name in ("CI", "BUILD_NUMBER"):
    os.environ.pop(name, None)

# Whether a file outlives a loss of power no test can tell, and disks may take a tenth of a second.
os.fsync = lambda _: None

PROJECT = Path(__file__).resolve().parents[1]
NOW = "2026-01-01T00:00:00Z"
_ASSERTED: list[object] = []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """A test that has run no assertion to its end fails: it could not have failed otherwise."""
    _ASSERTED.clear()
    yield
    if not _ASSERTED:
        pytest.fail("no assertion was run: the test cannot fail", pytrace=False)


# What is compared is written out for each assertion that holds, too: of a database the beginning.
SafeRepr.repr_bytes = lambda self, body, _: repr(body[: self.maxother])


def pytest_assertion_pass(item: pytest.Item) -> None:
    """Counts an assertion that held."""
    _ASSERTED.append(item)


_raised = pytest.RaisesExc.__exit__


def _counted(self: pytest.RaisesExc, *exception: Any) -> bool:
    """`pytest.raises` counts as an assertion, too."""
    is_expected = _raised(self, *exception)
    _ASSERTED.append(self)
    return is_expected


pytest.RaisesExc.__exit__ = _counted


@pytest.fixture(scope="session")
def project() -> Path:
    """The root of the repository."""
    return PROJECT


@pytest.fixture(scope="session")
def node() -> str:
    """The JavaScript runtime, which is no dependency of the project."""
    found = shutil.which("node")
    if found is None:
        pytest.skip("node is not installed: the scripts of the pages cannot be run here")
    return found


@pytest.fixture(scope="session")
def recorded() -> Path:
    """The folder of full recorded responses, which is not part of the repository."""
    folder = os.environ.get("IPBR_RECORDED")
    if not folder:
        pytest.skip("IPBR_RECORDED is not set: the full recorded responses are not here")
    return Path(folder)


@pytest.fixture(scope="session")
def ipbr_rank() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the command line in this process, to its end; see `ipbr_rank_process`."""

    def run(
        *arguments: object, cwd: Path = PROJECT, stdin: str = "", **environment: str
    ) -> subprocess.CompletedProcess[str]:
        given = [str(argument) for argument in arguments]
        out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", newline="") for _ in range(2))
        with (
            redirect_stdout(out),
            redirect_stderr(err),
            pytest.MonkeyPatch.context() as patch,
            chdir(cwd),
        ):
            patch.setattr(sys, "stdin", io.StringIO(stdin))
            patch.setattr(LOG, "form", TEXT)
            patch.setattr(LOG, "started_at", datetime.now(UTC))
            patch.setattr(LOG, "run_id", new_run_id(LOG.started_at))
            for name, value in environment.items():
                patch.setenv(name, value)
            code = cli.run(given)
            told = []
            for stream in (out, err):
                stream.flush()
                told.append(stream.buffer.getvalue().decode("utf-8"))
        return subprocess.CompletedProcess(given, code, *told)

    return run


@pytest.fixture(scope="session")
def ipbr_rank_process() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the command line as a process of its own, where being one is what matters."""

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


@pytest.fixture(scope="session")
def once(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[str, Callable[[Path], object]], Path]:
    """Gives a folder of that name, filled once for all worker processes."""
    common = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        common = common.parent

    def folder_of(name: str, fill: Callable[[Path], object]) -> Path:
        with (common / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            folder = common / name
            if not folder.exists():
                # A worker that fails leaves no folder behind, so that the other fails as it did.
                unfinished = Path(tempfile.mkdtemp(prefix=name, dir=common))
                fill(unfinished)
                unfinished.rename(folder)
        return folder

    return folder_of


@pytest.fixture(scope="session", autouse=True)
def manifests(once: Callable[..., Path]) -> Iterator[Path]:
    """Where these tests keep dbt's manifests: as the checkout has them, which they leave alone."""

    def fill(folder: Path) -> None:
        for file in (PROJECT / manifest.MANIFESTS).glob("*.json"):
            shutil.copy2(file, folder)

    folder = once("manifests", fill)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(manifest.ELSEWHERE, str(folder))
        yield folder


@pytest.fixture
def dbt_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Meanwhile no run finds a manifest: dbt itself has to run."""
    monkeypatch.setenv(manifest.ELSEWHERE, str(tmp_path / "no manifests"))


@pytest.fixture(scope="session")
def board(once: Callable[..., Path], ipbr_rank: Callable[..., Any]) -> SimpleNamespace:
    """One whole run on the fixtures, all read only.

    `out`, `database`, `now`, and what it said on `stdout` and `stderr`.
    """

    def fill(folder: Path) -> None:
        process = ipbr_rank(
            *("all", "--offline", "--cache", PROJECT / "data" / "fixtures", "--now", NOW),
            *("--out", folder / "out", "--database", folder / "ipbr.duckdb"),
        )
        assert process.returncode == 0, process.stderr
        (folder / "stdout").write_text(process.stdout, "utf-8")
        (folder / "stderr").write_text(process.stderr, "utf-8")

    folder = once("board", fill)
    return SimpleNamespace(
        out=folder / "out",
        database=folder / "ipbr.duckdb",
        now=NOW,
        stdout=(folder / "stdout").read_text("utf-8"),
        stderr=(folder / "stderr").read_text("utf-8"),
    )
