"""`query` and `shell`: formats, standard input, read-only, and one message for every mistake."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from ipbr_rank.query import as_json, as_table


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small database with one table, marts.figures."""
    path = tmp_path_factory.mktemp("query") / "small.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts")
        connection.execute(
            "create table marts.figures as select * from (values ('a', 1.5, [1, 2], true), "
            "('b', null, null, false)) as t(name, figure, list, flag)"
        )
    return path


QUERY = "select * from marts.figures order by name"


def test_table(ipbr_rank, database: Path) -> None:
    process = ipbr_rank("query", QUERY, "--database", database)
    assert (
        process.stdout
        == "name  figure  list    flag\na     1.5     [1, 2]  true\nb" + " " * 21 + ("false\n")
    )
    assert (process.returncode, process.stderr) == (0, "")


def test_json(ipbr_rank, database: Path) -> None:
    process = ipbr_rank("--database", database, "query", "--format", "json", QUERY)
    assert json.loads(process.stdout) == [
        {"name": "a", "figure": 1.5, "list": [1, 2], "flag": True},
        {"name": "b", "figure": None, "list": None, "flag": False},
    ]


def test_csv(ipbr_rank, database: Path) -> None:
    process = ipbr_rank("query", QUERY, "--format", "csv", "--database", database)
    assert list(csv.reader(io.StringIO(process.stdout))) == [
        ["name", "figure", "list", "flag"],
        ["a", "1.5", "[1, 2]", "true"],
        ["b", "", "", "false"],
    ]


def piped(project: Path, text: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """The command line with `text` as its standard input; no DuckDB program is found."""
    return subprocess.run(
        [sys.executable, "-m", "ipbr_rank", *map(str, arguments)],
        cwd=project,
        env={"PYTHONPATH": str(project), "PATH": ""},
        input=text,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_standard_input(project: Path, database: Path) -> None:
    process = piped(project, "select 1 as x;\nselect 2 as y", "query", "-", "--database", database)
    assert (process.stdout, process.stderr) == ("y\n2\n", "")


def test_no_statement_is_wrong_usage(project: Path, database: Path) -> None:
    for text in ("", " \n"):
        process = piped(project, text, "query", "-", "--database", database)
        assert process.returncode == 2
        assert "no statement" in process.stderr


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("selec 1", 'syntax error at or near "selec"'),
        ("select * from marts.figure", "figure"),
        ("select nme from marts.figures", "nme"),
        ("create table marts.other as select 1", "read-only"),
        ("delete from marts.figures", "read-only"),
    ],
)
def test_a_statement_that_fails_is_one_message(
    ipbr_rank, database: Path, statement: str, told: str
) -> None:
    before = database.read_bytes()
    process = ipbr_rank("query", statement, "--database", database)
    assert (process.returncode, process.stdout) == (1, "")
    assert process.stderr.startswith("error: the query failed: ")
    assert told in process.stderr
    assert "Traceback" not in process.stderr
    assert database.read_bytes() == before


@pytest.mark.parametrize("command", [["query", "select 1"], ["shell"]])
def test_a_database_that_cannot_be_read(ipbr_rank_process, tmp_path: Path, command: list[str]) -> None:
    absent = ipbr_rank_process(*command, "--database", tmp_path / "no.duckdb")
    assert absent.returncode == 1
    assert "there is no database" in absent.stderr
    assert "ipbr-rank all --offline" in absent.stderr
    assert not (tmp_path / "no.duckdb").exists()

    (tmp_path / "text.duckdb").write_text("This is not a database. " * 1000)
    foreign = ipbr_rank_process(*command, "--database", tmp_path / "text.duckdb")
    assert foreign.returncode == 1
    assert "cannot be read as a DuckDB database" in foreign.stderr

    with duckdb.connect(str(tmp_path / "held.duckdb")):
        held = ipbr_rank_process(*command, "--database", tmp_path / "held.duckdb")
    assert held.returncode == 1
    assert "open for writing in another program" in held.stderr
    assert "Traceback" not in absent.stderr + foreign.stderr + held.stderr


def test_readers_do_not_disturb_each_other(ipbr_rank, database: Path) -> None:
    with duckdb.connect(str(database), read_only=True):
        assert ipbr_rank("query", "select 1", "--database", database).returncode == 0


def test_the_prompt_goes_on_after_a_mistake(project: Path, database: Path) -> None:
    text = ".tables\nselect wrong;\n\nselect\n  3 as z;\n.help\nselect 4 as last"
    process = piped(project, text, "shell", "--database", database)
    assert process.returncode == 0
    assert "marts.figures  2\n" in process.stdout
    assert "z\n3\n" in process.stdout
    assert ".quit" in process.stdout
    assert process.stdout.endswith("last\n4\n")
    assert process.stderr.count("error: ") == 1


def test_the_prompt_ends_when_asked(project: Path, database: Path) -> None:
    process = piped(project, ".quit\nselect 1 as x;\n", "shell", "--database", database)
    assert (process.returncode, process.stdout) == (0, "")


def test_duckdbs_own_program_is_preferred_and_read_only(
    ipbr_rank_process, database: Path, tmp_path: Path
) -> None:
    program = tmp_path / "duckdb"
    program.write_text('#!/bin/sh\necho "$@"\n')
    program.chmod(0o755)
    process = ipbr_rank_process("shell", "--database", database, PATH=f"{tmp_path}:/usr/bin:/bin")
    assert process.stdout == f"-readonly {database}\n"


def test_text_from_a_source_cannot_steer_the_terminal() -> None:
    assert as_table(["x"], [["a\x1b[2J\nb"]]) == "x\na\ufffd[2J b\n"


def test_columns_of_one_name_are_both_kept_in_json() -> None:
    assert json.loads(as_json(["a", "a"], [[1, float("nan")]])) == [{"a": 1, "a_2": None}]
