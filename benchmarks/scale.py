"""Time and memory of every step on boards of 1, 10, 100 and 1000 times the recorded size.

`make scale` runs each size as a process of its own, on dbt's manifest as the last run has kept it
(`ipbr_rank/engine/rebuild.py`), tests included, and writes target/bench/scale.json and
docs/performance.md. The recorded responses are landed as usual and then multiplied in the database
(`synthetic_board.py`).
"""

import argparse
import json
import math
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from page import TABLE, described, machine, put
from synthetic_board import configuration_rows, multiply_configuration, multiply_records

PROJECT = Path(__file__).resolve().parents[1]
FILES = "model.ipbr.stg_config__files"
RESOLVED = "int_observations_resolved"
MEMORY_LIMIT = "5GB"
SHOWN_NODES = 15
NOW = datetime(2026, 1, 1, tzinfo=UTC)
# How sure scores and ranks are, and what single figures and benchmarks are worth.
UNCERTAINTY = (
    *("int_standard_errors", "int_leading_models", "int_weighted_ids", "int_scenarios"),
    *("int_drawn_noise", "int_drawn_factors", "int_scenario_bounds", "int_scenario_figures"),
    *("int_scenario_weights", "int_scenario_scores", "fct_score_intervals"),
    *("fct_leave_one_out", "rpt_robustness", "rpt_order_agreement"),
    *("rpt_largest_moves", "rpt_metric_quality", "rpt_weakest_figures"),
)
PARTS = ("landing", "reading", "resolution", "scoring", "uncertainty", "tests", "commit", "export")


def part_of(node: str, scored: bool) -> str:
    """Which part of a run a node belongs to; `scored` when names have been resolved."""
    if node.startswith("test."):
        return "tests"
    name = node.split(".")[-1]
    if name.startswith("int_names_") or name == RESOLVED:
        return "resolution"
    if name in UNCERTAINTY:
        return "uncertainty"
    return "scoring" if scored else "reading"


def measure(factor: int, seed: int, folder: Path) -> dict[str, Any]:
    """One size, in this process: seconds per part and node, rows, and what failed."""
    import duckdb

    from ingest.landing.land import land
    from ingest.registry import load_sources
    from ipbr_rank.engine import rebuild
    from ipbr_rank.engine.manifest import key_of, read_manifest
    from ipbr_rank.run.pipeline import EXPORTS
    from render.from_marts import read_board

    manifest = read_manifest(PROJECT, key_of(PROJECT))
    if manifest is None:
        raise SystemExit("no manifest of the project is kept: run `make setup`")
    database = folder / "ipbr.duckdb"
    seconds: dict[str, float] = defaultdict(float)
    nodes: dict[str, float] = defaultdict(float)
    failing = []
    started = time.perf_counter()
    fixtures = PROJECT / "data" / "fixtures"
    land(
        database, load_sources(PROJECT), fixtures, generated_at=NOW, generator="scale", offline=True
    )
    seconds["landing"] = time.perf_counter() - started
    with duckdb.connect(str(database)) as connection:
        started = time.perf_counter()
        n_records = multiply_records(connection, factor, seed)
        rows = configuration_rows(multiply_configuration(_files(), factor))
        seconds["generation"] = time.perf_counter() - started
        connection.execute(f"set memory_limit = '{MEMORY_LIMIT}'")
        connection.execute(f"{rebuild.SETTINGS}; set file_search_path = '{PROJECT}'")
        connection.begin()
        for schema in manifest.schemas:
            connection.execute(f"create schema if not exists {schema}")
        scored = False
        for node in in_order(manifest.nodes):
            started = time.perf_counter()
            try:
                if node == FILES:
                    _write_files(connection, rows)
                else:
                    rebuild.execute(connection, manifest.nodes[node], {})
            except rebuild.Failure as failure:
                failing.append(str(failure))
            passed = time.perf_counter() - started
            seconds[part_of(node, scored)] += passed
            nodes[node] += passed
            scored = scored or RESOLVED in node
        started = time.perf_counter()
        connection.commit()
        seconds["commit"] = time.perf_counter() - started
        ((n_observations, n_models),) = connection.execute(
            "select (select count(*) from intermediate.int_observations_unioned), "
            "(select count(*) from marts.rpt_scoreboard)"
        ).fetchall()
    built_mb = peak_mb()
    started = time.perf_counter()
    board = read_board(database)
    for name, write in EXPORTS.items():
        write(board, folder / name)
    seconds["export"] = time.perf_counter() - started
    return {
        "factor": factor,
        "records": n_records,
        "observations": n_observations,
        "models": n_models,
        "seconds": dict(seconds),
        "nodes": dict(sorted(nodes.items(), key=lambda item: -item[1])),
        "failing": failing,
        "built_mb": built_mb,
        "peak_mb": peak_mb(),
    }


def peak_mb() -> float:
    """The most memory that this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def in_order(nodes: dict[str, dict[str, Any]]) -> list[str]:
    """Tables as soon as they can be made, names before scores; tests last."""
    made = [node for node in nodes if not node.startswith("source.")]
    return sorted(made, key=lambda node: node.startswith("test."))


def _files() -> dict[str, Any]:
    import tomllib

    names = {
        "coefficients": "coefficients",
        "aliases": "required_aliases",
        "overrides": "score_overrides",
        "synthesis": "synthesis_aliases",
    }
    found = {
        key: tomllib.loads((PROJECT / "data" / f"{name}.toml").read_text("utf-8"))
        for key, name in names.items()
    }
    files: dict[str, Any] = json.loads(json.dumps(found, default=str))
    return files


def _write_files(connection: Any, rows: list[dict[str, str]]) -> None:
    """The table of the Python model, of contents that no file holds."""
    table = "staging.stg_config__files"
    connection.execute(
        f"create table {table} (file_id varchar, path varchar, sha256 varchar, content json)"
    )
    connection.executemany(
        f"insert into {table} values (?, ?, ?, ?)",  # noqa: S608 a name of our own
        [list(row.values()) for row in rows],
    )


def exponent(results: list[dict[str, Any]], part: str) -> float | None:
    """The slope of log seconds over log size: 1.0 is linear."""
    points = [
        (math.log(result["observations"]), math.log(result["seconds"].get(part) or 1e-9))
        for result in results
    ]
    if len(points) < 2:
        return None
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread


def table(result: dict[str, Any]) -> str:
    """Sizes and parts as Markdown, then the nodes that take longest at the largest size."""
    sizes = result["results"]

    def row(title: str, cells: Iterable[str]) -> str:
        return f"| {title} | {' | '.join(cells)} |"

    heads = [f"{size['factor']:,}×" for size in sizes]
    lines = [described(result["machine"]), "", row("", [*heads, "exponent"])]
    lines.append(f"|---|{'---:|' * (len(sizes) + 1)}")
    lines += [
        row(name, [*(f"{size[name]:,}" for size in sizes), ""])
        for name in ("models", "observations", "records")
    ]
    for part in PARTS:
        slope = result["exponents"][part]
        shown = "" if slope is None else f"{slope:.2f}"
        lines.append(row(f"{part}, s", [*(f"{s['seconds'][part]:.2f}" for s in sizes), shown]))
    lines += [
        row(title, [*(f"{size[name]:,.0f}" for size in sizes), ""])
        for name, title in (
            ("built_mb", "peak memory until committed, MB"),
            ("peak_mb", "peak memory, MB"),
        )
    ]
    lines += ["", row("node, s", heads), f"|---|{'---:|' * len(sizes)}"]
    for node in list(sizes[-1]["nodes"])[:SHOWN_NODES]:
        name = node.split(".")[2] if "." in node else node
        lines.append(row(name, (f"{size['nodes'].get(node, 0):.2f}" for size in sizes)))
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measures each size in a process of its own and writes the JSON and the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--factors", default="1,10,100,1000")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=PROJECT / "target" / "bench")
    parser.add_argument("--table", type=Path, default=TABLE)
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(measure(given.one, given.seed, given.folder)))
        return
    given.folder.mkdir(parents=True, exist_ok=True)
    results = []
    for factor in given.factors.split(","):
        with tempfile.TemporaryDirectory(dir=given.folder) as folder:
            given_on = ["--seed", str(given.seed), "--folder", folder, "--one", factor]
            process = subprocess.run(
                [sys.executable, __file__, *given_on],
                stdout=subprocess.PIPE,
                check=True,
                text=True,
            )
        results.append(json.loads(process.stdout))
        done = results[-1]
        times = ", ".join(f"{part} {done['seconds'].get(part, 0):.2f}" for part in PARTS)
        print(f"{factor}×: {times} s; {done['peak_mb']:.0f} MB", file=sys.stderr)
        if done["failing"]:
            raise SystemExit("failing invariants: " + "; ".join(done["failing"]))
    result = {
        "machine": machine(),
        "results": results,
        "exponents": {part: exponent(results, part) for part in PARTS},
    }
    (given.folder / "scale.json").write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    put(given.table, "scale", table(result))


if __name__ == "__main__":
    main()
