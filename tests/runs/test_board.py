"""The whole board from the fixtures: what it must hold, and that it is the same everywhere."""

import filecmp
import json
import shutil
import tomllib
from pathlib import Path

import duckdb
import pytest

from ingest.registry import load_sources
from tests.support import golden
from tests.support.recompute import Windowed, compare, of_the_newest_window

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def scoreboard(board):
    return tomllib.loads((board.out / "scoreboard.toml").read_text(encoding="utf-8"))


def differences(left: Path, right: Path) -> list[str]:
    """Files that are not byte for byte the same in two folders, or stand in one only."""
    found = []
    paths = {path.relative_to(root) for root in (left, right) for path in root.rglob("*")}
    for path in sorted(paths):
        pair = (left / path, right / path)
        if not all(item.exists() for item in pair):
            found.append(f"only in one: {path}")
        elif pair[0].is_file() and not filecmp.cmp(*pair, shallow=False):
            found.append(f"differs: {path}")
    return found


def test_the_board_is_the_golden_one(board):
    assert (board.out / "scoreboard.toml").read_text(encoding="utf-8") == golden.text(), (
        "scoreboard.toml has changed: if that is meant, run `make golden` and commit the difference"
    )


def test_what_a_reviewer_reads_is_of_the_golden_board(board):
    advice = "run `make golden` and look at the difference"
    assert golden.SCORES.read_text("utf-8") == golden.scores(golden.text()), advice
    assert golden.RESOLVED.read_text("utf-8") == golden.names(board.database), advice


def test_a_second_program_computes_the_same_scores(board, scoreboard):
    coefficients = tomllib.loads((board.out / "coefficients.toml").read_text(encoding="utf-8"))
    assert compare(scoreboard, coefficients) == []


def test_a_second_program_takes_the_same_windows(board, scoreboard):
    """From the landed records alone; the ledger says only whom they name and at what effort."""
    with duckdb.connect(str(board.database), read_only=True) as connection:
        rows = connection.execute(
            """
            select canonical_id, effort, record::varchar from marts.fct_observation_ledger
            inner join raw.raw_records using (source_id, part, position)
            where source_id = 'swerebench' and resolution = 'resolved'
            """
        ).fetchall()
    figures = {}
    for canonical_id, effort, text in rows:
        record = json.loads(text)
        window, stats = record["taskRangeTimestamp"], record.get("stats", {})
        if any(stats.values()):
            windowed = Windowed(stats["resolvedRate"], window["from"], window["to"])
            figures.setdefault((canonical_id, effort), []).append(windowed)
    assert max(map(len, figures.values())) > 1, "no model stands there twice"
    expected = {key: of_the_newest_window(found) for key, found in figures.items()}
    published = {
        (model["canonical_id"], evidence["effort"]): model["raw_metrics"]["SWERebench"]
        for model in scoreboard["models"]
        if (evidence := model["evidence"].get("SWERebench", {})).get("class") == "direct"
    }
    assert published.items() <= expected.items()
    assert {canonical_id for canonical_id, _ in published} == {key[0] for key in expected}


def test_time_zone_locale_and_place_do_not_matter(board, ipbr_rank, tmp_path):
    out = tmp_path / "another place" / "out"
    out.parent.mkdir()
    process = ipbr_rank(
        *("all", "--offline", "--cache", PROJECT / "data/fixtures", "--now", board.now),
        *("--out", out, "--database", tmp_path / "ipbr.duckdb"),
        cwd=tmp_path,
        TZ="Asia/Kathmandu",
        LC_ALL="tr_TR.UTF-8",
        PYTHONHASHSEED="7",
    )
    assert process.returncode == 0, process.stderr
    assert list(board.out.rglob("*.html"))
    assert differences(board.out, out) == []


def test_the_effective_coefficients_reproduce_the_run(board, ipbr_rank, tmp_path):
    shutil.copy(board.database, tmp_path)
    process = ipbr_rank(
        *("score", "--offline", "--cache", PROJECT / "data/fixtures", "--now", board.now),
        *("--out", tmp_path / "out", "--database", tmp_path / "ipbr.duckdb"),
        *("--coefficients", board.out / "coefficients.toml"),
    )
    assert process.returncode == 0, process.stderr
    for name in ("scoreboard.toml", "missing.toml", "coefficients.toml"):
        assert filecmp.cmp(board.out / name, tmp_path / "out" / name, shallow=False), name


def test_enough_models_and_all_sources_are_on_the_board(scoreboard):
    assert len(scoreboard["models"]) >= 45
    listed = load_sources(PROJECT)
    assert set(scoreboard["sources"]) == set(listed)
    for source_id, source in scoreboard["sources"].items():
        # An offline run goes without the sources of which no response is on record.
        is_recorded = listed[source_id].is_recorded
        assert source["status"] == ("verified" if is_recorded else "skipped"), source_id
        assert (source["n_rows_ingested"] > 0) is is_recorded, source_id
        assert source["n_rows_ingested"] == sum(
            source[f"n_rows_{kind}"] for kind in ("matched", "ignored", "unmatched")
        ), source_id
        # The one ranked model that LiveCodeBench lists is another build there.
        has_ranked = is_recorded and source_id != "livecodebench"
        assert (source["n_rows_matched"] > 0) is has_ranked, source_id


# The audited state: every name behind these counts was compared with the recorded pages by hand. A
# count that changes means that a name resolves differently: look which before you change it there.
MATCHED_ROWS = {
    path.stem: tomllib.loads(path.read_text(encoding="utf-8"))["matched_rows"]
    for path in (PROJECT / "tests/unit/ingest/sources").glob("*.toml")
}


def test_as_many_rows_resolve_as_were_counted(scoreboard):
    recorded = {name for name, source in load_sources(PROJECT).items() if source.is_recorded}
    sources = scoreboard["sources"]
    assert {name: sources[name]["n_rows_matched"] for name in recorded} == MATCHED_ROWS


# Where each frontier model stands on the recorded pages, read by hand.
LISTED = {
    "openai/gpt-5.5": {
        *("openrouter", "artificial_analysis", "mcp_atlas", "hil_bench", "swerebench", "gso"),
        *("sweatlas_qna", "sweatlas_test_writing", "sweatlas_refactoring", "terminal_bench"),
        # LMArena lists it under the harness alone, as "gpt-5.5 (codex-harness)".
        *("terminal_bench_2_1", "sonar", "arc_agi", "lmarena"),
    },
    "anthropic/claude-opus-4.7": {
        *("openrouter", "lmarena", "artificial_analysis", "mcp_atlas", "hil_bench", "swerebench"),
        *("gso", "sweatlas_refactoring", "terminal_bench_2_1", "sonar", "arc_agi"),
    },
    "google/gemini-3.1-pro-preview": {
        *("openrouter", "lmarena", "artificial_analysis", "mcp_atlas", "hil_bench", "swerebench"),
        *("gso", "sweatlas_qna", "sweatlas_test_writing", "sweatlas_refactoring", "swebench_pro"),
        *("terminal_bench", "terminal_bench_2_1", "sonar", "arc_agi"),
    },
    "moonshotai/kimi-k2.6": {
        *("openrouter", "lmarena", "artificial_analysis", "hil_bench", "swerebench"),
    },
    "z-ai/glm-5.1": {
        *("openrouter", "lmarena", "artificial_analysis", "mcp_atlas", "hil_bench", "swerebench"),
        "terminal_bench_2_1",
    },
    "deepseek/deepseek-v4-pro": {"openrouter", "lmarena", "artificial_analysis"},
    "deepseek/deepseek-v4-flash": {"openrouter", "lmarena", "artificial_analysis"},
}


@pytest.mark.parametrize("canonical_id", LISTED)
def test_frontier_models_resolve_wherever_they_are_listed(board, canonical_id):
    with duckdb.connect(str(board.database), read_only=True) as connection:
        rows = connection.execute(
            """
            select distinct source_id from marts.fct_observation_ledger
            where canonical_id = ? and source_id != 'overrides'
            """,
            [canonical_id],
        ).fetchall()
    # Only sources that were read so: one that came later says in its own file what it counted.
    read = set().union(*LISTED.values())
    assert {source_id for (source_id,) in rows} & read == LISTED[canonical_id]


# Spellings of the recorded pages that must resolve to nothing: another version, tier or size.
STRANGERS = [
    "DeepSeek-V3.2-Exp (FC)",
    "Gemini 3 Pro (Refine.)",
    "Gemini-2.5-Flash-Lite (FC)",
    "GPT-5.2 (Refine.)",
    "GPT-5.4 Nano (xHigh)",
    "Grok 4 (Fast Reasoning)",
    "claude-opus-4-1-20250805-thinking-16k",
    "deepseek-v3-2-reasoning-0925",
    "deepseek-v3.2-exp-thinking",
    "deepseek/deepseek-chat",
    "deepseek/deepseek-v3.2-speciale",
    "gemini-2.5-flash-lite-preview-06-17-thinking",
    "gemini-2.5-flash-preview-09-2025",
    "google/gemini-3.1-pro-preview-customtools",
    "gpt-5-4-nano",
    "gpt-5.2-chat-latest-20260210",
    "gpt-5.3-chat-latest",
    "grok-4-1-fast-reasoning",
    "grok-4.20-multi-agent-beta-0309",
    "kimi-k2-0711-preview",
    "kimi-k2-thinking-turbo",
    "mimo-v2-pro",
    "minimax-m2.1-preview",
    "openai/gpt-5.2-pro",
    "qwen3.5-max-preview",
    "z-ai/glm-4.6v",
    "~anthropic/claude-opus-latest",
]


def test_strangers_resolve_to_nothing(board):
    with duckdb.connect(str(board.database), read_only=True) as connection:
        rows = connection.execute(
            """
            select source_model_name, bool_or(resolution = 'resolved')
            from marts.fct_observation_ledger
            where source_model_name in (select unnest(?))
            group by source_model_name
            """,
            [STRANGERS],
        ).fetchall()
    found = dict(rows)
    assert set(found) == set(STRANGERS), "a spelling is no longer on the pages"
    assert [name for name, is_resolved in found.items() if is_resolved] == []
