"""Where a database is built before it replaces the real one, and the lock on that place."""

import fcntl
import os
import shutil
from pathlib import Path
from typing import IO

from base.errors import IpbrError
from base.files import require_space
from base.sql import spill_into
from ipbr_rank.config import Configuration

# The database itself, dbt's artefacts and DuckDB's temporary files.
SPACE_NEEDED = 64 * 2**20


class Workspace:
    """The folder `.ipbr/<stem>` beside a database; entering it takes its lock.

    The database built here replaces the real one on `publish`, after `prepare`; until then the
    real one is not touched.
    """

    def __init__(self, database: Path) -> None:
        self.published = database
        self.folder = database.parent / ".ipbr" / database.stem
        self.database = self.folder / database.name
        self._lock: IO[str] | None = None

    def __enter__(self) -> "Workspace":
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = (self.folder / "lock").open("a+", encoding="utf-8")
        except OSError as error:
            raise IpbrError(
                f"--database {self.published}: cannot write into {self.published.parent}: "
                f"{error.strerror}; choose another place"
            ) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.seek(0)
            holder = lock.read().strip()
            lock.close()
            raise IpbrError(
                f"--database {self.published} is being built by another ipbr-rank"
                f"{f' (process {holder})' if holder else ''}; wait for it to end or choose "
                "another database"
            ) from error
        try:
            lock.truncate(0)
            lock.write(str(os.getpid()))
            lock.flush()
            require_space(self.folder, SPACE_NEEDED, f"--database {self.published}")
            self._require_no_writer()
            _remove_database(self.database)
            spill_into(_temporary(self.database))
        except BaseException:
            lock.close()
            raise
        self._lock = lock
        return self

    def __exit__(self, *_: object) -> None:
        if self._lock:
            self._lock.close()

    def keep_configuration(self, configuration: Configuration) -> dict[str, str]:
        """Writes the checked files for dbt to read; returns its variables.

        dbt reads exactly what was checked, also when a file changes meanwhile or is a pipe; and as
        the paths are always the same, dbt's partial parsing holds for any --coefficients.
        """
        folder = self.folder / "configuration"
        folder.mkdir(exist_ok=True)
        return configuration.write(folder)

    def begin_with_published(self) -> None:
        """Puts a copy of the real database in the place where one is built, if there is one.

        What of it still holds need not be made again; see `ipbr_rank.engine.rebuild`.
        """
        if self.published.is_file():
            size = self.published.stat().st_size
            require_space(self.folder, size + SPACE_NEEDED, f"--database {self.published}")
            shutil.copyfile(self.published, self.database)

    def prepare(self) -> None:
        """Makes sure that `publish` will succeed."""
        if _log_of(self.database).exists():
            _fold_in_log(self.database)
        self._require_no_writer()

    def publish(self) -> None:
        """Moves the built database over the real one."""
        # A log left by someone else's crashed session belongs to the database that goes away.
        _log_of(self.published).unlink(missing_ok=True)
        self.database.replace(self.published)

    def _require_no_writer(self) -> None:
        """DuckDB locks a file while it writes: a session on it would outlive the exchange."""
        if not self.published.exists():
            return
        with self.published.open("rb") as file:
            try:
                fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError as error:
                raise IpbrError(
                    f"--database {self.published} is open for writing in another program; close "
                    "it or choose another database"
                ) from error


def _log_of(database: Path) -> Path:
    return database.with_name(database.name + ".wal")


def _fold_in_log(database: Path) -> None:
    import duckdb

    with duckdb.connect(str(database)) as connection:
        connection.execute("checkpoint")


def _remove_database(database: Path) -> None:
    database.unlink(missing_ok=True)
    _log_of(database).unlink(missing_ok=True)
    shutil.rmtree(_temporary(database), ignore_errors=True)


def _temporary(database: Path) -> Path:
    return database.with_name(database.name + ".tmp")
