"""What a database says of its own data tests, and which boards are therefore not taken."""

import re
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from base.errors import InvariantError, IpbrError
from ipbr_rank.engine import verdicts
from ipbr_rank.engine.verdicts import Result, require_tested, write_verdict
from tests.support.tested_database import PASSED, write_tested

NOW = datetime(2026, 1, 1, tzinfo=UTC)
FAILED = Result("test.ipbr.assert_a", "fail", 3)
BROKEN = Result("test.ipbr.warn_b", "error", 0)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A board whose tests hold."""
    return write_tested(tmp_path / "board.duckdb", NOW)


def change(database: Path, statement: str) -> None:
    with duckdb.connect(str(database)) as connection:
        connection.execute(statement)


def test_a_board_whose_tests_hold_is_taken(database: Path) -> None:
    require_tested(database)
    with duckdb.connect(str(database), read_only=True) as connection:
        counts = connection.execute(
            "select n_tests_enabled, n_tests_run, n_tests_failed, n_tests_warned, n_nodes_stale "
            "from ops.build_verdicts"
        ).fetchall()
    assert counts == [(2, 2, 0, 1, 0)]


@pytest.mark.parametrize(
    ("results", "kind", "told"),
    [
        ([], IpbrError, "was built without its tests (dbt run). Run `dbt test`, then render."),
        (PASSED[:1], IpbrError, "1 of 2 data tests have been run on the board as it is now"),
        ([FAILED], InvariantError, "In the last build of this board, 1 of 2 data tests failed"),
        ([FAILED, BROKEN], InvariantError, "assert_a: 3 rows\n  warn_b: the test could not run"),
    ],
)
def test_the_newest_verdict_counts(
    database: Path, results: list[Result], kind: type, told: str
) -> None:
    with duckdb.connect(str(database)) as connection:
        write_verdict(connection, results, 2)
    with pytest.raises(IpbrError, match=re.escape(told)) as caught:
        require_tested(database)
    assert type(caught.value) is kind
    # And a later one takes its place.
    with duckdb.connect(str(database)) as connection:
        write_verdict(connection, PASSED, 2)
    require_tested(database)


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("drop schema ops cascade", "There is no record that the data tests of this board passed"),
        ("delete from ops.build_verdicts", "There is no record that the data tests"),
        (
            "update staging.stg_config__files set sha256 = 'x' where file_id = 'aliases'",
            "have changed since this board was built",
        ),
        ("update raw.runs set generated_at = now()", "have changed since this board was built"),
        (
            "insert into raw.source_runs values ('gso', 'stale', 'late')",
            "have changed since this board",
        ),
        ("insert into ops.stale_nodes values ('model.ipbr.fct_a')", "1 tables are older"),
        (
            "drop table staging.stg_config__files",
            "cannot find out whether the data tests",
        ),
    ],
)
def test_a_verdict_is_on_what_the_database_holds(database: Path, statement: str, told: str) -> None:
    change(database, statement)
    with pytest.raises(IpbrError, match=told):
        require_tested(database)


def test_only_the_last_verdicts_are_kept(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verdicts, "VERDICTS_KEPT", 2)
    with duckdb.connect(str(database)) as connection:
        for n_enabled in (3, 4, 5):
            write_verdict(connection, PASSED, n_enabled)
        kept = connection.execute(
            "select n_tests_enabled from ops.build_verdicts order by ended_at, rowid"
        ).fetchall()
    assert kept == [(4,), (5,)]


def test_macro_and_module_say_the_same(project: Path) -> None:
    """What a test with dbt does not compare: definitions of tables, and how many rows are kept."""
    macro = (project / "macros/build_verdicts.sql").read_text("utf-8")
    flat = " ".join(macro.split())
    for statement in verdicts.SCHEMA.strip().split(";"):
        assert " ".join(statement.split()) in flat
    assert f"limit {verdicts.VERDICTS_KEPT}" in macro
    assert sorted(re.findall(r'"((?:raw|previous|source)_\w+|runs)"', macro)) == [*verdicts.LANDED]
