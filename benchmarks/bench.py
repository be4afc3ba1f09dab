"""Whole processes side by side with the floor: what `dbt build` of one trivial model takes.

`make bench` runs each case in turn, round by round, so that a machine that is faster now and
slower then is so for all of them; it writes target/bench/bench.json and docs/performance.md. A
figure is the median of the rounds, a ratio the median of the rounds' ratios.
"""

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from page import TABLE, described, machine, put

PROJECT = Path(__file__).resolve().parents[1]

FLOOR = {
    "dbt_project.yml": (
        "name: floor\nversion: '1.0'\nprofile: floor\nflags: {send_anonymous_usage_stats: false}\n"
    ),
    "profiles.yml": (
        "floor:\n  target: local\n  outputs:\n    local: {type: duckdb, path: floor.duckdb}\n"
    ),
    "models/one.sql": "select 1 as one\n",
}
# Most that a case may take of the floor, what it is; no test holds it, since machines differ.
CASES = {
    "floor": (None, "`dbt build` of one trivial model, already parsed"),
    "first": (2.2, "`all --offline` after `make setup`, with nothing from an earlier run"),
    "setup": (
        None,
        "the same without the manifest that `make setup` leaves: dbt parses the project and runs",
    ),
    "dbt": (
        None,
        "`all --offline` after a dbt file has changed: dbt runs, and uses its earlier parse",
    ),
    "warm": (1.6, "`all --offline` again, with nothing changed"),
    "what_if": (
        0.25,
        "`what-if --coefficients` with one number changed: scores and ranks, in memory",
    ),
    "rescore": (
        None,
        "`score --offline --coefficients` with the same change: a whole board with uncertainty",
    ),
    "help": (None, "`--help`"),
    "list_models": (None, "`list-models`"),
}
SHOWN_NODES = 25


class Bench:
    """A folder with the floor project, a database and an --out."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.floor = folder / "floor"
        for name, text in FLOOR.items():
            (self.floor / name).parent.mkdir(parents=True, exist_ok=True)
            (self.floor / name).write_text(text)
        self.database = folder / "database" / "ipbr.duckdb"
        self.kept = self.database.parent / ".ipbr" / "ipbr"
        self.coefficients = folder / "coefficients.toml"
        self.n_varied = 0
        self.vary()

    def vary(self) -> None:
        """Coefficients with a number that is neither the project's nor the last one."""
        text = (PROJECT / "data" / "coefficients.toml").read_text("utf-8")
        number = ("0.55", "0.56")[self.n_varied % 2]
        changed = re.sub(r"(?m)^(trust_threshold = )\S+", rf"\g<1>{number}", text, count=1)
        if changed == text:
            sys.exit("error: data/coefficients.toml states no trust_threshold any more")
        self.coefficients.write_text(changed, "utf-8")
        self.n_varied += 1

    def command(self, case: str) -> list[str]:
        """What is run, after what must be so before it has been made so."""
        run = [sys.executable, "-m", "ipbr_rank"]
        options = ["--offline", "--cache", str(PROJECT / "data" / "fixtures")]
        options += ["--database", str(self.database), "--out", str(self.folder / "out")]
        if case == "floor":
            return [sys.executable, "-m", "dbt.cli.main", "build"]
        if case in ("first", "setup"):
            shutil.rmtree(self.database.parent, ignore_errors=True)
        if case in ("setup", "dbt"):
            # Nothing of the program is imported here: a child's peak would begin with it.
            shutil.rmtree(PROJECT / "target" / "manifests")
        if case == "what_if":
            given = ["--database", str(self.database), "--coefficients", str(self.coefficients)]
            return [*run, "what-if", *given]
        if case == "rescore":
            # An experiment has a database of its own; the same number again would be `warm`.
            self.vary()
            own = ["--database", str(self.database.with_name("experiment.duckdb"))]
            given = ["--coefficients", str(self.coefficients)]
            return [*run, "score", *options, *own, *given]
        if case in ("help", "list_models"):
            return [*run, {"help": "--help", "list_models": "list-models"}[case]]
        return [*run, "all", *options]

    def measure(self, case: str) -> dict[str, Any]:
        """Seconds, processor seconds and peak megabytes of the largest process, and its stages."""
        command = self.command(case)
        said = self.folder / f"{case}.log"
        started = time.perf_counter()
        with said.open("wb") as file:
            process = subprocess.Popen(
                command,
                cwd=self.floor if case == "floor" else PROJECT,
                stdout=subprocess.DEVNULL,
                stderr=file,
                env={**os.environ, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"},
            )
            _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - started
        text = said.read_text("utf-8")
        if process.returncode:
            raise SystemExit(f"{' '.join(command)} ended with {process.returncode}:\n{text}")
        return {
            "seconds": seconds,
            "cpu_seconds": usage.ru_utime + usage.ru_stime,
            "peak_mb": usage.ru_maxrss / (1024 if sys.platform == "linux" else 2**20),
            "stages": {
                name: float(passed)
                for name, passed in re.findall(r"(?m)^(\w+): .*\((\d+\.\d) s\)$", text)
            },
        }

    def dbt_nodes(self) -> dict[str, float]:
        """Seconds that dbt spent on each node, of the last run of dbt."""
        path = self.kept / "target" / "run_results.json"
        results = json.loads(path.read_text("utf-8"))["results"]
        return {result["unique_id"]: result["execution_time"] for result in results}


def statements(bench: Bench) -> dict[str, float]:
    """Seconds that DuckDB alone spends on each node of the manifest."""
    from scale import measure

    folder = bench.folder / "statements"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    seconds: dict[str, float] = measure(1, 1, folder)["nodes"]
    return seconds


def run(bench: Bench, cases: list[str], rounds: int) -> dict[str, Any]:
    """All cases, round by round; what follows from them."""
    measured: dict[str, list[dict[str, Any]]] = {case: [] for case in cases}
    for case in cases:
        # Once unmeasured: files are read, bytecode is compiled.
        bench.measure(case)
    for number in range(rounds):
        for case in cases:
            measured[case].append(bench.measure(case))
            last = measured[case][-1]
            print(f"{number + 1}/{rounds} {case}: {last['seconds']:.2f} s", file=sys.stderr)
    result: dict[str, Any] = {
        "machine": machine(),
        "rounds": rounds,
        "cases": {case: summary(case, measured) for case in cases},
    }
    if "dbt" in cases:
        result["dbt_nodes"] = bench.dbt_nodes()
        result["statements"] = statements(bench)
    return result


def summary(case: str, measured: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """Medians of one case, and its ratio to the floor of the same round."""
    runs = measured[case]

    def median(of: Callable[[dict[str, Any]], float]) -> float:
        return round(statistics.median(map(of, runs)), 3)

    floor = measured.get("floor")
    return {
        "seconds": median(lambda run: run["seconds"]),
        "fastest": round(min(run["seconds"] for run in runs), 3),
        "slowest": round(max(run["seconds"] for run in runs), 3),
        "cpu_seconds": median(lambda run: run["cpu_seconds"]),
        "peak_mb": median(lambda run: run["peak_mb"]),
        "of_floor": round(
            statistics.median(
                run["seconds"] / other["seconds"] for run, other in zip(runs, floor, strict=True)
            ),
            3,
        )
        if floor
        else None,
        "stages": {
            name: round(statistics.median(run["stages"][name] for run in runs), 3)
            for name in runs[0]["stages"]
        },
    }


def table(result: dict[str, Any]) -> str:
    """The cases as Markdown."""
    lines = [
        f"{described(result['machine'])} Medians of {result['rounds']} rounds.",
        "",
        "| case | what | seconds | fastest, slowest | CPU seconds | peak MB | of floor | goal |",
        "|---|---|---:|---:|---:|---:|---:|---:|",
    ]
    for case, found in result["cases"].items():
        goal, what = CASES[case]
        lines.append(
            f"| {case} | {what} | {found['seconds']:.2f} | "
            f"{found['fastest']:.2f} – {found['slowest']:.2f} | {found['cpu_seconds']:.2f} | "
            f"{found['peak_mb']:.0f} | "
            f"{'' if found['of_floor'] is None else format(found['of_floor'], '.2f')} | "
            f"{'' if goal is None else f'≤ {goal}'} |"
        )
    staged = {case: found["stages"] for case, found in result["cases"].items() if found["stages"]}
    if staged:
        names = list(dict.fromkeys(name for stages in staged.values() for name in stages))
        lines += ["", f"| stage, seconds | {' | '.join(staged)} |", f"|---|{'---:|' * len(staged)}"]
        lines += [
            f"| {name} | "
            + " | ".join(
                f"{stages[name]:.1f}" if name in stages else "" for stages in staged.values()
            )
            + " |"
            for name in names
        ]
    if "statements" in result:
        by_dbt = result["dbt_nodes"]
        nodes = [node for node in result["statements"] if node in by_dbt]
        nodes.sort(key=lambda node: -result["statements"][node])
        lines += ["", "| node | DuckDB alone, ms | as a node of dbt, ms |", "|---|---:|---:|"]
        lines += [
            f"| {node.split('.')[2]} | {1000 * result['statements'][node]:.0f} | "
            f"{1000 * by_dbt[node]:.0f} |"
            for node in nodes[:SHOWN_NODES]
        ]
        others = nodes[SHOWN_NODES:]
        lines.append(
            f"| {len(others)} others | {1000 * sum(result['statements'][n] for n in others):.0f} | "
            f"{1000 * sum(by_dbt[n] for n in others):.0f} |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measures, and writes the JSON and the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--cases", default=",".join(CASES))
    parser.add_argument("--folder", type=Path, default=PROJECT / "target" / "bench")
    parser.add_argument("--table", type=Path, default=TABLE)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    result = run(Bench(given.folder.resolve()), given.cases.split(","), given.rounds)
    (given.folder / "bench.json").write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    put(given.table, "bench", table(result))


if __name__ == "__main__":
    main()
