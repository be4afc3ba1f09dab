"""Files: replaced in one step, and hashed; a full disk or a closed folder is told clearly."""

import hashlib
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from base.errors import IpbrError
from base.sql import first_line


def require_space(folder: Path, needed: int, what: str) -> None:
    """IpbrError if the file system of `folder` has fewer than `needed` bytes free."""
    free = os.statvfs(folder)
    available = free.f_bavail * free.f_frsize
    if available < needed:
        raise IpbrError(
            f"{what}: expected at least {_megabytes(needed)} of free space there, found only "
            f"{_megabytes(available)}; make room or choose another place"
        )


@contextmanager
def explained(doing: str) -> Iterator[None]:
    """Turns an OSError, DuckDB's too, into one message that says what was being done."""
    try:
        yield
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        raise IpbrError(
            f"{doing}: {where}{error.strerror or error}; nothing was published"
        ) from error
    except Exception as error:
        # Not loaded for those who have no need of it.
        duckdb = sys.modules.get("duckdb")
        if duckdb is None or not isinstance(error, duckdb.IOException):
            raise
        raise IpbrError(f"{doing}: {first_line(error)}; nothing was published") from error


def replace_file(path: Path, content: bytes) -> None:
    """Write a file so that at any moment the old one or the new one is there, whole."""
    # Named after the process, so that the remains of a killed one can be told.
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def hash_of(texts: Iterable[str], files: Mapping[str, Path]) -> str:
    """SHA-256 of texts and of files with their names; lengths keep each from running into the next.

    Raises OSError for a file that cannot be read.
    """
    digest = hashlib.sha256()
    for text in texts:
        digest.update(f"{len(text)} {text}".encode())
    for name, path in files.items():
        body = path.read_bytes()
        digest.update(f"{name} {len(body)} ".encode() + body)
    return digest.hexdigest()


def _megabytes(size: int) -> str:
    return f"{size / 2**20:,.0f} MB"
