"""Replacing --out in one step: readers see the old folder whole or the new one whole."""

import ctypes
import errno
import fcntl
import itertools
import os
import shutil
import tempfile
import tomllib
from collections.abc import Collection
from pathlib import Path

from base.errors import IpbrError
from base.files import require_space

SPACE_NEEDED = 32 * 2**20
# From the Linux kernel's fs.h and fcntl.h.
RENAME_EXCHANGE = 2
AT_FDCWD = -100
# What a board in --out is made of; two boards are never mixed if one of them is an experiment.
SCOREBOARD = "scoreboard.toml"
BOARD = (SCOREBOARD, "missing.toml", "coefficients.toml", "NOTICE", "site")


class Staging:
    """A folder beside `out` that takes its place on `publish`.

    `ours` are the names directly in `out` that this run writes anew; everything else there is
    carried over. Entering proves that `out` can be replaced, before the long work. What an
    interrupted run left is cleared away by the next one.

    If what is published `is_experiment` and `out` holds a board that is none, `out` is moved to
    `<out>.previous`, which is then `kept`.
    """

    def __init__(self, out: Path, ours: Collection[str], *, is_experiment: bool = False) -> None:
        self.out = out
        self.ours = ours
        self.is_experiment = is_experiment
        self.kept: Path | None = None
        self.folder: Path
        self._lock: int

    def __enter__(self) -> "Staging":
        try:
            self.out.parent.mkdir(parents=True, exist_ok=True)
            self._clear_leftovers()
            if self.out.exists() and not os.access(self.out, os.W_OK | os.X_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            self.folder = Path(tempfile.mkdtemp(prefix=self._prefix("next"), dir=self.out.parent))
        except OSError as error:
            raise IpbrError(
                f"--out {self.out} cannot be written: {error.strerror}; choose another folder"
            ) from error
        self._lock = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX)
            if os.path.ismount(self.out):
                raise IpbrError(
                    f"--out {self.out} is a mount point, which cannot be replaced in one step; "
                    "choose a folder inside it"
                )
            require_space(self.folder, SPACE_NEEDED, f"--out {self.out}")
            self._aside()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        os.close(self._lock)

    def publish(self) -> None:
        """Puts the folder in the place of `out`."""
        if not self.out.exists():
            umask = os.umask(0)
            os.umask(umask)
            self.folder.chmod(0o777 & ~umask)
            self.folder.rename(self.out)
            return
        left = self.ours
        if holds_experiment(self.out) not in (None, self.is_experiment):
            left = {*self.ours, *BOARD}
        carry_over(self.out, self.folder, left)
        shutil.copymode(self.out, self.folder)
        if aside := self._aside():
            self._put_aside(aside)
            carry_over(aside, self.out, left)
            self.kept = aside
            return
        previous = exchange(self.folder, self.out, self._prefix("previous"))
        # Whatever came into the old folder since it was carried over.
        carry_over(previous, self.out, left)
        shutil.rmtree(previous, ignore_errors=True)

    def _aside(self) -> Path | None:
        """Where `out` is to be moved; None if it need not be kept.

        IpbrError if something else than a board stands there.
        """
        if not self.is_experiment or holds_experiment(self.out) is not False:
            return None
        aside = self.out.with_name(f"{self.out.name}.previous")
        if os.path.lexists(aside) and (aside.is_symlink() or holds_experiment(aside) is None):
            raise IpbrError(
                f"the board in --out {self.out} is not an experiment and would be moved to "
                f"{aside}, which already exists; move or delete {aside}, or choose another --out"
            )
        return aside

    def _put_aside(self, aside: Path) -> None:
        """Moves `out` to `aside` and the new folder into its place.

        The good board has one of these two names at every moment: under any other, a run that is
        killed would leave it to be cleared away.
        """
        older = None
        if aside.exists():
            older = Path(tempfile.mkdtemp(prefix=self._prefix("previous"), dir=self.out.parent))
            aside.rename(older)
        self.folder.rename(aside)
        try:
            is_swapped = swapped(aside, self.out)
        except OSError:
            aside.rename(self.folder)
            raise
        if not is_swapped:
            aside.rename(self.folder)
            self.out.rename(aside)
            self.folder.rename(self.out)
        if older:
            # What else had been put there.
            carry_over(older, aside, BOARD)
            shutil.rmtree(older, ignore_errors=True)

    def _prefix(self, kind: str) -> str:
        return f".{self.out.name}.ipbr-{kind}-"

    def _clear_leftovers(self) -> None:
        """Removes what killed runs left; brings `out` back if one died between two renames."""
        for previous in sorted(self.out.parent.glob(self._prefix("previous") + "*")):
            if not self.out.exists():
                previous.rename(self.out)
            else:
                shutil.rmtree(previous, ignore_errors=True)
        for folder in self.out.parent.glob(self._prefix("next") + "*"):
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                # A living run holds the lock on its folder.
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            except BlockingIOError:
                pass
            finally:
                os.close(descriptor)


def exchange(new: Path, out: Path, prefix: str) -> Path:
    """Puts `new` in the place of `out`, which exists; returns where the old folder is now."""
    if swapped(new, out):
        return new
    # Two steps where the system knows no exchange; `_clear_leftovers` mends a death in between.
    previous = Path(tempfile.mkdtemp(prefix=prefix, dir=out.parent))
    out.rename(previous)
    try:
        new.rename(out)
    except OSError:
        previous.rename(out)
        raise
    return previous


def swapped(new: Path, out: Path) -> bool:
    """Exchanges two folders in one step; False if the system knows no exchange."""
    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if renameat2 is not None:
        paths = os.fsencode(new), os.fsencode(out)
        if renameat2(AT_FDCWD, paths[0], AT_FDCWD, paths[1], RENAME_EXCHANGE) == 0:
            return True
        code = ctypes.get_errno()
        if code not in (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP):
            raise OSError(code, os.strerror(code), str(out))
    return False


def holds_experiment(out: Path) -> bool | None:
    """Whether the board in a folder is an experiment; None if there is no board.

    A scoreboard.toml that does not read is none: what cannot be judged is not given up.
    """
    for path in (out / SCOREBOARD, out / "site" / "data" / SCOREBOARD):
        try:
            with path.open(encoding="utf-8") as file:
                # Keys of the document stand before its first table.
                head = "".join(itertools.takewhile(lambda line: not line.startswith("["), file))
            return tomllib.loads(head).get("experiment") is True
        except (FileNotFoundError, NotADirectoryError):
            continue
        except (OSError, ValueError):
            return False
    return None


def carry_over(old: Path, new: Path, ours: Collection[str] = ()) -> None:
    """Brings everything of `old` into `new` that is not there yet, except the names in `ours`.

    Files are linked, so that both folders are whole; where links are not possible they are copied.
    """
    for entry in os.scandir(old):
        target = new / entry.name
        if entry.name in ours:
            continue
        if entry.is_dir(follow_symlinks=False):
            if not target.exists():
                target.mkdir()
                shutil.copystat(entry.path, target)
            if target.is_dir():
                carry_over(Path(entry.path), target)
        elif not os.path.lexists(target):
            try:
                os.link(entry.path, target, follow_symlinks=False)
            except OSError:
                shutil.copy2(entry.path, target, follow_symlinks=False)
