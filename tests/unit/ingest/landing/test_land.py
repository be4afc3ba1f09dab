"""Landing: all or nothing, in response order, with one status per source."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import duckdb
import pytest

import ingest.landing.land
from base.errors import ConfigurationError, IpbrError, SourceError
from ingest.landing.land import LandedSource, land
from ingest.landing.previous import read_previous
from ingest.registry import NOT_RECORDED, Source, load_sources
from ingest.sources import Parts, parse_whole
from tests.support.unrecorded import UNRECORDED

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def landing(project: Path, fixtures: Path, tmp_path: Path) -> Callable[..., list[LandedSource]]:
    """Lands the fixtures, or the cache that is given, into `landed.duckdb`."""

    def run(cache: Path = fixtures, **changes: object) -> list[LandedSource]:
        arguments = {"generated_at": NOW, "generator": "ipbr-rank test", "offline": True}
        sources = changes.pop("sources", None) or load_sources(project)
        return land(tmp_path / "landed.duckdb", sources, cache, **(arguments | changes))

    return run


@pytest.fixture
def cache(fixtures: Path, tmp_path: Path) -> Path:
    """A copy of the fixtures that a test may break."""
    return Path(shutil.copytree(fixtures, tmp_path / "cache"))


@pytest.fixture
def query(tmp_path: Path) -> Callable[[str], list[tuple]]:
    """Asks the landed database."""

    def run(sql: str) -> list[tuple]:
        with duckdb.connect(str(tmp_path / "landed.duckdb"), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    return run


def test_every_record_is_landed_in_response_order(
    landing: Callable[..., list[LandedSource]],
    query: Callable[[str], list[tuple]],
    parsed: Callable[[str], Parts],
) -> None:
    landed = landing()
    rows = query(
        "select source_id, part, list(position order by position), list(record order by position)"
        " from raw.raw_records group by all"
    )
    found = {(source_id, part): (positions, texts) for source_id, part, positions, texts in rows}
    expected = {
        (source.source_id, part): records
        for source in landed
        if source.response
        for part, records in parsed(source.source_id).items()
    }
    assert found.keys() == expected.keys()
    for key, (positions, texts) in found.items():
        assert positions == list(range(1, len(positions) + 1))
        assert [json.loads(text) for text in texts] == expected[key]


def test_responses_are_landed_untouched(
    landing: Callable[..., list[LandedSource]],
    query: Callable[[str], list[tuple]],
    fixtures: Path,
    sources: dict[str, Source],
) -> None:
    landing()
    rows = query(
        "select source_id, request_key, body, sha256 = sha256(body) from raw.raw_responses"
    )
    recorded = [source for source in sources.values() if source.cache_file and source.is_recorded]
    assert len(rows) == len(recorded)
    for source_id, request_key, body, is_sound in rows:
        assert request_key == sources[source_id].cache_file
        assert bytes(body) == (fixtures / request_key).read_bytes()
        assert is_sound


def test_an_offline_run_that_asks_for_a_source_needs_its_response(
    landing: Callable[..., list[LandedSource]], query: Callable[[str], list[tuple]], cache: Path
) -> None:
    with pytest.raises(SourceError, match=r"swebench_pro_v2: .* found no such file"):
        landing(cache, only=["swebench_pro_v2"])
    (cache / "swebench_pro_v2.html").write_bytes(UNRECORDED["swebench_pro_v2"])
    landing(cache)
    assert query("select count(*) from raw.raw_records where source_id = 'swebench_pro_v2'") == [
        (10,)
    ]


def test_a_response_that_is_a_part_is_landed_as_one(
    landing: Callable[..., list[LandedSource]], query: Callable[[str], list[tuple]]
) -> None:
    landing()
    partial = query("select source_id from raw.raw_responses where is_partial order by all")
    assert partial == [("deepswe",), ("terminal_bench_4_0",)]


def test_times_are_utc_without_zone(
    landing: Callable[..., list[LandedSource]], query: Callable[[str], list[tuple]]
) -> None:
    landing(generated_at=NOW.astimezone(timezone(timedelta(hours=9))))
    assert query("select cast(columns(*) as varchar) from raw.runs") == [
        ("2026-01-01 00:00:00", "ipbr-rank test", "true", "full", "false", "false")
    ]
    assert query(
        "select cast(columns('_at$') as varchar) from raw.raw_responses"
        " where source_id = 'mcp_atlas'"
    ) == [("2026-05-07 19:49:29", "2026-05-07 19:49:29")]


def test_every_source_has_a_run(
    landing: Callable[..., list[LandedSource]],
    query: Callable[[str], list[tuple]],
    sources: dict[str, Source],
) -> None:
    told: list[tuple[str, str]] = []
    landed = landing(progress=lambda source_id, text: told.append((source_id, text)))
    runs = query("select * from raw.source_runs")
    assert sorted(runs) == sorted(
        (source.source_id, "verified", None)
        if source.is_recorded
        else (source.source_id, "skipped", NOT_RECORDED)
        for source in sources.values()
    )
    assert [source.source_id for source in landed] == list(sources)
    assert [source_id for source_id, _ in told] == list(sources)
    assert dict(told)["gso"] == "verified: 28 records"
    assert dict(told)["overrides"] == "verified"
    assert {source.source_id: source.n_records for source in landed}["arc_agi"] == 345


def test_landing_again_replaces_everything(
    landing: Callable[..., list[LandedSource]], query: Callable[[str], list[tuple]]
) -> None:
    landing()
    before = query("select count(*), sum(hash(record)) from raw.raw_records")
    landing()
    assert query("select count(*), sum(hash(record)) from raw.raw_records") == before
    assert query("select count(*) from raw.runs") == [(1,)]


def test_only_skips_the_others(
    landing: Callable[..., list[LandedSource]],
    query: Callable[[str], list[tuple]],
    cache: Path,
    sources: dict[str, Source],
) -> None:
    for name in ("lmarena_overall.json", "bfcl.csv"):
        (cache / name).unlink()
    landing(cache, only=["gso", "hil_bench"])
    runs = {source_id: rest for source_id, *rest in query("select * from raw.source_runs")}
    assert runs.keys() == sources.keys()
    assert runs["gso"] == runs["hil_bench"] == ["verified", None]
    # The overrides come from the configuration, which every run reads.
    assert runs["overrides"] == ["verified", None]
    assert runs["lmarena"] == ["skipped", "not selected (--only)"]
    assert query("select distinct source_id from raw.raw_records order by all") == [
        ("gso",),
        ("hil_bench",),
    ]


@pytest.mark.parametrize(
    ("only", "found"), [(["gso", "nonsense"], "found 'nonsense'"), ([], "found none")]
)
def test_only_with_an_unknown_id(
    only: list[str], found: str, landing: Callable[..., list[LandedSource]], tmp_path: Path
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        landing(only=only)
    assert found in str(caught.value)
    assert "valid ids are openrouter, lmarena" in str(caught.value)
    assert caught.value.exit_code == 2
    assert not (tmp_path / "landed.duckdb").exists()


@pytest.mark.parametrize(
    ("body", "found"),
    [
        pytest.param(None, "expected a cached response, found no such file", id="missing"),
        pytest.param(b"", "expected complete JSON, found an empty response", id="empty"),
        pytest.param(b'{"data":[{"slug"', "found JSON that ends early", id="truncated"),
        pytest.param(
            b'{"data":[{"slug":"m","evaluations":{"hle":0.1}}]}',
            "expected at least 200 records (minimum_rows in seeds/sources.csv), found 1",
            id="too few rows",
        ),
    ],
)
def test_offline_error_leaves_the_old_database_whole(
    body: bytes | None,
    found: str,
    landing: Callable[..., list[LandedSource]],
    cache: Path,
    tmp_path: Path,
) -> None:
    landing()
    before = (tmp_path / "landed.duckdb").read_bytes()
    path = cache / "artificial_analysis_llms.json"
    if body is None:
        path.unlink()
    else:
        path.write_bytes(body)
    with pytest.raises(SourceError) as caught:
        landing(cache)
    message = str(caught.value)
    assert message.startswith(f"artificial_analysis: cannot read {path}: expected ")
    assert found in message
    assert "ipbr-rank fetch --only artificial_analysis" in message
    assert caught.value.exit_code == 1
    assert (tmp_path / "landed.duckdb").read_bytes() == before


def test_failure_while_writing_leaves_the_old_tables_whole(
    landing: Callable[..., list[LandedSource]],
    query: Callable[[str], list[tuple]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    landing()
    contents = (
        "select source_id, part, count(*), sum(hash(record)) from raw.raw_records group by all"
    )
    before = sorted(query(contents))
    responses = query("select count(*) from raw.raw_responses")
    written: list[object] = []
    monkeypatch.setattr(ingest.landing.land, "code_hash", lambda: "changed")

    def dumps(value: object, **options: object) -> str:
        written.append(value)
        return "[no JSON" if len(written) == 7 else json.dumps(value, **options)

    monkeypatch.setattr(
        ingest.landing.land, "json", type("json", (), {"dumps": staticmethod(dumps)})
    )
    with pytest.raises(IpbrError, match="cannot land the responses in") as caught:
        landing(generator="another")
    assert caught.value.exit_code == 1
    assert len(written) == 7
    assert sorted(query(contents)) == before
    assert query("select generator from raw.runs") == [("ipbr-rank test",)]
    assert query("select count(*) from raw.raw_responses") == responses


def test_online_a_source_without_readable_cache_is_failed(
    landing: Callable[..., list[LandedSource]], query: Callable[[str], list[tuple]], cache: Path
) -> None:
    (cache / "gso.json").unlink()
    (cache / "bfcl.csv").write_bytes(b"<html></html>")
    landing(cache, offline=False)
    runs = dict(query("select source_id, [status, message] from raw.source_runs"))
    assert runs["gso"][0] == runs["bfcl"][0] == "failed"
    assert "found no such file" in runs["gso"][1]
    assert "expected a CSV header" in runs["bfcl"][1]
    assert runs["sonar"] == ["verified", None]
    assert query("select count(*) from raw.raw_records where source_id in ('gso', 'bfcl')") == [
        (0,)
    ]
    assert query("select is_offline from raw.runs") == [(False,)]


def test_file_that_is_no_database(
    landing: Callable[..., list[LandedSource]], tmp_path: Path
) -> None:
    (tmp_path / "landed.duckdb").write_bytes(b"no database" * 1000)
    with pytest.raises(IpbrError, match=r"cannot land the responses in .*landed\.duckdb"):
        landing()


@pytest.mark.parametrize("name", ["raw.duckdb", "landing.duckdb", "it's.duckdb"])
def test_database_of_any_name(name: str, project: Path, fixtures: Path, tmp_path: Path) -> None:
    database = tmp_path / name
    times = {"generated_at": NOW, "generator": "test"}
    for _ in range(2):
        land(database, load_sources(project), fixtures, offline=True, only=["gso"], **times)
    with duckdb.connect(str(database), read_only=True) as connection:
        catalog = f'"{database.stem}"'
        rows = connection.execute(f"select count(*) from {catalog}.raw.raw_records").fetchall()
    assert rows == [(28,)]
    assert [path.name for path in tmp_path.iterdir()] == [name]


SCOREBOARD = """
schema_version = "1.1.0"
generated_at = "2026-04-26T13:35:46+02:00"

[[models]]
canonical_id = "a/one"
display_name = "One"
[models.ranks]
i = 2
p = 1
b = 1
r = 4
[models.roles.i]
status = "provisional"
own_share = 0.5
[models.roles.p]
status = "ranked"
place = 1

[[models]]
canonical_id = "a/two"
[models.ranks]
r = 1
"""


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "previous.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_previous_ranks_are_landed(
    landing: Callable[..., list[LandedSource]],
    query: Callable[[str], list[tuple]],
    tmp_path: Path,
) -> None:
    landing(previous=read_previous(write(tmp_path, SCOREBOARD)), only=["gso"])
    time = "2026-04-26 11:35:46"
    assert query(
        "select * replace (cast(generated_at as varchar) as generated_at) from raw.previous_ranks"
        " order by canonical_id, role_id"
    ) == [
        ("a/one", "One", "b", 1, None, None, time),
        ("a/one", "One", "i", 2, "provisional", None, time),
        ("a/one", "One", "p", 1, "ranked", 1, time),
        ("a/one", "One", "r", 4, None, None, time),
        ("a/two", None, "r", 1, None, None, time),
    ]


def test_previous_values_and_scales_are_landed(
    landing: Callable[..., list[LandedSource]],
    query: Callable[[str], list[tuple]],
    tmp_path: Path,
) -> None:
    text = (
        SCOREBOARD.replace(
            "[models.ranks]\ni = 2",
            "raw_metrics = {GSO = 42.0, Price = 3.0, SWE = 7.0}\n"
            "[models.evidence.GSO]\nclass = 'direct'\nsource = 'gso'\n"
            "[models.evidence.Price]\nclass = 'reported'\nsource = 'overrides'\n"
            "[models.evidence.SWE]\nclass = 'synthesised'\nsource = 'gso'\n"
            "[models.ranks]\ni = 2",
        )
        + "\n[sources.index]\nn_rows_ingested = 7\nscale_version = '4.1'\n"
    )
    landing(previous=read_previous(write(tmp_path, text)), only=["gso"])
    # What was borrowed or claimed says nothing of a source.
    assert query("select * from raw.previous_figures") == [("a/one", "GSO", "gso", 42.0)]
    assert query("select * from raw.previous_sources") == [("index", 7, "4.1")]


def test_a_previous_name_that_no_database_can_hold(tmp_path: Path) -> None:
    odd = read_previous(write(tmp_path, SCOREBOARD.replace('"One"', '"O\\u0000e"')))
    assert odd.models[0].display_name == "O\ufffde"


def test_without_previous_scoreboard_the_table_is_there_and_empty(
    landing: Callable[..., list[LandedSource]], query: Callable[[str], list[tuple]]
) -> None:
    landing(only=["gso"])
    assert query("select count(*) from raw.previous_ranks") == [(0,)]


def test_previous_scoreboard_of_the_first_version_or_without_models(tmp_path: Path) -> None:
    first = read_previous(write(tmp_path, SCOREBOARD.replace("1.1.0", "1.0.0")))
    assert [model.ranks.r for model in first.models] == [4, 1]
    empty = 'schema_version = "1.1.0"\ngenerated_at = 2026-01-01T00:00:00Z\n'
    assert read_previous(write(tmp_path, empty)).models == []


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ('schema_version = "1.1.0"', "", "schema_version, found nothing"),
        ("1.1.0", "2.0.0", "found '2.0.0'"),
        ('"2026-04-26T13:35:46+02:00"', '"lately"', "generated_at, found 'lately'"),
        ('"2026-04-26T13:35:46+02:00"', '"0001-01-01T00:00:00+09:00"', "generated_at, found"),
        ('canonical_id = "a/two"', "", "canonical_id of model number 2, found nothing"),
        ("a/two", "a/one", "every model once, found 'a/one' twice"),
        ("p = 1", "p = 0", "a number from 1 up as ranks.p of a/one, found 0"),
        ("p = 1", 'p = "1"', "found '1'"),
        ("p = 1", "p = true", "found True"),
        ("p = 1", f"p = {2**40}", "a number below 2147483648 as ranks.p of a/one"),
        ("p = 1", "p = ", "an unreadable file"),
        ("[[models]]", "[models]", "an unreadable file"),
    ],
)
def test_previous_scoreboard_that_is_none(old: str, new: str, found: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_previous(write(tmp_path, SCOREBOARD.replace(old, new)))
    assert str(caught.value).startswith(f"--prev {tmp_path / 'previous.toml'}: expected")
    assert found in str(caught.value)


def test_previous_scoreboard_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="found an unreadable file"):
        read_previous(tmp_path / "none.toml")


EVERYTHING = {
    "raw_records": "source_id, part, position, cast(record as varchar)",
    "raw_responses": "*",
    "source_runs": "*",
}


@pytest.fixture
def read_again(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of the sources whose responses are parsed, in their order."""
    parsed = []

    def parse(source: Source, body: bytes) -> Parts:
        parsed.append(source.source_id)
        return parse_whole(source, body)

    monkeypatch.setattr(ingest.landing.land, "parse_whole", parse)
    return parsed


def test_what_the_database_holds_is_not_parsed_again(
    landing: Callable[..., list[LandedSource]],
    query: Callable[[str], list[tuple]],
    cache: Path,
    read_again: list[str],
    tmp_path: Path,
) -> None:
    def everything() -> list[list[tuple]]:
        return [
            sorted(query(f"select {columns} from raw.{name}"), key=repr)
            for name, columns in EVERYTHING.items()
        ]

    def counted(landed: list[LandedSource]) -> dict[str, int]:
        return {source.source_id: source.n_records for source in landed}

    first = landing(cache)
    n_responses = len([source for source in first if source.response])
    assert len(read_again) == n_responses
    whole = everything()

    read_again.clear()
    assert counted(landing(cache)) == counted(first)
    assert read_again == []
    assert everything() == whole

    # One response has changed: one row less of it, as a database would have that never held more.
    body = json.loads((cache / "gso.json").read_text("utf-8"))
    next(value for value in body.values() if isinstance(value, list)).pop()
    (cache / "gso.json").write_text(json.dumps(body), "utf-8")
    changed = landing(cache)
    assert read_again == ["gso"]
    found = everything()
    (tmp_path / "landed.duckdb").unlink()
    assert counted(landing(cache)) == counted(changed) != counted(first)
    assert found == everything() != whole

    # What is left out now is not kept, and comes back.
    read_again.clear()
    landing(cache, only=["gso", "bfcl"])
    assert query("select distinct source_id from raw.raw_records order by 1") == [
        ("bfcl",),
        ("gso",),
    ]
    landing(cache)
    assert len(read_again) == n_responses - 2
    assert found == everything()


@pytest.mark.parametrize(
    "change",
    [
        "update raw.raw_records set record = '{}' where source_id = 'gso' and position = 2",
        "delete from raw.raw_records where source_id = 'gso' and position = 2",
        "delete from raw.raw_records where source_id = 'gso'",
        "update raw.raw_responses set sha256 = 'x' where source_id = 'gso'",
        "update raw.raw_responses set parsed_by = 'x' where source_id = 'gso'",
    ],
)
def test_what_somebody_has_changed_is_parsed_again(
    landing: Callable[..., list[LandedSource]],
    query: Callable[[str], list[tuple]],
    read_again: list[str],
    tmp_path: Path,
    change: str,
) -> None:
    landing()
    before = query("select * from raw.raw_records order by all")
    with duckdb.connect(str(tmp_path / "landed.duckdb")) as connection:
        connection.execute(change)
    read_again.clear()
    landing()
    assert read_again == ["gso"]
    assert query("select * from raw.raw_records order by all") == before


@pytest.mark.parametrize(
    "before",
    [
        "create schema raw; create table raw.raw_records (source_id varchar)",
        "create table raw_responses (a integer)",
    ],
)
def test_another_database_holds_nothing_of_it(
    landing: Callable[..., list[LandedSource]],
    query: Callable[[str], list[tuple]],
    read_again: list[str],
    tmp_path: Path,
    before: str,
) -> None:
    with duckdb.connect(str(tmp_path / "landed.duckdb")) as connection:
        connection.execute(before)
    landed = landing()
    assert len(read_again) == len([source for source in landed if source.response])
    assert query("select count(*) from raw.raw_responses") == [(len(read_again),)]


def test_other_parsers_read_everything_again(
    landing: Callable[..., list[LandedSource]],
    read_again: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    landing()
    n_responses = len(read_again)
    monkeypatch.setattr(ingest.landing.land, "code_hash", lambda: "changed")
    landing()
    assert len(read_again) == 2 * n_responses


def test_a_source_of_another_description_is_read_again(
    landing: Callable[..., list[LandedSource]],
    read_again: list[str],
    sources: dict[str, Source],
) -> None:
    landing()
    read_again.clear()
    more = replace(sources["gso"], minimum_rows=sources["gso"].minimum_rows + 1)
    landing(sources=sources | {"gso": more})
    assert read_again == ["gso"]
