"""What dbt knows about the project besides the models: descriptions, owners, exposures."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).parents[2]
PUBLIC = {
    path.stem for name in ("marts", "views") for path in (ROOT / f"models/{name}").glob("*.sql")
}


@pytest.fixture(scope="module")
def manifest(tmp_path_factory):
    """dbt's manifest of the project."""
    target = tmp_path_factory.mktemp("parsed")
    subprocess.run(
        [
            *(sys.executable, "-m", "dbt.cli.main", "parse", "--profiles-dir", ROOT),
            *("--target-path", target, "--log-path", target),
        ],
        cwd=ROOT,
        env={**os.environ, "IPBR_DATABASE": ":memory:"},
        check=True,
        capture_output=True,
    )
    return json.loads((target / "manifest.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def models(manifest):
    """All models of the project by name."""
    return {
        node["name"]: node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
    }


def test_every_mart_and_column_is_described_in_the_database(board):
    with duckdb.connect(str(board.database), read_only=True) as connection:
        tables = connection.execute(
            "select table_name, comment from duckdb_tables() where schema_name = 'marts'"
            " union all select view_name, comment from duckdb_views()"
            " where schema_name = 'main' and not internal"
        ).fetchall()
        columns = connection.execute(
            "select table_name || '.' || column_name, comment from duckdb_columns()"
            " where schema_name in ('marts', 'main') and not internal"
        ).fetchall()
    assert len(tables) == len(PUBLIC)
    assert len(columns) > 100
    assert [name for name, comment in (*tables, *columns) if not (comment or "").strip()] == []


def test_every_model_is_described_and_has_an_owner(manifest, models):
    assert len(models) > 50
    assert [name for name, node in models.items() if not node["description"].strip()] == []
    assert [name for name, node in models.items() if not node["config"].get("group")] == []
    assert {group["name"] for group in manifest["groups"].values()} == {
        node["config"]["group"] for node in models.values()
    }
    assert all(group["owner"]["name"] for group in manifest["groups"].values())


def test_every_column_is_described(manifest, board):
    described = {
        (node["schema"], node["name"]): {
            name for name, column in node["columns"].items() if column["description"].strip()
        }
        for node in manifest["nodes"].values()
        if node["resource_type"] in ("model", "seed")
    }
    with duckdb.connect(str(board.database), read_only=True) as connection:
        columns = connection.execute(
            "select schema_name, table_name, column_name from duckdb_columns() where not internal "
            "and schema_name in ('seeds', 'staging', 'intermediate', 'marts', 'main')"
        ).fetchall()
    assert len(columns) > 1000
    assert [
        f"{schema}.{table}.{name}"
        for schema, table, name in columns
        if name not in described.get((schema, table), ())
    ] == []


def test_marts_and_views_are_public_and_nothing_else(models):
    assert {name for name, node in models.items() if node["access"] == "public"} == PUBLIC


def test_exposures_name_the_marts_that_are_rendered(manifest):
    text = (ROOT / "render/from_marts.py").read_text("utf-8")
    rendered = {
        "scoreboard_toml": set(re.findall(r"mart\.rows\(\s*\"(\w+)\"", text)),
        "site": set(re.findall(r"mart\.rows(?:_for_pages)?\(\s*\"(\w+)\"", text)),
    }
    assert len(rendered["scoreboard_toml"]) > 10
    exposures = {exposure["name"]: exposure for exposure in manifest["exposures"].values()}
    asked = exposures.pop("command_line")
    read = {
        name
        for path in (ROOT / "ipbr_rank").rglob("*.py")
        for name in re.findall(r"\bmarts\.(\w+)", path.read_text("utf-8"))
    }
    assert len(read) > 10
    assert read - {ref["name"] for ref in asked["refs"]} == set()
    assert set(exposures) == set(rendered)
    for name, exposure in exposures.items():
        assert {ref["name"] for ref in exposure["refs"]} == rendered[name]
        assert exposure["owner"]["name"]


def test_selectors_select(manifest, models):
    assert {"scoring", "unit", "no_unit_tests"} <= set(manifest["selectors"])
    tagged = {name for name, node in models.items() if "scoring" in node["tags"]}
    layers = {models[name]["path"].split("/")[0] for name in tagged}
    assert layers == {"intermediate", "marts", "views"}
