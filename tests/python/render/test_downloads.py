"""The downloads agree with the board, are the same each time, and start no formula."""

import csv
import hashlib
import json
import tomllib
from pathlib import Path

import duckdb
import pytest
from made_up import build_database

from render.downloads import SCOREBOARD_SCHEMA, csv_cell
from render.read import Board, read_board
from render.site import render_site


def cells(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_manifest_has_every_file_and_its_hash(site: Path) -> None:
    manifest = json.loads((site / "data/manifest.json").read_text("utf-8"))
    assert manifest["licence"] == "CC BY 4.0"
    names = {path.name for path in (site / "data").iterdir()} - {"manifest.json"}
    assert set(manifest["files"]) == names
    assert len(names) == 8
    for name, entry in manifest["files"].items():
        body = (site / "data" / name).read_bytes()
        assert entry["sha256"] == hashlib.sha256(body).hexdigest()
        assert entry["bytes"] == len(body)


def test_scores_agree_with_the_board(made_up: Board, site: Path) -> None:
    document = json.loads((site / "data/scoreboard.json").read_text("utf-8"))
    rows = cells(site / "data/scores.csv")
    assert len(rows) == len(document["models"]) == len(made_up.scoreboard)
    for row, cell, model in zip(made_up.scoreboard, rows, document["models"], strict=True):
        assert (
            (row.canonical_id, row.b_raw, row.r_rank)
            == (cell["canonical_id"], float(cell["b_raw"]), int(cell["r_rank"]))
            == (model["canonical_id"], model["scores"]["b"], model["ranks"]["r"])
        )


def test_figures_agree_with_the_board(made_up: Board, site: Path) -> None:
    figures = [
        entry
        for entry in made_up.measurements
        if entry.is_present and entry.metric_kind == "metric"
    ]
    rows = cells(site / "data/figures.csv")
    stored = duckdb.sql(
        "select canonical_id, metric_id, raw_value, value, evidence_class, observed_on "
        f"from '{site / 'data/figures.parquet'}'"
    ).fetchall()
    assert len(rows) == len(stored) == len(figures)
    for entry, cell, record in zip(figures, rows, stored, strict=True):
        assert (entry.canonical_id, entry.metric_id, entry.raw_value, entry.value) == record[:4]
        assert float(cell["value"]) == entry.value
        assert float(cell["raw_value"]) == entry.raw_value
        assert cell["redistribution"]


def test_the_json_keeps_to_its_schema(site: Path) -> None:
    document = json.loads((site / "data/scoreboard.json").read_text("utf-8"))
    assert json.loads((site / "data/scoreboard.schema.json").read_text("utf-8")) == (
        SCOREBOARD_SCHEMA
    )
    assert list(violations(document, SCOREBOARD_SCHEMA, "")) == []
    del document["models"][0]["scores"]["b"]
    document["models"][1]["balanced"] = 101
    assert list(violations(document, SCOREBOARD_SCHEMA, "")) == [
        "/models/0/scores: lacks b",
        "/models/1/balanced: above 100",
    ]


def violations(value, schema, place):
    """What breaks a schema, for the keywords that ours uses."""
    kinds = {
        "object": dict,
        "array": list,
        "string": str,
        "number": (int, float),
        "integer": int,
        "boolean": bool,
        "null": type(None),
    }
    allowed = schema.get("type", [])
    allowed = [allowed] if isinstance(allowed, str) else allowed
    if allowed and not any(isinstance(value, kinds[kind]) for kind in allowed):
        yield f"{place}: is no {allowed}"
        return
    if "const" in schema and value != schema["const"]:
        yield f"{place}: is not {schema['const']}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{place}: is none of {schema['enum']}"
    if isinstance(value, int | float) and not isinstance(value, bool):
        if value < schema.get("minimum", value):
            yield f"{place}: below {schema['minimum']}"
        if value > schema.get("maximum", value):
            yield f"{place}: above {schema['maximum']}"
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from violations(item, schema["items"], f"{place}/{number}")
    if isinstance(value, dict):
        yield from (
            f"{place}: lacks {key}" for key in schema.get("required", ()) if key not in value
        )
        for key, item in value.items():
            inner = schema.get("properties", {}).get(key, schema.get("additionalProperties"))
            if inner is False:
                yield f"{place}: has {key}"
            elif inner:
                yield from violations(item, inner, f"{place}/{key}")


def test_the_toml_files_are_those_of_the_run(made_up: Board, site: Path) -> None:
    document = tomllib.loads((site / "data/scoreboard.toml").read_text("utf-8"))
    assert len(document["models"]) == len(made_up.scoreboard)
    assert "group_weights" in tomllib.loads((site / "data/coefficients.toml").read_text("utf-8"))


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+1", "'+1"),
        ("-1+2", "'-1+2"),
        ("@x", "'@x"),
        ("\tx", "'\tx"),
        ("\r=x", "'\r=x"),
        ("  =x", "'  =x"),
        ('"=x', "'\"=x"),
        ("plain = x", "plain = x"),
        (-1.5, "-1.5"),
        (True, "true"),
        (None, ""),
        (3, "3"),
    ],
)
def test_no_cell_starts_a_formula(value: object, cell: str) -> None:
    assert csv_cell(value) == cell


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    names = ["=1+1", '"; drop,\nx', "<b>", "'quoted'", "\u202ex"]
    board = read_board(build_database(tmp_path / "x.duckdb", names=names))
    render_site(board, tmp_path / "site")
    shown = [row["display_name"] for row in cells(tmp_path / "site/data/scores.csv")]
    assert sorted(shown) == sorted(["'=1+1", *names[1:]])
    document = json.loads((tmp_path / "site/data/scoreboard.json").read_text("utf-8"))
    assert {model["display_name"] for model in document["models"]} == set(names)
