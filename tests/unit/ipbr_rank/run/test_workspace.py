"""The database is built beside the real one, by one process at a time."""

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from base.errors import IpbrError
from ipbr_rank.config import Configuration
from ipbr_rank.run import workspace
from ipbr_rank.run.workspace import Workspace


def make(database: Path, figure: int) -> None:
    with duckdb.connect(str(database)) as connection:
        connection.execute(f"create table figures as select {figure} as figure")


def figure(database: Path) -> int:
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.sql("from figures").fetchall()[0][0]


def test_built_database_replaces_the_real_one(tmp_path: Path) -> None:
    real = tmp_path / "board.duckdb"
    make(real, 1)
    with Workspace(real) as place:
        make(place.database, 2)
        assert place.database.name == real.name
        assert figure(real) == 1
        place.prepare()
        place.publish()
    assert figure(real) == 2
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["board.duckdb"]


def test_failed_build_leaves_the_real_one_and_starts_afresh(tmp_path: Path) -> None:
    real = tmp_path / "board.duckdb"
    make(real, 1)
    with pytest.raises(RuntimeError), Workspace(real) as place:
        make(place.database, 2)
        raise RuntimeError
    assert figure(real) == 1
    with Workspace(real) as place:
        assert not place.database.exists()


def test_unfolded_log_is_not_lost(tmp_path: Path, project: Path) -> None:
    """A build that ended without a checkpoint has its last rows in the log file only."""
    real = tmp_path / "board.duckdb"
    with Workspace(real) as place:
        program = (
            "import duckdb, os, sys\n"
            "connection = duckdb.connect(sys.argv[1])\n"
            "connection.execute('create table figures as select 3 as figure')\n"
            "os._exit(0)"
        )
        subprocess.run([sys.executable, "-c", program, str(place.database)], check=True)
        assert place.database.with_name("board.duckdb.wal").exists()
        place.prepare()
        place.publish()
    assert figure(real) == 3


def test_log_of_the_replaced_database_goes_away(tmp_path: Path) -> None:
    real = tmp_path / "board.duckdb"
    make(real, 1)
    real.with_name("board.duckdb.wal").write_bytes(b"left by a crash")
    with Workspace(real) as place:
        make(place.database, 2)
        place.prepare()
        place.publish()
    assert figure(real) == 2


def test_second_process_is_told_who_is_at_work(tmp_path: Path, project: Path) -> None:
    real = tmp_path / "board.duckdb"
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from ipbr_rank.run.workspace import Workspace\n"
        "with Workspace(Path(sys.argv[1])):\n"
        "    print('in', flush=True)\n"
        "    sys.stdin.read()\n"
    )
    first = subprocess.Popen(
        [sys.executable, "-c", program, str(real)],
        cwd=project,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert first.stdout and first.stdout.readline() == "in\n"
        with pytest.raises(IpbrError, match=rf"another ipbr-rank \(process {first.pid}\)") as error:
            Workspace(real).__enter__()
        assert error.value.exit_code == 1
        first.kill()
        first.wait()
        with Workspace(real):
            pass
    finally:
        first.kill()
        first.communicate()


def test_database_open_for_writing_elsewhere_is_told(tmp_path: Path) -> None:
    real = tmp_path / "board.duckdb"
    make(real, 1)
    program = (
        "import duckdb, sys\n"
        "connection = duckdb.connect(sys.argv[1])\n"
        "print('in', flush=True)\n"
        "sys.stdin.read()\n"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", program, str(real)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert other.stdout and other.stdout.readline() == "in\n"
        with pytest.raises(IpbrError, match="is open for writing in another program"):
            Workspace(real).__enter__()
    finally:
        other.communicate("")
    with Workspace(real):
        pass


def test_reader_does_not_disturb(tmp_path: Path) -> None:
    real = tmp_path / "board.duckdb"
    make(real, 1)
    reader = duckdb.connect(str(real), read_only=True)
    with Workspace(real) as place:
        make(place.database, 2)
        place.prepare()
        place.publish()
    assert reader.sql("from figures").fetchall() == [(1,)]
    reader.close()
    assert figure(real) == 2


def test_place_that_cannot_be_written_is_told() -> None:
    with pytest.raises(IpbrError, match=r"--database .*: cannot write into /proc/a: .*; choose"):
        Workspace(Path("/proc/a/b.duckdb")).__enter__()


def test_full_disk_is_told_before_the_long_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workspace, "SPACE_NEEDED", 2**62)
    with pytest.raises(IpbrError, match=r"at least .* MB of free space"):
        Workspace(tmp_path / "b.duckdb").__enter__()


def test_dbt_reads_the_bytes_that_were_checked(tmp_path: Path) -> None:
    with Workspace(tmp_path / "b.duckdb") as place:
        variables = place.keep_configuration(Configuration(b"a", b"b", b"c", b"d"))
    assert {name: Path(path).read_bytes() for name, path in variables.items()} == {
        "coefficients_path": b"a",
        "aliases_path": b"b",
        "overrides_path": b"c",
        "synthesis_path": b"d",
    }
