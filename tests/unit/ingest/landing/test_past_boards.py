"""The boards of earlier runs are brought over whole, or refused."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from base.errors import ConfigurationError
from ingest.fetch.client import TransportSettings
from ingest.landing.land import SCHEMA
from ingest.landing.past_boards import (
    COLUMNS,
    MART,
    EarlierHistory,
    attached_earlier,
    find_history,
    land_history,
    methodology_of,
)

HASH = hashlib.sha256(b"").hexdigest()
DAY_1, DAY_2, DAY_3 = ("2026-11-07 12:00:00", "2026-11-08 12:00:00", "2026-11-09 12:00:00")
SETTINGS = TransportSettings("test")


def fill(connection: duckdb.DuckDBPyConnection, table: str, *days: str, score: float = 60) -> None:
    """Two models in two roles for every day; the second is ten points behind."""
    columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    connection.execute(f"create table {table} ({columns})")
    for day in days:
        for role in ("i", "r"):
            for place, name in enumerate(("A", "B"), start=1):
                connection.execute(
                    f"insert into {table} values (?, 'v1', 'full', ?, ?, ?, ?, ?, ?, null, null, "
                    "'ranked', ?, 0.9, 's v1')",
                    [day, HASH, f"v/{name.lower()}", name, role, score - 10 * place, place, place],
                )


def make_database(path: Path, *days: str, score: float = 60) -> Path:
    """A database with these boards."""
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts")
        fill(connection, f"marts.{MART}", *days, score=score)
    return path


def make_file(path: Path, *days: str, change: str = "") -> Path:
    """A Parquet file with these boards, after a change."""
    with duckdb.connect() as connection:
        fill(connection, "history", *days)
        connection.execute(change or "select 1")
        connection.execute("copy history to ? (format parquet)", [str(path)])
    return path


def landed(earlier: EarlierHistory) -> list[tuple[str, float]]:
    """Moment and best score of each board that was landed."""
    with duckdb.connect() as connection, attached_earlier(connection, earlier):
        connection.execute(SCHEMA)
        land_history(connection, earlier)
        return connection.execute(
            "select cast(generated_at as varchar), max(score) from raw.previous_history "
            "group by all order by all"
        ).fetchall()


@pytest.fixture
def find(project: Path, tmp_path: Path) -> Callable[..., EarlierHistory]:
    """find_history with all but the two places filled in."""

    def found(database: Path = tmp_path / "none.duckdb", given: Path | None = None):
        return find_history(
            project, database, given and str(given), tmp_path, SETTINGS, edition="full"
        )

    return found


def test_methodology_is_that_of_the_run(board, project):
    with duckdb.connect(str(board.database), read_only=True) as connection:
        assert connection.execute("select methodology from marts.dim_runs").fetchall() == [
            (methodology_of(project),)
        ]


def test_columns_are_those_of_the_mart_and_the_landing(board):
    with duckdb.connect(str(board.database), read_only=True) as connection:
        for table in (f"marts.{MART}", "raw.previous_history"):
            columns = connection.execute(f"describe {table}").fetchall()
            assert {name: kind for name, kind, *_ in columns} == COLUMNS, table


def test_without_database_and_file_there_is_none(find):
    assert landed(find()) == []


def test_a_database_of_before_there_was_a_history_has_none(find, tmp_path):
    duckdb.connect(str(tmp_path / "old.duckdb")).close()
    assert find(tmp_path / "old.duckdb") == EarlierHistory()


def test_database_and_file_make_one_history(find, tmp_path):
    """Of the day that both know, the database's board counts."""
    database = make_database(tmp_path / "it's.duckdb", DAY_2, DAY_3, score=90)
    file = make_file(tmp_path / "it's.parquet", DAY_1, DAY_2)
    assert landed(find(database, file)) == [(DAY_1, 50), (DAY_2, 80), (DAY_3, 80)]
    assert landed(find(database)) == [(DAY_2, 80), (DAY_3, 80)]
    assert landed(find(given=file)) == [(DAY_1, 50), (DAY_2, 50)]


def test_a_history_of_before_places_were_kept_goes_on(find, tmp_path):
    """What it does not have is null, in a file and in a database, whole or in part."""
    database = make_database(tmp_path / "old.duckdb", DAY_2)
    with duckdb.connect(str(database)) as connection:
        connection.execute(f"alter table marts.{MART} drop column scale_versions")
    columns = "status, place, own_share, scale_versions"
    changes = "; ".join(f"alter table history drop column {name}" for name in columns.split(", "))
    file = make_file(tmp_path / "old.parquet", DAY_1, change=changes)
    earlier = find(database, file)
    with duckdb.connect() as connection, attached_earlier(connection, earlier):
        connection.execute(SCHEMA)
        land_history(connection, earlier)
        found = connection.execute(
            f"select distinct {columns} from raw.previous_history where rank = 1 "
            "order by generated_at"
        ).fetchall()
    assert found == [(None, None, None, None), ("ranked", 1, 0.9, None)]


WRONG = {
    "methodology": ("update history set methodology = 'v0' where rank = 2", "methodology 'v0'"),
    "edition": ("update history set edition = 'publishable'", "edition 'publishable'"),
    "no methodology": ("update history set methodology = null", "methodology 'none'"),
    "no time": ("update history set generated_at = null where rank = 2", "every generated_at"),
    "score above 100": ("update history set score = 100.5 where rank = 1", "a score from 0 to 100"),
    "no number": ("update history set score = 'nan'", "a score from 0 to 100"),
    "role": ("update history set role_id = 'x'", "one of the roles i, p, b, r"),
    "hash": ("update history set coefficients_sha256 = 'abc'", "a SHA-256"),
    "escape": ("update history set display_name = chr(27) || '[2J'", "control characters"),
    "long": ("update history set display_name = repeat('x', 1001)", "short names"),
    "twice": ("insert into history select * from history where rank = 2", "every model once"),
    "swapped": ("update history set rank = 3 - rank", "ranks in the order of the scores"),
    "half an interval": ("update history set score_p05 = 1", "an interval"),
    "interval upside down": ("update history set score_p05 = 9, score_p95 = 8", "an interval"),
    "empty": ("delete from history", "at least one board"),
    "extra column": ("alter table history add column x int", "a difference in x"),
    "column gone": ("alter table history drop column score_p95", "a difference in score_p95"),
    "place": ("update history set place = null where rank = 2", "a place for what is ranked"),
    "status": ("update history set status = 'x', place = null", "a place for what is ranked"),
    "own evidence": ("update history set own_share = 1.5", "a share of own evidence"),
    "version": ("update history set scale_versions = chr(27)", "short versions of scales"),
    "type": ("alter table history alter rank type varchar", "a difference in rank"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_history_is_refused(find, tmp_path, kind):
    change, expected = WRONG[kind]
    file = make_file(tmp_path / "history.parquet", DAY_1, DAY_2, change=change)
    with pytest.raises(ConfigurationError) as error:
        find(given=file)
    assert str(error.value).startswith(f"--history {file}: expected ")
    assert expected in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("kept", [0, 3, 100, -20, -1])
def test_a_damaged_file_is_refused(find, tmp_path, kept):
    file = make_file(tmp_path / "history.parquet", DAY_1)
    file.write_bytes(file.read_bytes()[:kept])
    with pytest.raises(ConfigurationError, match="expected a whole Parquet file"):
        find(given=file)


def test_a_page_in_place_of_the_file_is_refused(find, tmp_path):
    (tmp_path / "history.parquet").write_text("<!DOCTYPE html><title>Not found</title>" * 10)
    with pytest.raises(ConfigurationError, match="expected a whole Parquet file"):
        find(given=tmp_path / "history.parquet")


def test_a_database_of_another_methodology_is_refused(find, tmp_path):
    database = make_database(tmp_path / "old.duckdb", DAY_1)
    with duckdb.connect(str(database)) as connection:
        connection.execute(f"update marts.{MART} set methodology = 'v0'")
    with pytest.raises(ConfigurationError, match=r"--database .*methodology 'v0'"):
        find(database)


def test_a_damaged_database_is_refused(find, tmp_path):
    (tmp_path / "broken.duckdb").write_bytes(b"no database" * 1000)
    with pytest.raises(ConfigurationError, match="cannot be read from it"):
        find(tmp_path / "broken.duckdb")
