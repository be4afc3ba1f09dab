"""`query` and `shell`: formats, standard input, read-only, and one message for every mistake."""

import csv
import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from base.errors import IpbrError
from base.output import WRITERS, as_json, as_table, width_of
from ipbr_rank.analysis.query import query
from ipbr_rank.cli.main import cli


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
        == "name  figure  list    flag\na        1.5  [1, 2]  true\nb" + " " * 21 + "false\n"
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
        assert "found no SQL statement" in process.stderr


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


# What stands for {files} is a folder in which only given.csv and copy/ are.
WAYS_TO_FILES = [
    "copy (select 1) to '{files}/new.csv'",
    "copy (select 1) to '{database}' (format csv)",
    "copy marts.figures to '{files}/new.parquet' (format parquet)",
    "copy marts.figures from '{files}/given.csv'",
    "attach '{files}/other.duckdb' as o (read_write); drop table o.t",
    "attach '{files}/new.duckdb' as n (read_write); create table n.t as select 1",
    "attach '{files}/other.duckdb' as o (read_only); from o.t",
    "export database '{files}/new'",
    "import database '{files}/copy'",
    "pragma profiling_output = '{files}/new.json'",
    "set log_query_path = '{files}/new.log'",
    "call enable_logging(storage = 'file', storage_path = '{files}')",
    "select * from read_csv('{files}/given.csv')",
    "select * from read_text('{files}/given.csv')",
    "select * from '{files}/given.csv'",
    "select * from glob('{files}/*')",
    "install httpfs",
    "load '{files}/given.csv'",
    "select * from 'https://example.org/given.csv'",
    "set enable_external_access = true; select * from read_text('{files}/given.csv')",
    "reset lock_configuration; set enable_external_access = true",
    "set temp_directory = '{files}/new'",
    "create secret new (type http, bearer_token 'x')",
]


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with a text file, another database and an exported one."""
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "given.csv").write_text("name,figure,list,flag\nhidden,1,,true\n")
    with duckdb.connect(str(folder / "other.duckdb")) as connection:
        connection.execute("create table t as select 'hidden' as x")
        connection.execute(f"export database '{folder / 'copy'}'")
    return folder


def contents(*places: Path) -> dict[Path, bytes]:
    """Every file's bytes by its path."""
    paths = [path for place in places for path in (place, *place.rglob("*"))]
    return {path: path.read_bytes() for path in paths if path.is_file()}


@pytest.mark.parametrize("statement", WAYS_TO_FILES)
def test_no_other_file_is_read_or_written(database: Path, files: Path, statement: str) -> None:
    before = contents(files, database)
    out = io.StringIO()
    with pytest.raises(IpbrError, match="the query failed: ") as caught:
        query(database, statement.format(files=files, database=database), "csv", out)
    assert "hidden" not in str(caught.value) + out.getvalue()
    assert contents(files, database) == before


def test_files_are_used_where_that_is_allowed(database: Path, files: Path) -> None:
    statement = f"select name from read_csv('{files}/given.csv')"
    result = CliRunner().invoke(cli, ["query", statement, "--database", str(database)])
    assert isinstance(result.exception, IpbrError)
    assert "--allow-files" in str(result.exception)
    result = CliRunner().invoke(
        cli, ["query", statement, "--database", str(database), "--allow-files"]
    )
    assert result.stdout == "name\nhidden\n"
    before = database.read_bytes()
    with pytest.raises(IpbrError, match="read-only"):
        query(database, "drop table marts.figures", "csv", may_use_files=True)
    assert database.read_bytes() == before


@pytest.mark.parametrize("place", [0, 4096, 8192])
def test_a_corrupt_database_is_called_corrupt(database: Path, tmp_path: Path, place: int) -> None:
    copy = tmp_path / "c.duckdb"
    shutil.copy(database, copy)
    with copy.open("r+b") as file:
        file.seek(place)
        file.write(b"garbage!")
    with pytest.raises(IpbrError, match=r"c\.duckdb is corrupt: ") as caught:
        query(copy, "select 1", "table")
    assert "another program" not in str(caught.value)


@pytest.mark.parametrize("command", [["query", "select 1"], ["shell"]])
def test_a_database_that_cannot_be_read(
    ipbr_rank_process, tmp_path: Path, command: list[str]
) -> None:
    absent = ipbr_rank_process(*command, "--database", tmp_path / "no.duckdb")
    assert absent.returncode == 1
    assert "there is no database" in absent.stderr
    assert f"`ipbr-rank all --database {tmp_path / 'no.duckdb'}` builds it" in absent.stderr
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


def test_readers_do_not_disturb_each_other(ipbr_rank_process, database: Path) -> None:
    with duckdb.connect(str(database), read_only=True):
        assert ipbr_rank_process("query", "select 1", "--database", database).returncode == 0


def test_without_duckdbs_program_the_shell_says_what_to_do(project: Path, database: Path) -> None:
    process = piped(project, "select 1;\n", "shell", "--database", database)
    assert (process.returncode, process.stdout) == (1, "")
    assert "there is no `duckdb` on the PATH" in process.stderr
    assert "https://duckdb.org/install" in process.stderr
    assert 'ipbr-rank query "select …"' in process.stderr
    assert "Traceback" not in process.stderr


def test_duckdbs_own_program_is_preferred_and_read_only(
    ipbr_rank_process, database: Path, tmp_path: Path
) -> None:
    program = tmp_path / "duckdb"
    program.write_text('#!/bin/sh\necho "$@"\n')
    program.chmod(0o755)
    path = f"{tmp_path}:/usr/bin:/bin"
    process = ipbr_rank_process("shell", "--database", database, PATH=path)
    sealed = "-cmd set enable_external_access = false -cmd .safe_mode"
    assert process.stdout == f"-readonly {sealed} {database}\n"
    process = ipbr_rank_process("shell", "--allow-files", "--database", database, PATH=path)
    assert process.stdout == f"-readonly {database}\n"


def test_text_from_a_source_cannot_steer_the_terminal() -> None:
    assert as_table(["x"], [["a\x1b[2J\nb"]]) == "x\na\ufffd[2J b\n"


def test_columns_of_one_name_are_both_kept_in_json() -> None:
    assert json.loads(as_json(["a", "a"], [[1, float("nan")]])) == [{"a": 1, "a_2": None}]


def test_figures_stand_to_the_right_and_other_values_to_the_left() -> None:
    rows = [["a", 5, 1.25, True, "2"], ["bc", None, 100.0, False, "10"], ["d", -30, None, None, ""]]
    assert as_table(["x", "n", "share", "flag", "text"], rows, decimals={"share": 1}) == (
        "x     n  share  flag   text\n"
        "a     5    1.2  true   2\n"
        "bc       100.0  false  10\n"
        "d   -30\n"
    )


def test_a_table_is_cut_to_the_terminal_but_no_figure_is() -> None:
    rows = [["a short one", "a rather long text that nobody needs whole", 1234567.125]]
    table = as_table(["first", "second", "figure"], rows, width=40)
    assert table.splitlines()[1] == "a short one  a rather long…  1234567.125"
    digits = [[98.43806744506733], [0.1 + 0.2], [2.0], [None], [-0.00002], [999999.5]]
    assert as_table(["n"], digits, width=40).split() == [
        *("n", "98.4381", "0.3", "2", "-2e-05", "999999.5"),
    ]
    assert as_table(["n"], digits).split()[1] == "98.43806744506733"
    assert max(map(len, as_table(["a", "b"], [["x" * 99, "宽" * 50]], width=40).splitlines())) <= 40
    narrow = as_table(["first", "second", "figure"], rows, width=10).splitlines()[1]
    assert narrow == "a short…  a rathe…  1234567.125"


def test_what_is_no_terminal_gets_the_full_width() -> None:
    assert width_of(io.StringIO()) is None
    long = "a rather long text " * 20
    assert long.rstrip() in as_table(["x"], [[long]])


def test_a_terminal_gets_its_own_width(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("COLUMNS", "33")
    terminal = Terminal()
    WRITERS["table"](["x"], [["a rather long text " * 20]], terminal)
    assert [len(line) for line in terminal.getvalue().splitlines()] == [1, 33]


def test_sql_from_a_file_with_parameters_into_a_file(
    ipbr_rank, database: Path, tmp_path: Path
) -> None:
    (tmp_path / "q.sql").write_text("-- why\nselect name from marts.figures where name = $wanted")
    process = ipbr_rank(
        *("query", "--file", tmp_path / "q.sql", "-p", "wanted=a", "-f", "csv"),
        *("--output", tmp_path / "result.csv", "--database", database),
    )
    assert (process.returncode, process.stdout, process.stderr) == (0, "", "")
    assert (tmp_path / "result.csv").read_text() == "name\na\n"


def test_sql_may_begin_with_a_comment(ipbr_rank, database: Path) -> None:
    process = ipbr_rank("query", "-- one\nselect 1 as a", "--database", database)
    assert (process.returncode, process.stdout) == (0, "a\n1\n")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "give the SQL in one way: as an argument, with - (standard input), or"),
        (["select 1", "--file", "q.sql"], "give the SQL in one way"),
        (["select $a", "-p", "a"], "expected name=value, found 'a'"),
    ],
)
def test_sql_that_is_not_given_once(
    ipbr_rank, database: Path, tmp_path: Path, arguments: list[str], told: str
) -> None:
    (tmp_path / "q.sql").write_text("select 1")
    process = ipbr_rank("query", *arguments, "--database", database, cwd=tmp_path)
    assert process.returncode == 2
    assert told in process.stderr


def test_an_output_that_cannot_be_written(ipbr_rank, database: Path, tmp_path: Path) -> None:
    process = ipbr_rank("query", QUERY, "--output", tmp_path, "--database", database)
    assert process.returncode == 1
    assert "cannot be written" in process.stderr
