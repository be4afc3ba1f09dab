"""Each parser on its fixture: exact counts, and rows that were checked by hand."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.source import Source
from ingest.sources import Parts, parser_of

COUNTS = {
    "openrouter": {"models": 369},
    "lmarena": {"text": 1044, "webdev": 70, "search": 25, "document": 21},
    "artificial_analysis": {"models": 513},
    "swebench": {"bash-only": 31, "Verified": 162, "Lite": 5},
    "swebench_pro": {"entries": 24},
    "sweatlas_qna": {"entries": 14},
    "sweatlas_test_writing": {"entries": 14},
    "sweatlas_refactoring": {"entries": 12},
    "mcp_atlas": {"entries": 20},
    "hil_bench": {"entries": 12},
    "swerebench": {"items": 103},
    "livecodebench": {"performances": 16880, "models": 16},
    "gso": {"models": 28},
    "terminal_bench": {"rows": 124},
    "terminal_bench_2_1": {"rows": 11},
    "bfcl": {"rows": 109},
    "sonar": {"models": 60},
    "arc_agi": {"models": 178, "evaluations": 161},
}

# (source, part, position from 1, fields that must be so); read off the recorded responses.
KNOWN_ROWS = [
    ("openrouter", "models", 1, {"id": "google/gemini-3.1-flash-lite", "context_length": 1048576}),
    ("openrouter", "models", 369, {"id": "openai/gpt-3.5-turbo", "created": 1685232000}),
    (
        "lmarena",
        "text",
        1,
        {
            "model_name": "claude-opus-4-6-thinking",
            "rating": 1500.2551859283258,
            "rating_lower": 1495.313196473772,
            "category": "overall",
        },
    ),
    ("lmarena", "webdev", 1, {"model_name": "claude-opus-4-7-thinking", "vote_count": 1393}),
    ("lmarena", "search", 25, {"model_name": "api-gpt-4o-search", "rating": 1005.6941660387936}),
    ("lmarena", "document", 21, {"model_name": "gpt-5.2", "rank": 21}),
    (
        "artificial_analysis",
        "models",
        1,
        {
            "slug": "gpt-oss-120b",
            "name": "gpt-oss-120B (high)",
            "median_output_tokens_per_second": 251.345,
            "shape": "llms_models",
        },
    ),
    ("artificial_analysis", "models", 513, {"slug": "seed-oss-36b-instruct"}),
    ("swebench", "Verified", 1, {"name": "TRAE + Doubao-Seed-Code", "resolved": 78.8}),
    ("swebench", "Verified", 162, {"name": "RAG + ChatGPT 3.5", "resolved": 0.4}),
    ("swebench", "bash-only", 1, {"name": "Claude 4.5 Opus medium (20251101)", "resolved": 74.4}),
    ("swebench_pro", "entries", 1, {"model": "gpt-5.4 (xHigh)*", "score": 59.1, "rank": 1}),
    ("swebench_pro", "entries", 24, {"model": "codestral-2405", "score": 1.51}),
    ("sweatlas_qna", "entries", 3, {"model": "GPT 5.4 (Codex) xHigh\n", "score": 40.8}),
    ("sweatlas_qna", "entries", 14, {"model": "Gemini 3 Flash (Mini-SWE-Agent)", "score": 8.2}),
    (
        "sweatlas_test_writing",
        "entries",
        4,
        {"model": "GPT-5.4 (Mini-SWE) xHigh", "score": 40, "confidenceInterval_upper": 6},
    ),
    ("sweatlas_test_writing", "entries", 14, {"model": "Minimax-M2.5 (Mini-SWE)", "score": 18.6}),
    ("sweatlas_refactoring", "entries", 1, {"model": "Opus-4.7 (Claude Code)", "score": 48.57}),
    ("sweatlas_refactoring", "entries", 12, {"score": 10, "confidenceInterval_upper": 4.8}),
    ("mcp_atlas", "entries", 1, {"model": "Muse Spark", "score": 82.2}),
    ("mcp_atlas", "entries", 20, {"model": "claude-haiku-4-5", "company": "anthropic"}),
    ("hil_bench", "entries", 1, {"model": "GPT-5.5", "score": 29.1, "company": "openai"}),
    ("hil_bench", "entries", 6, {"model": "Gemini 3.1 Pro ", "score": 20.33}),
    (
        "swerebench",
        "items",
        103,
        {
            "modelName": "Claude Opus 4.8-xhigh",
            "agentVersion": "tools",
            "taskRangeTimestamp": {"from": 1772323200000, "to": 1778803200000},
        },
    ),
    (
        "swerebench",
        "items",
        1,
        {"modelId": "gpt-4.1-2025-04-14__text", "stats": {"resolvedRate": 30.12594}},
    ),
    ("livecodebench", "performances", 1, {"model": "DeepSeek-V3", "pass@1": 100.0}),
    ("livecodebench", "models", 16, {"model_repr": "Grok-3-Mini (High)"}),
    (
        "gso",
        "models",
        1,
        {
            "name": "Claude Opus 4.7",
            "reasoning_effort": "high",
            "score": 44.12,
            "score_hack_control": 42.16,
        },
    ),
    ("gso", "models", 28, {"name": "GPT 4o", "score_hack_control": 0.0, "setting": "Opt@1"}),
    (
        "terminal_bench",
        "rows",
        1,
        {
            "agent": "Codex CLI",
            "model": ["GPT-5.5"],
            "accuracy": 0.8202247191011236,
            "displayed": {
                "agent": "Codex CLI",
                "model": "GPT-5.5",
                "date": "2026-04-23",
                "agent_organization": "OpenAI",
                "model_organization": "OpenAI",
                "accuracy": "82.0%",
                "plus_minus": "2.2",
            },
        },
    ),
    ("terminal_bench", "rows", 20, {"agent": "Crux", "stderr": None}),
    (
        "terminal_bench_2_1",
        "rows",
        11,
        {"agent": "Claude Code", "model": ["GLM 5.1"], "accuracy": 0.5865168539325842},
    ),
    ("terminal_bench_2_1", "rows", 2, {"modelNames": ["claude-opus-4-8"], "date": "2026-05-29"}),
    ("bfcl", "rows", 1, {"Model": "Claude-Opus-4-5-20251101 (FC)", "Overall Acc": "77.47%"}),
    ("bfcl", "rows", 109, {"Model": "Gemma-3-1b-it (Prompt)", "License": "gemma-terms-of-use"}),
    ("sonar", "models", 1, {"name": "GPT-5-minimal", "functionalSkill": 75.37}),
    ("sonar", "models", 60, {"name": "GPT-5.4 Nano Medium", "vulnerabilityDensityPerKloc": 0.04}),
    ("arc_agi", "models", 178, {"displayName": "Opus 4.7 (High)"}),
    (
        "arc_agi",
        "evaluations",
        161,
        {"modelId": "gpt-5-5-pro-2026-04-23-xhigh", "score": 0.8416, "costPerTask": 10.76},
    ),
]


def test_every_source_has_module_fixture_and_sidecar(
    project: Path, fixtures: Path, sources: dict[str, Source]
) -> None:
    landed = {source.source_id: source for source in sources.values() if source.cache_file}
    modules = {path.stem for path in (project / "ingest/sources").glob("[a-z]*.py")}
    files = {path.name for path in fixtures.iterdir()}
    expected = {source.cache_file for source in landed.values()}
    assert modules == set(landed) == set(COUNTS)
    assert files == expected | {f"{name}.meta.json" for name in expected}
    assert sum(path.stat().st_size for path in fixtures.iterdir()) < 4_000_000


def test_fixture_yields_exactly_its_rows(
    source_id: str, parsed: Callable[[str], Parts], sources: dict[str, Source]
) -> None:
    counts = {part: len(records) for part, records in parsed(source_id).items()}
    assert counts == COUNTS[source_id]
    assert sum(counts.values()) >= sources[source_id].minimum_rows


@pytest.mark.parametrize(("source_id", "part", "position", "fields"), KNOWN_ROWS)
def test_known_row(
    source_id: str, part: str, position: int, fields: dict, parsed: Callable[[str], Parts]
) -> None:
    record = parsed(source_id)[part][position - 1]
    assert {name: record[name] for name in fields} == fields


def test_every_source_has_two_known_rows() -> None:
    for source_id in COUNTS:
        assert sum(row[0] == source_id for row in KNOWN_ROWS) >= 2, source_id


def test_swerebench_takes_the_own_window_and_not_the_zeros_beside_it(
    parsed: Callable[[str], Parts],
) -> None:
    items = parsed("swerebench")["items"]
    assert all(item["stats"]["resolvedRate"] > 0 for item in items)
    assert items[-1]["stats"]["sem"] == 1.2856486930664508
    assert not any("rangeStats" in item for item in items)


def test_swerebench_without_own_window_has_no_stats() -> None:
    own = {"modelName": "a", "taskRangeTimestamp": {"from": 1, "to": 2}}
    other = {"modelName": "b", "taskRangeTimestamp": {"from": 1, "to": 3}}
    stats = {"rangeStats": {"1:1": {"resolvedRate": 0}, "1:2": {"resolvedRate": 7}}}
    odd = {"modelName": "c", "taskRangeTimestamp": None, "rangeStats": []}
    pushed = json.dumps([1, json.dumps({"items": [own | stats, other | stats, odd]})])
    # The stream's own JSON has no blank behind the colon.
    pushed = pushed.replace('\\"items\\": ', '\\"items\\":')
    page = f"<script>self.__next_f.push({pushed})</script></html>".encode()
    items = parser_of("swerebench")(page)["items"]
    assert [item.get("stats") for item in items] == [{"resolvedRate": 7}, None, None]


AA_MODEL = {"slug": "m", "evaluations": {"artificial_analysis_coding_index": 1}}
AA_PAID_MODEL = {"slug": "n", "evaluations": {"gpqa_diamond": 0.8}}
AA_PAGINATION = {"page": 1, "page_size": 200, "total_pages": 1, "has_more": False}


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        pytest.param(
            {"status": 200, "data": [AA_MODEL]}, [("m", "llms_models")], id="former endpoint"
        ),
        pytest.param(
            {"tier": "pro", "data": [AA_MODEL], "pagination": AA_PAGINATION},
            [("m", "language_models_free")],
            id="free endpoint, whatever the tier of the key",
        ),
        pytest.param(
            {
                "pages": [
                    {"data": [AA_MODEL], "pagination": AA_PAGINATION},
                    {"data": [AA_PAID_MODEL], "pagination": AA_PAGINATION},
                ]
            },
            [("m", "language_models"), ("n", "language_models")],
            id="paid endpoint, in pages",
        ),
    ],
)
def test_artificial_analysis_shapes(response: dict, expected: list[tuple[str, str]]) -> None:
    models = parser_of("artificial_analysis")(json.dumps(response).encode())["models"]
    assert [(model["slug"], model["shape"]) for model in models] == expected


def test_sonar_registry_with_metrics_files_gives_names_and_metrics() -> None:
    response = {
        "registry": {
            "a": {
                "meta": {"name": "Model A", "organization": "Org"},
                "files": {"java": {"metrics": "org/a-metrics.json"}},
            },
            "b": {"meta": {"name": "Model B"}, "files": {}},
            "c": {"disabled": True, "meta": {"name": "Model C"}},
        },
        "metrics": {
            "org/a-metrics.json": {
                "models": {"Model A": {"metrics": {"passing_tests_pct": 78.4, "bugs_per_kloc": 0}}}
            }
        },
    }
    assert parser_of("sonar")(json.dumps(response).encode())["models"] == [
        {
            "id": "a",
            "name": "Model A",
            "organization": "Org",
            "passing_tests_pct": 78.4,
            "bugs_per_kloc": 0,
        },
        {"id": "b", "name": "Model B"},
    ]


def test_terminal_bench_without_streamed_rows_gives_the_table(
    fixture_body: Callable[[str], bytes],
) -> None:
    table = fixture_body("terminal_bench_2_1").split(b"<script>")[0] + b"</html>"
    rows = parser_of("terminal_bench_2_1")(table)["rows"]
    assert len(rows) == 11
    assert rows[0] == {
        "displayed": {
            "agent": "Codex CLI",
            "model": "GPT-5.5",
            "date": "2026-05-01",
            "agent_organization": "OpenAI",
            "model_organization": "OpenAI",
            "accuracy": "83.4%",
            "plus_minus": "2.2",
        }
    }


def test_multilingual_board_is_landed_when_it_is_there() -> None:
    result = {"name": "m", "resolved": 1.0}
    boards = [{"name": name, "results": [result]} for name in ("Verified", "Multilingual")]
    parts = parser_of("swebench")(json.dumps({"leaderboards": boards}).encode())
    assert list(parts) == ["Verified", "Multilingual"]
