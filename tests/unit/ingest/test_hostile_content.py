"""Odd but legitimate content is data: it survives parsing and landing as it is."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from base.errors import SourceError
from ingest.landing.land import land
from ingest.registry import load_sources
from ingest.sources import Parts, parser_of
from tests.support.counted import COUNTED
from tests.support.written_responses import SCRIPTS, page_bytes, response_of

NAMES = [
    "<script>alert(1)</script>",
    "</script><!--",
    "quotes \" ' ` and \\ and \\u0041",
    "comma, semicolon; line\nend and\ttab",
    "4-byte \U0001f600 \U00020000",
    "right-to-left \u202e\u200f\u05d0",
    "x" * 10_000,
    "lone \ud800 surrogate \udc00",
    "nul \0 character",
    "&amp; &#60; %41 ${x} {{ y }} $undefined",
]
# What the database cannot hold becomes U+FFFD.
LANDED_NAMES = [
    name.replace("\ud800", "\ufffd").replace("\udc00", "\ufffd").replace("\0", "\ufffd")
    for name in NAMES
]

# A figure of each source, for values that are no numbers.
FIGURES = {
    "openrouter": ("models", "context_length"),
    "lmarena": ("text", "rating"),
    "artificial_analysis": ("models", "median_output_tokens_per_second"),
    "swebench": ("Verified", "resolved"),
    "mcp_atlas": ("entries", "score"),
    "livecodebench": ("performances", "pass@1"),
    "gso": ("models", "score_hack_control"),
    "terminal_bench": ("rows", "stderr"),
    "sonar": ("models", "functionalSkill"),
    "arc_agi": ("evaluations", "score"),
}


def landed_values(
    database: Path, project: Path, cache: Path, source_id: str, part: str, name: str
) -> list[object]:
    """Land one source and read one field of its first records back."""
    land(
        database,
        load_sources(project),
        cache,
        generated_at=datetime(2026, 1, 1, tzinfo=UTC),
        generator="test",
        offline=True,
        only=[source_id],
    )
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = connection.execute(
            "select record ->> ('$.\"' || ? || '\"') from raw.raw_records"
            " where source_id = ? and part = ? order by position",
            [name, source_id, part],
        ).fetchall()
    return [value for (value,) in rows]


def test_hostile_names_are_landed_as_they_are(
    source_id: str,
    parsed: Callable[[str], Parts],
    project: Path,
    sources: dict,
    tmp_path: Path,
) -> None:
    part, field = COUNTED[source_id]["name"].values()
    parts = {name: list(records) for name, records in parsed(source_id).items()}
    # A short list is taken as often as there are names.
    parts[part] *= -(-len(NAMES) // len(parts[part]))
    parts[part][: len(NAMES)] = [
        record | {field: name} for record, name in zip(parts[part], NAMES, strict=False)
    ]
    body = response_of(source_id, parts)
    (tmp_path / sources[source_id].cache_file).write_bytes(body)
    values = landed_values(tmp_path / "landed.duckdb", project, tmp_path, source_id, part, field)
    assert values[: len(NAMES)] == LANDED_NAMES
    assert len(values) == len(parts[part])


@pytest.mark.parametrize("source_id", FIGURES)
def test_figures_that_are_no_numbers_are_landed_as_text(
    source_id: str,
    parsed: Callable[[str], Parts],
    project: Path,
    sources: dict,
    tmp_path: Path,
) -> None:
    part, field = FIGURES[source_id]
    odd = [float("nan"), float("inf"), float("-inf"), "n/a", None, -1, True, [1], {"a": 1}, 10**400]
    parts = {name: list(records) for name, records in parsed(source_id).items()}
    parts[part][: len(odd)] = [
        record | {field: value} for record, value in zip(parts[part], odd, strict=False)
    ]
    if source_id == "mcp_atlas":
        # A page without the rendered list, which needs numbers and is not read.
        stream = f'1c:["$","$L1e",null,{SCRIPTS.compact({"entries": parts[part]})}]\n'
        body = page_bytes(SCRIPTS.page("Board", "", stream))
    else:
        body = response_of(source_id, parts)
    (tmp_path / sources[source_id].cache_file).write_bytes(body)
    values = landed_values(tmp_path / "landed.duckdb", project, tmp_path, source_id, part, field)
    expected = ["NaN", "Infinity", "-Infinity", "n/a", None, "-1", "true", "[1]", '{"a":1}']
    assert values[: len(odd)] == [*expected, "Infinity"]


def test_accuracy_that_is_no_number_on_either_side(parsed: Callable[[str], Parts]) -> None:
    rows = [dict(row) for row in parsed("terminal_bench_2_1")["rows"]]
    rows[0] |= {"accuracy": float("nan"), "displayed": rows[0]["displayed"] | {"accuracy": "NaN%"}}
    rows[1] |= {"accuracy": None, "displayed": rows[1]["displayed"] | {"accuracy": "N/A"}}
    body = response_of("terminal_bench_2_1", {"rows": rows})
    read = parser_of("terminal_bench_2_1")(body)["rows"]
    assert [row["accuracy"] for row in read[:3]] == ["NaN", None, 0.7820224719101123]


def test_numbers_too_large_for_any_column_are_landed_as_text() -> None:
    body = b'{"data":[{"id":"m","pricing":{"a":1e999,"b":-1e999,"c":%s,"d":0.1}}]}' % (b"9" * 5000)
    pricing = parser_of("openrouter")(body)["models"][0]["pricing"]
    assert pricing == {"a": "Infinity", "b": "-Infinity", "c": "Infinity", "d": 0.1}


def test_fields_that_nobody_knows_are_carried() -> None:
    body = b'{"data":[{"id":"m","pricing":{},"new":{"deep":[1,{"a\\u0000":null}]}}],"more":1}'
    assert parser_of("openrouter")(body)["models"] == [
        {"id": "m", "pricing": {}, "new": {"deep": [1, {"a\ufffd": None}]}}
    ]


def test_duplicate_records_are_carried() -> None:
    record = {"id": "m", "pricing": {}}
    body = json.dumps({"data": [record, record]}).encode()
    assert parser_of("openrouter")(body)["models"] == [record, record]


@pytest.mark.parametrize("worked_out", ["${x}", r"\\${x}", r"\u0041", r"\\\n", "\\\n"])
def test_text_that_a_script_works_out_is_not_read(worked_out: str) -> None:
    script = (
        f"let leaderboardDataJudgemarkV4 = `\nmodel,score,ci_low,ci_high\na{worked_out},1,0,2\n`"
    )
    with pytest.raises(SourceError, match="expected a plain text in leaderboardDataJudgemarkV4"):
        parser_of("eqbench_judgemark")(script.encode())


def test_surrogate_pair_that_was_cut_between_two_chunks() -> None:
    chunks = (
        '"entries":[{"model":"\ud83d',
        '\ude00","score":1,"confidenceInterval_upper":1}]',
    )
    pushed = "".join(
        f"<script>self.__next_f.push({json.dumps([1, chunk])})</script>" for chunk in chunks
    )
    entries = parser_of("hil_bench")(f"{pushed}</html>".encode())["entries"]
    assert entries[0]["model"] == "\U0001f600"
