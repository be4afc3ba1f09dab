"""The benchmarks in short form: they run, and say what they measured. No time is judged."""

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest
import yaml

pytestmark = pytest.mark.slow

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def table(tmp_path: Path, project: Path) -> Path:
    """A copy of the page with the tables, without any."""
    path = tmp_path / "performance.md"
    text = (project / "docs/performance.md").read_text("utf-8")
    for name in ("bench", "scale"):
        start, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->\n"
        before, rest = text.split(start)
        text = before + start + end + rest.split(end)[1]
    path.write_text(text, "utf-8")
    return path


def run(name: str, *arguments: object) -> None:
    process = subprocess.run(
        [sys.executable, str(BENCHMARKS / name), *map(str, arguments)],
        capture_output=True,
        text=True,
    )
    assert process.returncode == 0, process.stderr


def test_bench_measures_each_case_beside_the_floor(tmp_path: Path, table: Path) -> None:
    run(
        *("bench.py", "--rounds", 1, "--cases", "floor,help,list_models"),
        *("--folder", tmp_path / "bench", "--table", table),
    )
    result = json.loads((tmp_path / "bench/bench.json").read_text("utf-8"))
    assert list(result["cases"]) == ["floor", "help", "list_models"]
    assert result["cases"]["floor"]["of_floor"] == 1
    for case, found in result["cases"].items():
        assert found["seconds"] > 0 and found["cpu_seconds"] > 0 and found["peak_mb"] > 1
        assert f"\n| {case} | " in table.read_text("utf-8")
    versions = result["machine"]["versions"]
    assert set(versions) == {"Python", "dbt-core", "dbt-duckdb", "duckdb"}


@pytest.mark.usefixtures("board")
def test_a_board_of_more_models_than_doubt_is_computed_for_is_scored_and_sound(
    tmp_path: Path, table: Path, project: Path
) -> None:
    run(
        *("scale.py", "--factors", "1,5", "--folder", tmp_path / "scale", "--table", table),
    )
    result = json.loads((tmp_path / "scale/scale.json").read_text("utf-8"))
    one, five = result["results"]
    # `scale.py` ends with an error if an invariant fails.
    limit = yaml.safe_load((project / "dbt_project.yml").read_text("utf-8"))["vars"]
    assert five["models"] == 5 * one["models"] > limit["uncertainty_models"]
    assert 4 * one["observations"] < five["observations"] < 5.1 * one["observations"]
    assert set(one["seconds"]) == {*result["exponents"], "generation"}
    assert len([node for node in five["nodes"] if node.startswith("model.")]) > 60
    text = table.read_text("utf-8")
    assert "\n| scoring, s | " in text
    costliest = next(iter(five["nodes"]))
    assert f"\n| {costliest.split('.')[2]} | " in text


def test_a_made_up_board_depends_on_its_seed_alone(
    monkeypatch: pytest.MonkeyPatch, board: SimpleNamespace
) -> None:
    monkeypatch.syspath_prepend(BENCHMARKS)
    from synthetic_board import copied, multiply_records

    def made(seed: int) -> tuple[int, list[tuple]]:
        with duckdb.connect() as connection:
            connection.execute(f"attach '{board.database}' as built (read_only)")
            connection.execute("create schema raw")
            connection.execute("create table raw.raw_records as from built.raw.raw_records")
            count = multiply_records(connection, 2, seed)
            return count, connection.execute(
                "select source_id, part, position, record::varchar from raw.raw_records "
                "order by all"
            ).fetchall()

    assert made(1) == made(1)
    count, rows = made(2)
    assert rows != made(1)[1]
    assert count == len(rows) == len({row[:3] for row in rows})
    names = "\n".join(record for *_, record in rows)
    for spelling in ("CLAUDE-K1-", "claude-k1-", "Claude-k1-"):
        assert spelling in names
    hostile = (
        "<script>",
        "drop table",
        "=HYPERLINK",
        "../../etc",
        "very very",
        "\u202e",
        "\U0001f9ea",
    )
    assert sum(name in names for name in hostile) >= 3
    assert copied("openai/gpt-5.5", 3) == "openai/gpt-k3--5.5"
    assert copied("Agent + Claude 4 (x)", 3) == "Agent + Claude-k3- 4 (x)"


def test_agreement_is_a_rank_correlation_that_holds_on_the_recorded_board(
    tmp_path: Path, project: Path, board: SimpleNamespace
) -> None:
    """The page has what the program writes, but for the number of resamples."""
    page = tmp_path / "validity.md"
    page.write_text("<!-- agreement -->\n<!-- end of agreement -->\n", "utf-8")
    run("agreement.py", board.database, "--page", page, "--resamples", 20)
    rows = [line.split(" | ") for line in page.read_text("utf-8").splitlines() if ". " not in line]
    found = {(row[0], *row[1:3]) for row in rows if len(row) == 4}
    written = [
        line.split(" | ") for line in (project / "docs/validity.md").read_text().splitlines()
    ]
    assert found <= {(row[0], *row[1:3]) for row in written if len(row) == 4}
    index = {name: float(rho) for name, n, rho in found if n == "75"}
    assert index["| expected"] >= 0.85
    assert index["| expected"] > index["| published (v1)"]
