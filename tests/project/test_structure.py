"""The layout of the project: what belongs together exists together, and flows one way."""

import ast
import csv
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def seed(name: str) -> list[dict[str, str]]:
    """The rows of one seed."""
    with (ROOT / "seeds" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


SOURCES = [row["source_id"] for row in seed("sources")]
FETCHED = [row["source_id"] for row in seed("sources") if row["cache_file"]]


def imported_modules(path: Path) -> set[str]:
    """Modules that a Python file imports, and the names that it takes from them."""
    modules = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            modules |= {f"{node.module}.{alias.name}" for alias in node.names}
    return modules


def imported_packages(path: Path) -> set[str]:
    """Top-level packages that a Python file imports."""
    return {module.split(".")[0] for module in imported_modules(path)}


@pytest.mark.parametrize("source_id", SOURCES)
def test_every_source_has_all_its_parts(source_id):
    staging = ROOT / "models/staging/benchmarks" / f"stg_{source_id}__observations.sql"
    union = (ROOT / "models/intermediate/int_observations_appended.sql").read_text()
    documentation = (ROOT / "docs/sources.md").read_text()
    assert staging.is_file()
    assert f'"{source_id}"' in union
    assert f"(`{source_id}`)" in documentation
    if source_id in FETCHED:
        assert (ROOT / "ingest/sources" / f"{source_id}.py").is_file()
        assert [row for row in seed("source_metrics") if row["source_id"] == source_id]


def test_every_recorded_source_has_a_fixture():
    cache_files = {
        row["cache_file"]
        for row in seed("sources")
        if row["cache_file"] and row["is_recorded"] == "true"
    }
    found = {path.name for path in (ROOT / "data/fixtures").iterdir()}
    assert cache_files | {f"{name}.meta.json" for name in cache_files} | {"demo.toml"} == found


def test_the_documentation_of_sources_says_what_the_seeds_say():
    documentation = (ROOT / "docs/sources.md").read_text(encoding="utf-8")
    rewritten = runpy.run_path(str(ROOT / "scripts/source_facts.py"))["rewritten"]
    assert rewritten(documentation, ROOT) == documentation, "`make sources` writes it anew"
    assert documentation.count("\n- Terms: ") == len(SOURCES)


def test_the_stamp_of_an_unknown_source_is_refused():
    script = ROOT / "scripts/make_fixtures.py"
    process = subprocess.run(
        [sys.executable, script, "--stamp", "made_up_bench", "--fetched-at", "2026-01-01"],
        capture_output=True,
        text=True,
    )
    assert process.returncode == 1
    assert process.stderr.startswith(
        "error: --stamp made_up_bench: expected a source with a fixture"
    )


def test_no_part_without_a_source():
    modules = {path.stem for path in (ROOT / "ingest/sources").glob("*.py")} - {"__init__"}
    assert modules == set(FETCHED)
    staging = (ROOT / "models/staging/benchmarks").glob("stg_*__observations.sql")
    assert {re.fullmatch(r"stg_(.*)__observations", path.stem)[1] for path in staging} == set(
        SOURCES
    )


def test_the_fixtures_stay_small():
    sizes = [path.stat().st_size for path in (ROOT / "data/fixtures").iterdir()]
    assert 0 < sum(sizes) < 6_000_000


def test_metrics_agree_between_seeds_and_coefficients():
    import tomllib

    coefficients = tomllib.loads((ROOT / "data/coefficients.toml").read_text(encoding="utf-8"))
    described = {row["metric_id"] for row in seed("metrics")}
    assert set(coefficients["metrics"]) == described
    assert {row["metric_id"] for row in seed("source_metrics")} <= described
    documentation = (ROOT / "docs/sources.md").read_text()
    assert [name for name in described if f"| {name} |" not in documentation] == []


def test_every_threshold_is_used_and_every_one_used_is_there():
    named = [
        name
        for folder in ("models", "macros")
        for path in (ROOT / folder).rglob("*.sql")
        for names in re.findall(r"threshold_columns\(\[(.*?)\]", path.read_text(), re.DOTALL)
        for name in re.findall(r"'(\w+)'", names)
    ]
    named += [
        name
        for path in (ROOT / "render").rglob("*.py")
        for name in re.findall(r"thresholds\.get\(\"(\w+)\"", path.read_text())
    ]
    assert len(named) > 4
    assert set(named) == {row["threshold_id"] for row in seed("thresholds")}


def test_only_staging_reads_what_was_landed():
    readers = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "models").rglob("*.sql")
        if re.search(r"\bsource\(", path.read_text())
    }
    assert readers
    assert all(path.startswith("models/staging/") for path in readers)


def test_marts_are_read_by_marts_and_views_only():
    marts = {path.stem for path in (ROOT / "models/marts").glob("*.sql")}
    for path in (ROOT / "models").rglob("*.sql"):
        references = set(re.findall(r"ref\('(\w+)'\)", path.read_text()))
        if path.parent.name == "views":
            assert references and references <= marts, path
        elif path.parent.name != "marts":
            assert not references & marts, path
        else:
            assert not {name for name in references if name.endswith("__observations")}, path


# Sums of whole numbers or decimals, the macro that makes sums exact, and a macro for readers.
EXACT = ("sign(", "sum(place)", "n_used", "pass_share", "task_score", "1e12", "parts.contribution")


def test_no_sum_depends_on_the_order_of_rows():
    """DuckDB's threads take rows in any order; the last bits of a sum of floats follow from it."""
    found = []
    for folder in ("models", "macros"):
        for path in sorted((ROOT / folder).rglob("*.sql")):
            text = path.read_text(encoding="utf-8")
            for match in re.finditer(r"\b(?:sum|avg|corr|product|stddev\w*|var_\w+)\(", text):
                depth = 1
                end = match.end()
                while depth:
                    depth += {"(": 1, ")": -1}.get(text[end], 0)
                    end += 1
                call = text[match.start() : end]
                if "order by" not in call and not any(word in call for word in EXACT):
                    found.append(f"{path.name}: {call}")
    assert found == []


def test_imports_go_one_way():
    for path in (ROOT / "base").rglob("*.py"):
        assert not imported_packages(path) & {"ingest", "render", "ipbr_rank"}, path
    for path in (ROOT / "ingest").rglob("*.py"):
        assert not imported_packages(path) & {"render", "ipbr_rank"}, path
    for path in (ROOT / "render").rglob("*.py"):
        assert not imported_packages(path) & {"ingest", "ipbr_rank"}, path


# Each imports itself and those before it.
LAYERS = ("config", "engine", "run", "analysis", "cli")


@pytest.mark.parametrize("layer", LAYERS)
def test_layers_of_the_command_line_are_imported_from_above(layer):
    above = LAYERS[LAYERS.index(layer) + 1 :]
    files = [*(ROOT / "ipbr_rank" / layer).rglob("*.py")]
    assert files
    for path in files:
        parts = [[*module.split("."), ""] for module in imported_modules(path)]
        assert not {name for top, name, *_ in parts if top == "ipbr_rank"} & set(above), path


def test_metric_ids_are_data_and_stand_in_no_sql():
    ids = {row["metric_id"] for row in seed("metrics")}
    # The four operational figures of the wide scoreboard are columns of their own by contract.
    allowed = {"BlendedCost", "OutputSpeed", "TTFT", "ContextWindow"}
    for path in (ROOT / "models").rglob("*.sql"):
        named = {name for name in ids if re.search(rf"'{name}'", path.read_text())}
        assert named <= (allowed if path.stem == "rpt_scoreboard" else set()), path
