"""Standard output that is closed, full or of another encoding, and Ctrl-C within a statement."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

IPBR = f"{sys.executable} -m ipbr_rank"


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database without a table."""
    path = tmp_path_factory.mktemp("streams") / "empty.duckdb"
    duckdb.connect(str(path)).close()
    return path


def shell(command: str, project: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", command],
        cwd=project,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("command", ["list-models", "query 'select 1'", "sources"])
@pytest.mark.parametrize("target", [">/dev/full", ">&-"])
def test_output_that_cannot_be_written_is_one_message(
    project: Path, database: Path, command: str, target: str
) -> None:
    process = shell(f"{IPBR} {command} --database {database} {target}", project)
    assert process.returncode == 1
    assert process.stderr.startswith("error: cannot read or write: ")
    assert process.stderr.count("\n") == 1


def test_a_failure_to_write_is_an_event_too(project: Path) -> None:
    process = shell(f"{IPBR} list-models --log-format json >/dev/full", project)
    assert process.returncode == 1
    assert '"event": "failed"' in process.stderr
    assert "Traceback" not in process.stderr


def test_what_an_encoding_lacks_is_escaped(project: Path, database: Path) -> None:
    command = f"{IPBR} query \"select '日本' as a\" -f csv --database {database}"
    process = shell(command, project, PYTHONIOENCODING="latin-1")
    assert (process.returncode, process.stderr) == (0, "")
    assert process.stdout == "a\n\\u65e5\\u672c\n"


@pytest.mark.parametrize(
    "statement",
    [
        "select sum(sqrt(a.range * b.range)) from range(10000000) a, range(100000) b",
        "select count(*) from range(1000000) a, range(1000000) b where a.range + b.range = -1",
    ],
)
def test_an_interrupt_ends_a_statement(project: Path, database: Path, statement: str) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "ipbr_rank", "query", statement, "--database", str(database)],
        cwd=project,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    time.sleep(3)
    assert process.poll() is None
    started = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert (out, err) == ("", "error: interrupted; nothing was published\n")
    assert time.monotonic() - started < 15


def test_the_site_is_served_on_this_machine_alone(project: Path, tmp_path: Path) -> None:
    import urllib.request

    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").write_text("a page")
    process = subprocess.Popen(
        [*IPBR.split(), "serve", "--port", "0", "--no-browser", "--out", str(tmp_path)],
        cwd=project,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr
    line = process.stderr.readline()
    address = line.split(" at ")[1].split(";")[0]
    assert address.startswith("http://127.0.0.1:")
    with urllib.request.urlopen(address) as response:
        assert response.read() == b"a page"
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 130


def test_without_a_site_there_is_nothing_to_serve(ipbr_rank, tmp_path: Path) -> None:
    process = ipbr_rank("serve", "--no-browser", "--out", tmp_path / "none")
    assert process.returncode == 1
    assert "there is no site in" in process.stderr
