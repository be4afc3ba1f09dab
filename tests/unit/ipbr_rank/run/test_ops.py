"""How runs went: the tables of the schema ops, `status`, and the log as JSON."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest

from ingest.landing.land import LandedSource
from ingest.registry import Source, load_sources
from ipbr_rank.run import run_tables as ops
from ipbr_rank.run.run_log import Log, new_run_id
from ipbr_rank.run.settings import make_settings, parse_now

Run = Callable[..., subprocess.CompletedProcess[str]]


def ask(database: Path, query: str) -> list[tuple]:
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(query).fetchall()


@pytest.fixture(scope="module")
def runs(
    tmp_path_factory: pytest.TempPathFactory, project: Path, ipbr_rank: Run
) -> SimpleNamespace:
    """Two runs on one database, the second with a JSON log, then one that fails."""
    folder = tmp_path_factory.mktemp("ops")
    cache, database = folder / "cache", folder / "ipbr.duckdb"
    shutil.copytree(project / "data" / "fixtures", cache)
    options = ("--cache", cache, "--out", folder / "out", "--database", database)
    options += ("--edition", "publishable")
    first = ipbr_rank("score", "--offline", *options, "--now", "2026-01-01T00:00:00Z")
    assert first.returncode == 0, first.stderr
    second = ipbr_rank(
        *("score", "--offline", *options, "--now", "2026-01-02T00:00:00Z"),
        *("--log-format", "json"),
    )
    assert second.returncode == 0, second.stderr
    (cache / "gso.json").write_text("ruined")
    failed = ipbr_rank("--log-format", "json", "score", "--offline", *options)
    return SimpleNamespace(
        folder=folder, cache=cache, database=database, first=first, second=second, failed=failed
    )


def test_every_published_run_has_its_stages(runs: SimpleNamespace) -> None:
    rows = ask(
        runs.database,
        "select strftime(generated_at, '%d'), edition, list(stage order by stage_order), "
        "min(seconds) > 0, bool_and(is_offline) from ops.ops_runs group by all order by 1",
    )
    stages = ["Configuration", "Landing", "Scoring", "Export"]
    assert rows == [(day, "publishable", stages, True, True) for day in ("01", "02")]


@pytest.fixture(scope="module")
def sources(project: Path) -> dict[str, Source]:
    """All rows of seeds/sources.csv."""
    return load_sources(project)


def test_every_run_has_every_source(runs: SimpleNamespace, sources: dict[str, Source]) -> None:
    n_restricted = sum(source.redistribution == "restricted" for source in sources.values())
    rows = ask(
        runs.database,
        "select count(*), count(*) filter (where status = 'withheld'), "
        "sum(n_bytes) > 0, sum(n_records) > 10000, "
        "sum(n_records) filter (where status = 'withheld') from ops.ops_sources "
        "inner join (select distinct run_id from ops.ops_runs) using (run_id) group by run_id",
    )
    assert rows == [(len(sources), n_restricted, True, True, 0)] * 2


def test_runs_are_in_no_output(board: SimpleNamespace) -> None:
    """The board's own database has them, the one to download has not, nor has any file."""
    ((run_id,),) = ask(board.database, "select distinct run_id from ops.ops_runs")
    shipped = board.out / "site" / "data" / "ipbr.duckdb"
    assert ask(shipped, "select distinct table_schema from information_schema.tables") == [
        ("marts",)
    ]
    files = [path for path in board.out.rglob("*") if path.is_file()]
    assert len(files) > 100
    assert [path for path in files if run_id.encode() in path.read_bytes()] == []


def test_the_json_log_has_one_object_per_line(
    runs: SimpleNamespace, sources: dict[str, Source]
) -> None:
    lines = [json.loads(line) for line in runs.second.stderr.splitlines()]
    assert runs.second.stdout == ""
    ((run_id,),) = ask(
        runs.database,
        "select distinct run_id from ops.ops_runs where strftime(generated_at, '%d') = '02'",
    )
    assert {line["run_id"] for line in lines} == {run_id}
    ended = [line["stage"] for line in lines if line["event"] == "stage_ended"]
    assert ended == ["Configuration", "Landing", "Scoring", "Export", "Publishing"]
    told = {line["source_id"]: line for line in lines if line["event"] == "source"}
    assert told.keys() == sources.keys()
    assert told["arc_agi"]["status"] == "withheld"
    assert lines[-1]["event"] == "published"


def test_a_failure_is_a_line_too(runs: SimpleNamespace) -> None:
    assert runs.failed.returncode == 1
    lines = [json.loads(line) for line in runs.failed.stderr.splitlines()]
    assert (lines[-1]["event"], lines[-1]["exit_code"]) == ("failed", 1)
    assert "gso" in lines[-1]["message"]
    assert [line["stage"] for line in lines if line["event"] == "stage_failed"] == ["Landing"]


@pytest.mark.parametrize(
    "arguments",
    [
        "--log-format json score --nope",
        "score --nope --log-format=json",
        "--log-format json --nope",
        "--log-format json nope",
        "score --log-format json --log-format xml",
    ],
)
def test_wrong_usage_is_a_line_too(ipbr_rank: Run, arguments: str) -> None:
    process = ipbr_rank(*arguments.split())
    assert process.returncode == 2
    (line,) = map(json.loads, process.stderr.splitlines())
    assert (line["event"], line["level"], line["exit_code"]) == ("failed", "error", 2)


def status(runs: SimpleNamespace, ipbr_rank: Run, *options: object) -> SimpleNamespace:
    process = ipbr_rank(
        *("status", "--format", "json", "--database", runs.database, "--cache", runs.folder),
        *options,
    )
    assert process.stdout, process.stderr
    return SimpleNamespace(code=process.returncode, **json.loads(process.stdout))


def test_status_tells_the_last_run_and_what_is_due(runs: SimpleNamespace, ipbr_rank: Run) -> None:
    told = status(runs, ipbr_rank, "--now", "2027-01-01T00:00:00Z")
    assert (told.code, told.n_unfit) == (0, 0)
    assert (told.generated_at, told.edition) == ("2026-01-02T00:00:00Z", "publishable")
    assert list(told.seconds) == ["Configuration", "Landing", "Scoring", "Export"]
    sources = {source["source_id"]: source for source in told.sources}
    ((fetched_at,),) = ask(
        runs.database, "select fetched_at from marts.dim_sources where source_id = 'swebench'"
    )
    swebench = sources["swebench"]
    assert swebench["checked_at"] == fetched_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert swebench["is_due"] is True
    assert sources["overrides"]["due_at"] is None
    assert sources["arc_agi"]["status"] == "withheld"
    assert told.next_due_at == min(s["due_at"] for s in told.sources if s["due_at"])


def test_status_ends_with_1_if_a_source_is_unfit(
    runs: SimpleNamespace, ipbr_rank: Run, tmp_path: Path
) -> None:
    database = tmp_path / "ipbr.duckdb"
    shutil.copy(runs.database, database)
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            "update marts.dim_sources set status = 'stale', message = 'HTTP 503' "
            "where source_id = 'gso'"
        )
    told = status(SimpleNamespace(database=database, folder=runs.folder), ipbr_rank)
    assert (told.code, told.n_unfit) == (1, 1)
    process = ipbr_rank("status", "--database", database)
    assert process.returncode == 1
    assert "gso: HTTP 503" in process.stdout


def test_status_without_a_database(ipbr_rank: Run, tmp_path: Path) -> None:
    process = ipbr_rank("status", "--database", tmp_path / "none.duckdb")
    assert process.returncode == 1
    assert "there is no database " in process.stderr


@pytest.mark.parametrize("earlier", ["none", "damaged", "without", "other"])
def test_an_earlier_database_that_has_no_runs_is_no_hindrance(tmp_path: Path, earlier: str) -> None:
    published, database = tmp_path / "published.duckdb", tmp_path / "ipbr.duckdb"
    if earlier == "damaged":
        published.write_bytes(b"no database" * 1000)
    elif earlier != "none":
        with duckdb.connect(str(published)) as connection:
            if earlier == "other":
                connection.execute("create schema ops; create table ops.ops_runs (a integer)")
    write(database, published)
    assert ask(database, "select stage, seconds from ops.ops_runs") == [("Landing", 1.5)]


def test_only_the_last_runs_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ops, "RUNS_KEPT", 2)
    published = tmp_path / "0.duckdb"
    for number in range(1, 5):
        moment = parse_now(f"2026-01-0{number}")
        monkeypatch.setattr(ops, "LOG", Log(started_at=moment, run_id=new_run_id(moment)))
        database = tmp_path / f"{number}.duckdb"
        write(database, published)
        published = database
    kept = ask(published, "select day(started_at) from ops.ops_runs order by 1")
    assert kept == [(2,), (3,), (4,)]


def write(database: Path, published: Path) -> None:
    ops.record_run(
        database,
        make_settings({"database": published, "now": parse_now("2026-01-01"), "offline": True}),
        [ops.StageTime("Landing", 1.5, "18 sources")],
        ops.Ran([LandedSource("gso", "failed", "no answer")], {}),
    )
