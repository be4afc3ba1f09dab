"""Parts of the board built anew, in a copy of its database: other input, other threads."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import duckdb

from ipbr_rank.engine import manifest

# From weights, figures and chance to the scores of every scenario.
SCENARIOS = (
    "int_weighted_ids",
    "int_scenarios",
    "int_drawn_factors",
    "int_scenario_weights",
    "int_drawn_noise",
    "int_drawn_gaps",
    "int_scenario_bounds",
    "int_scenario_figures",
    "int_scenario_scores",
)


def opened_copy(database: Path, folder: Path, threads: int = 2) -> duckdb.DuckDBPyConnection:
    """An open copy of a built database, which compiled SQL can be run in."""
    path = folder / database.name
    shutil.copy(database, path)
    return duckdb.connect(path, config={"threads": threads})


def statements(project: Path, steps: tuple[str, ...]) -> dict[str, str]:
    """What makes dbt models of a built board, by name, in the order of `steps`."""
    kept = manifest.read_manifest(project, manifest.key_of(project))
    assert kept, "dbt's manifest is not there: it is kept when a board is built"
    named = {node["name"]: node["sql"] for node in kept.nodes.values()}
    return {step: named[step] for step in steps}


def compiled(
    project: Path, database: Path, folder: Path, steps: tuple[str, ...], variables: str
) -> dict[str, str]:
    """What makes dbt models under the given variables, by name, in the order of `steps`."""
    copy = folder / database.name
    shutil.copy(database, copy)
    subprocess.run(
        [
            *(sys.executable, "-m", "dbt.cli.main", "compile", "--profiles-dir", project),
            *("--target-path", folder, "--log-path", folder, "--vars", variables),
            *("--select", *steps),
        ],
        cwd=project,
        env={"IPBR_DATABASE": str(copy), "PATH": "/usr/bin:/bin", "HOME": str(folder)},
        check=True,
        capture_output=True,
    )
    return {
        step: f"create or replace table {schema_of(step)}.{step} as "
        + next(folder.rglob(f"compiled/**/{step}.sql")).read_text()
        for step in steps
    }


def rebuild(connection: duckdb.DuckDBPyConnection, sql: dict[str, str]) -> None:
    """Build the steps anew, one after the other, from what else the database holds."""
    for statement in sql.values():
        connection.execute(statement)


def schema_of(step: str) -> str:
    """Where a dbt model stands."""
    return "intermediate" if step.startswith("int_") else "marts"


def with_a_figure(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    """Model and role of each score that has a figure at all: without one nothing can be drawn."""
    return connection.execute(
        "select distinct canonical_id, role_id from marts.fct_role_contributions "
        "where weight > 0 and group_id in (select group_id from marts.fct_group_scores as scores "
        "where scores.canonical_id = fct_role_contributions.canonical_id and scores.coverage > 0)"
    ).fetchall()
