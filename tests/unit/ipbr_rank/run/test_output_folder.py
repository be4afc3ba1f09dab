"""--out is replaced in one step, whatever happens in between."""

import errno
import fcntl
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import duckdb
import pytest

from base import files as disk
from base.errors import IpbrError
from ipbr_rank.run import output_folder as publish
from ipbr_rank.run.output_folder import Staging

OURS = ["board.toml", "site"]


def tree(folder: Path) -> dict[str, str]:
    """Every file's content by its path; links as their target."""
    return {
        str(path.relative_to(folder)): f"-> {path.readlink()}" if path.is_symlink()
        else path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.is_symlink() or path.is_file()
    }  # fmt: skip


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_toml", ".toml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """An earlier result with files of the user's own."""
    folder = tmp_path / "place" / "out"
    write(folder, board_toml="old", site__index="old", site__gone="old", mine="m", notes__a="n")
    (folder / "link").symlink_to("nowhere")
    return folder


@pytest.fixture(params=["exchange", "two renames"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways to replace a folder: the kernel's exchange, and where there is none."""
    if request.param == "two renames":
        monkeypatch.setattr(publish.ctypes, "CDLL", lambda *_, **__: object())
    return request.param


def siblings(out: Path) -> list[str]:
    return [path.name for path in out.parent.iterdir()]


def test_first_result(tmp_path: Path, way: str) -> None:
    out = tmp_path / "a" / "b" / "out"
    with Staging(out, OURS) as staging:
        write(staging.folder, board_toml="new")
        assert not out.exists()
        staging.publish()
    assert tree(out) == {"board.toml": "new"}
    assert siblings(out) == ["out"]
    umask = os.umask(0)
    os.umask(umask)
    assert out.stat().st_mode & 0o777 == 0o777 & ~umask


def test_next_result_replaces_ours_and_keeps_the_rest(out: Path, way: str) -> None:
    out.chmod(0o750)
    with Staging(out, OURS) as staging:
        write(staging.folder, board_toml="new", site__index="new")
        assert tree(out)["board.toml"] == "old"
        staging.publish()
    assert tree(out) == {
        "board.toml": "new",
        "link": "-> nowhere",
        "mine": "m",
        "notes/a": "n",
        "site/index": "new",
    }
    assert siblings(out) == ["out"]
    assert out.stat().st_mode & 0o777 == 0o750


def test_what_is_not_written_anew_is_kept(out: Path) -> None:
    with Staging(out, ["board.toml"]) as staging:
        write(staging.folder, board_toml="new")
        staging.publish()
    assert tree(out)["board.toml"] == "new"
    assert tree(out)["site/gone"] == "old"


def test_failure_changes_nothing(out: Path, way: str) -> None:
    before = tree(out)
    with pytest.raises(RuntimeError), Staging(out, OURS) as staging:
        write(staging.folder, board_toml="new")
        raise RuntimeError
    assert tree(out) == before
    assert siblings(out) == ["out"]


def test_files_that_cannot_be_linked_are_copied(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", no_links)
    with Staging(out, OURS) as staging:
        staging.publish()
    assert tree(out) == {"link": "-> nowhere", "mine": "m", "notes/a": "n"}


def test_a_file_that_comes_late_is_not_lost(
    out: Path, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    exchange = publish.exchange

    def late(new: Path, old: Path, prefix: str) -> Path:
        (old / "late").write_text("l")
        return exchange(new, old, prefix)

    monkeypatch.setattr(publish, "exchange", late)
    with Staging(out, OURS) as staging:
        staging.publish()
    assert tree(out)["late"] == "l"


KILLED = """
    import os, signal, sys
    from pathlib import Path
    from ipbr_rank.run import output_folder as publish

    def die(*_, **__):
        os.kill(os.getpid(), signal.SIGKILL)

    out, moment, way = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    if way == "two renames":
        publish.ctypes.CDLL = lambda *_, **__: object()
    with publish.Staging(out, ["board.toml", "site"]) as staging:
        (staging.folder / "board.toml").write_text("new")
        if moment == "while writing":
            die()
        if moment == "while carrying over":
            publish.os.link = die
        if moment == "before the exchange":
            publish.exchange = die
        if moment == "in the exchange":
            # The second rename never happens.
            rename = Path.rename
            Path.rename = lambda self, target: die() if target == out else rename(self, target)
        if moment == "after the exchange":
            publish.shutil.rmtree = die
        staging.publish()
"""


MOMENTS = ["while writing", "while carrying over", "before the exchange", "after the exchange"]


@pytest.mark.parametrize(
    ("moment", "way"),
    [(moment, way) for moment in MOMENTS for way in ("exchange", "two renames")]
    + [("in the exchange", "two renames")],
)
def test_killed_run_leaves_one_whole_result(
    out: Path, project: Path, moment: str, way: str
) -> None:
    process = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(KILLED), str(out), moment, way],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(project)},
    )
    assert process.returncode == -signal.SIGKILL
    is_new = moment == "after the exchange"
    if moment != "in the exchange":
        assert tree(out)["board.toml"] == ("new" if is_new else "old")
    with Staging(out, OURS):
        pass
    assert siblings(out) == ["out"]
    assert tree(out)["board.toml"] == ("new" if is_new else "old")
    assert tree(out)["mine"] == "m"
    assert ("site/gone" in tree(out)) is not is_new


def test_the_folder_of_a_living_run_is_left_alone(out: Path) -> None:
    with Staging(out, OURS) as first:
        with Staging(out, OURS) as second:
            assert first.folder.exists()
            write(second.folder, board_toml="second")
            second.publish()
        write(first.folder, board_toml="first")
        first.publish()
    assert tree(out)["board.toml"] == "first"
    assert siblings(out) == ["out"]


def test_full_disk_is_told_before_the_long_work(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publish, "SPACE_NEEDED", 2**62)
    with pytest.raises(
        IpbrError, match=r"--out .*out: expected at least .* MB of free space there, found only"
    ):
        Staging(out, OURS).__enter__()
    assert siblings(out) == ["out"]


def test_disk_that_fills_up_is_told_in_one_message() -> None:
    with (
        pytest.raises(IpbrError, match="writing --out x: No space left on device; nothing was"),
        disk.explained("writing --out x"),
    ):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    told = 'Could not write file "x.duckdb": No space left on device'
    with (
        pytest.raises(IpbrError, match=f"building x: {told}; nothing was"),
        disk.explained("building x"),
    ):
        raise duckdb.IOException(told)
    # A fault of the program is none of the disk's.
    with pytest.raises(duckdb.BinderException), disk.explained("building x"):
        raise duckdb.BinderException("no such column")


@pytest.mark.parametrize("place", ["/proc/out", "/dev/null/out"])
def test_place_that_cannot_be_written_is_told(place: str) -> None:
    with pytest.raises(IpbrError, match=f"--out {place} cannot be written: .*; choose another"):
        Staging(Path(place), OURS).__enter__()


def test_place_without_the_right_to_write_is_told(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The superuser may write anywhere, so the system's answer is played.
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != out)
    with pytest.raises(IpbrError, match="cannot be written: Permission denied"):
        Staging(out, OURS).__enter__()


def test_mount_point_is_refused(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os.path, "ismount", lambda path: Path(path) == out)
    with pytest.raises(IpbrError, match="is a mount point"):
        Staging(out, OURS).__enter__()
    assert siblings(out) == ["out"]


def test_lock_is_given_back(out: Path) -> None:
    with Staging(out, OURS) as staging:
        staging.publish()
    descriptor = os.open(out, os.O_RDONLY)
    # It raises where somebody still holds it.
    assert fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB) is None
    os.close(descriptor)
