"""The downloads agree with the board, are the same each time, and start no formula."""

import csv
import hashlib
import json
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import duckdb
import pytest
from selectolax.lexbor import LexborHTMLParser

from render.board import Board
from render.build import render_site
from render.files.duckdb import write_marts
from render.files.tables import SCOREBOARD_SCHEMA, csv_cell
from render.from_marts import read_board
from tests.support.made_up import N_MODELS, build_database


def cells(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_manifest_has_every_file_and_its_hash(site: Path) -> None:
    manifest = json.loads((site / "data/manifest.json").read_text("utf-8"))
    assert manifest["licence"] == "CC BY 4.0"
    names = {path.name for path in (site / "data").iterdir()} - {"manifest.json"}
    assert set(manifest["files"]) == names
    assert len(names) == 9
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


def test_the_database_holds_the_marts_and_nothing_else(database: Path, site: Path) -> None:
    def tables(path: Path) -> dict[str, list[tuple]]:
        with duckdb.connect(str(path), read_only=True) as connection:
            names = connection.execute(
                "select table_schema, table_name from information_schema.tables order by all"
            ).fetchall()
            return {
                f"{schema}.{name}": connection.execute(
                    f"select * from {schema}.{name} order by all"
                ).fetchall()
                for schema, name in names
            }

    copied = tables(site / "data" / "ipbr.duckdb")
    assert copied == tables(database)
    assert len(copied["marts.rpt_scoreboard"]) == N_MODELS


def test_the_database_is_the_same_whatever_memory_held(database: Path, tmp_path: Path) -> None:
    built = tmp_path / "built.duckdb"
    with duckdb.connect(str(built)) as connection:
        connection.execute(f"attach '{database}' as made_up (read_only)")
        connection.execute("create schema marts")
        connection.execute("create schema raw")
        connection.execute("create table raw.raw_responses as select 'BODY' || range from range(9)")
        # Rows in another order than in the copy.
        connection.execute(
            "create table marts.rpt_scoreboard as "
            "select * from made_up.marts.rpt_scoreboard order by r"
        )
        connection.execute("comment on table marts.rpt_scoreboard is 'it''s the board'")
        connection.execute("comment on column marts.rpt_scoreboard.r is 'Reviewing, 0–100'")
    write_marts(built, tmp_path / "one.duckdb")
    with duckdb.connect() as connection:
        connection.execute("create table t as select 'SECRET' || range x from range(100000)")
        connection.execute("select string_agg(x, '') from t").fetchall()
    write_marts(built, tmp_path / "other.duckdb")
    one, other = ((tmp_path / f"{name}.duckdb").read_bytes() for name in ("one", "other"))
    assert one == other
    assert b"SECRET" not in other
    assert b"BODY" not in other
    assert b"BODY" in built.read_bytes()
    with duckdb.connect(str(tmp_path / "one.duckdb"), read_only=True) as connection:
        assert connection.execute("select comment from duckdb_tables()").fetchall() == [
            ("it's the board",)
        ]
        assert connection.execute(
            "select column_name, comment from duckdb_columns() where comment is not null"
        ).fetchall() == [("r", "Reviewing, 0–100")]


def test_the_examples_run_as_they_are_printed(
    made_up: Board, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = LexborHTMLParser((site / "data.html").read_text("utf-8"))
    monkeypatch.chdir(site / "data")
    best = min(made_up.scoreboard, key=lambda row: row.b_rank)
    with duckdb.connect() as connection:
        results = [
            connection.execute(statement).fetchall()
            for statement in page.css_first("#use-duckdb").text().split(";")
            if statement.strip()
        ]
    assert results[0][0] == (best.display_name, best.b_raw, 1)
    assert len(results[1]) > 10
    assert len(results[-1]) == 3
    printed = subprocess.run(
        [sys.executable, "-c", page.css_first("#use-python").text()],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    ).stdout
    assert printed.startswith(f"1 {best.display_name} {best.b_raw}\n")


def test_the_example_for_curl_fetches_and_checks(site: Path, tmp_path: Path) -> None:
    if shutil.which("curl") is None or shutil.which("python3") is None:
        pytest.skip("curl and python3 are needed")
    page = LexborHTMLParser((site / "data.html").read_text("utf-8"))
    script = page.css_first("#use-curl").text()
    assert "SITE=https://ipbr.example/board/" in script
    script = script.replace("https://ipbr.example/board/", site.as_uri() + "/")
    printed = subprocess.run(
        ["bash", "-euc", script], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout
    assert printed.count("whole") == 4
    assert "BROKEN" not in printed


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
