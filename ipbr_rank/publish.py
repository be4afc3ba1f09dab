"""Replacing --out in one step: readers see the old folder whole or the new one whole."""

import ctypes
import errno
import fcntl
import os
import shutil
import tempfile
from collections.abc import Collection
from pathlib import Path

from ingest.errors import IpbrError
from ipbr_rank.disk import require_space

SPACE_NEEDED = 32 * 2**20
# From the Linux kernel's fs.h and fcntl.h.
RENAME_EXCHANGE = 2
AT_FDCWD = -100


class Staging:
    """A folder beside `out` that takes its place on `publish`.

    `ours` are the names directly in `out` that this run writes anew; everything else there is
    carried over. Entering proves that `out` can be replaced, before the long work. What an
    interrupted run left is cleared away by the next one.
    """

    def __init__(self, out: Path, ours: Collection[str]) -> None:
        self.out = out
        self.ours = ours
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
        carry_over(self.out, self.folder, self.ours)
        shutil.copymode(self.out, self.folder)
        previous = exchange(self.folder, self.out, self._prefix("previous"))
        # Whatever came into the old folder since it was carried over.
        carry_over(previous, self.out, self.ours)
        shutil.rmtree(previous, ignore_errors=True)

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
    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if renameat2 is not None:
        paths = os.fsencode(new), os.fsencode(out)
        if renameat2(AT_FDCWD, paths[0], AT_FDCWD, paths[1], RENAME_EXCHANGE) == 0:
            return new
        code = ctypes.get_errno()
        if code not in (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP):
            raise OSError(code, os.strerror(code), str(out))
    # Two steps where the system knows no exchange; `_clear_leftovers` mends a death in between.
    previous = Path(tempfile.mkdtemp(prefix=prefix, dir=out.parent))
    out.rename(previous)
    try:
        new.rename(out)
    except OSError:
        previous.rename(out)
        raise
    return previous


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
