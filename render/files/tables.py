"""The files to download: the same rows as the pages, for programs. See docs/output-schema.md."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from base.errors import RenderError
from base.scoreboard import ROLE_VIEWS
from base.times import moment_text
from render.board import EXPECTED_COLUMNS, Board, ScoreboardRow
from render.files.duckdb import write_marts
from render.files.toml import write_coefficients, write_missing, write_scoreboard
from render.lookup import Lookup

LICENCE = "CC BY 4.0"
LICENCE_URL = "https://creativecommons.org/licenses/by/4.0/"
SCHEMA_VERSION = "1.1.0"
FOLDER = "data"
# The name of the local database, so that the queries of the documentation work on both.
DATABASE = "ipbr.duckdb"

# A cell that begins with one of these may be run by a spreadsheet.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")

SCORES = {
    "canonical_id": "varchar",
    "slug": "varchar",
    "display_name": "varchar",
    "vendor": "varchar",
    "open_weights": "boolean",
    "release_date": "date",
    "i_raw": "double",
    "p_raw": "double",
    "b_raw": "double",
    "r": "double",
    "i_rank": "bigint",
    "p_rank": "bigint",
    "b_rank": "bigint",
    "r_rank": "bigint",
    "balanced": "double",
    "balanced_rank": "bigint",
    **{
        f"{role_id}_{column}": kind
        for role_id in ROLE_VIEWS
        for column, kind in {"status": "varchar", "place": "bigint", "own_share": "double"}.items()
    },
    "coverage_share": "double",
    "blended_cost_usd": "double",
    "output_speed_tokens_per_second": "double",
    "time_to_first_token_seconds": "double",
    "context_window_tokens": "double",
    "n_direct": "bigint",
    "n_reported": "bigint",
    "n_synthesised": "bigint",
    "synthesis_dominant": "boolean",
}
FIGURES = {
    "canonical_id": "varchar",
    "metric_id": "varchar",
    "raw_value": "double",
    "unit": "varchar",
    "normalised_value": "double",
    "discount_share": "double",
    "value": "double",
    "evidence_class": "varchar",
    "source_id": "varchar",
    "source_model_name": "varchar",
    "effort": "varchar",
    "observed_on": "date",
    "donor_id": "varchar",
    "synthesis_category": "varchar",
    "note": "varchar",
    "licence": "varchar",
    "redistribution": "varchar",
}


@dataclass(frozen=True, slots=True)
class Download:
    """One file of the folder data/, as the manifest lists it."""

    name: str
    description: str
    size: int
    sha256: str


def write_downloads(
    lookup: Lookup,
    out_dir: Path,
    exports: Path | None,
    database: Path | None = None,
    meanwhile: Callable[[], None] = lambda: None,
) -> list[Download]:
    """Write data/ with every file and their manifest.json; the bytes depend on the board alone.

    `exports` is a folder where the TOML files of this board stand already, which saves the time
    to write and compare them once more. `database` is the built database that the board was read
    from; a board from a scoreboard.toml has none, and its site no DuckDB file. `meanwhile` is
    what else Python may do while DuckDB copies.
    """
    folder = out_dir / FOLDER
    folder.mkdir()
    with ThreadPoolExecutor(max_workers=1) as beside:
        copied = database and beside.submit(write_marts, database, folder / DATABASE)
        described = _write_files(lookup, folder, exports)
        meanwhile()
        if copied:
            copied.result()
            described[DATABASE] = "all mart tables as a DuckDB database"
    downloads = []
    for name, description in described.items():
        body = (folder / name).read_bytes()
        downloads.append(Download(name, description, len(body), hashlib.sha256(body).hexdigest()))
    _write_manifest(lookup.board, downloads, folder / "manifest.json")
    return downloads


def _write_files(lookup: Lookup, folder: Path, exports: Path | None) -> dict[str, str]:
    """Every file but the database and the manifest: name → description."""
    board = lookup.board
    scores = [_score_row(lookup, row) for row in board.scoreboard]
    figures = _figures(lookup)
    toml_files = {"scoreboard.toml": write_scoreboard, "missing.toml": write_missing}
    if board.weights is not None and board.settings is not None and board.metrics is not None:
        toml_files["coefficients.toml"] = write_coefficients
    for name, write in toml_files.items():
        if exports is None:
            write(board, folder / name)
        else:
            shutil.copyfile(exports / name, folder / name)
    described = {
        "scoreboard.json": "models with scores, ranks and evidence, as JSON",
        "scoreboard.schema.json": "JSON Schema of scoreboard.json",
        "scores.csv": "one row per model",
        "figures.csv": "one row per model and benchmark that has a value",
        "figures.parquet": "the same rows as Parquet, with types",
        "scoreboard.toml": "the whole board, as ipbr-rank score writes it",
        "missing.toml": "the values that each model lacks",
    }
    if "coefficients.toml" in toml_files:
        described["coefficients.toml"] = "every weight and threshold of this run"
    write_json(_scoreboard_document(lookup), folder / "scoreboard.json")
    write_json(SCOREBOARD_SCHEMA, folder / "scoreboard.schema.json")
    write_csv(scores, SCORES, folder / "scores.csv")
    write_csv(figures, FIGURES, folder / "figures.csv")
    _write_parquet(figures, FIGURES, folder / "figures.parquet")
    return described


def _write_manifest(board: Board, downloads: list[Download], path: Path) -> None:
    write_json(
        {
            "generated_at": moment_text(board.run.generated_at),
            "generator": board.run.generator,
            "methodology": board.run.methodology,
            "edition": board.run.edition,
            "licence": LICENCE,
            "licence_url": LICENCE_URL,
            "licence_covers": (
                "scores, ranks, points and their arrangement; raw values remain under the terms "
                "of their sources, see licence and redistribution in figures.csv"
            ),
            "files": {
                item.name: {
                    "description": item.description,
                    "bytes": item.size,
                    "sha256": item.sha256,
                }
                for item in downloads
            },
        },
        path,
    )


def _figures(lookup: Lookup) -> list[dict[str, Any]]:
    rows = []
    for entry in lookup.board.measurements:
        if not entry.is_present or entry.metric_kind != "metric":
            continue
        metric = lookup.metrics.get(entry.metric_id)
        source = lookup.sources.get(entry.source_id or "")
        known = {
            "unit": metric.unit if metric else None,
            "licence": source.licence if source else None,
            "redistribution": source.redistribution if source else None,
        }
        rows.append(
            {name: known[name] if name in known else getattr(entry, name) for name in FIGURES}
        )
    return rows


# JSON


def _scoreboard_document(lookup: Lookup) -> dict[str, Any]:
    board = lookup.board
    evidence: dict[str, dict[str, Any]] = {}
    for entry in board.measurements:
        if entry.is_present:
            evidence.setdefault(entry.canonical_id, {})[entry.metric_id] = {
                "value": entry.value,
                "raw_value": entry.raw_value,
                "evidence_class": entry.evidence_class,
                "source_id": entry.source_id,
            }
    return {
        "schema_version": SCHEMA_VERSION,
        "generated_at": moment_text(board.run.generated_at),
        "generator": board.run.generator,
        "methodology": board.run.methodology,
        "licence": LICENCE,
        "models": [
            _model(row, evidence.get(row.canonical_id, {})) | {"roles": _roles(lookup, row)}
            for row in board.scoreboard
        ],
    }


ROLE_COLUMNS = (
    "status",
    "place",
    "place_p05",
    "place_p95",
    "tier",
    "own_share",
    "direct_share",
    "reported_share",
    "synthesised_share",
    "missing_share",
)


def _roles(lookup: Lookup, row: ScoreboardRow) -> dict[str, dict[str, Any]] | None:
    """What each score stands on, its place, and the expected score; None where nothing tells it."""
    if not lookup.evidence:
        return None
    told: dict[str, dict[str, Any]] = {}
    for role_id in ROLE_VIEWS:
        key = row.canonical_id, role_id
        evidence, expected = lookup.evidence[key], lookup.expected.get(key)
        told[role_id] = {name: getattr(evidence, name) for name in ROLE_COLUMNS} | {
            name: None if expected is None else getattr(expected, column)
            for name, column in EXPECTED_COLUMNS.items()
        }
    return told


def _score_row(lookup: Lookup, row: ScoreboardRow) -> dict[str, Any]:
    told = {
        f"{role_id}_{name}": getattr(lookup.evidence.get((row.canonical_id, role_id)), name, None)
        for role_id in ROLE_VIEWS
        for name in ("status", "place", "own_share")
    }
    return {name: told[name] if name in told else getattr(row, name) for name in SCORES}


def _model(row: ScoreboardRow, figures: dict[str, Any]) -> dict[str, Any]:
    return {
        "canonical_id": row.canonical_id,
        "display_name": row.display_name,
        "vendor": row.vendor,
        "open_weights": row.open_weights,
        "release_date": None if row.release_date is None else row.release_date.isoformat(),
        "scores": {"i": row.i_raw, "p": row.p_raw, "b": row.b_raw, "r": row.r},
        "ranks": {"i": row.i_rank, "p": row.p_rank, "b": row.b_rank, "r": row.r_rank},
        "balanced": row.balanced,
        "balanced_rank": row.balanced_rank,
        "coverage_share": row.coverage_share,
        "synthesis_dominant": row.synthesis_dominant,
        "blended_cost_usd": row.blended_cost_usd,
        "output_speed_tokens_per_second": row.output_speed_tokens_per_second,
        "time_to_first_token_seconds": row.time_to_first_token_seconds,
        "context_window_tokens": row.context_window_tokens,
        "figures": figures,
        "missing_metrics": list(row.missing_metrics),
        "groups_shrunk": list(row.groups_shrunk),
    }


def _of_roles(kind: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict.fromkeys("ipbr", kind),
        "required": list("ipbr"),
        "additionalProperties": False,
    }


_POINTS = {"type": "number", "minimum": 0, "maximum": 100}
_RANK = {"type": "integer", "minimum": 1}
_MAYBE_NUMBER = {"type": ["number", "null"]}
_MAYBE_TEXT = {"type": ["string", "null"]}
_SHARE = {"type": "number", "minimum": 0, "maximum": 1}
_MAYBE_POINTS = {"type": ["number", "null"], "minimum": 0, "maximum": 100}
_MAYBE_RANK = {"type": ["integer", "null"], "minimum": 1}
_ROLE_PROPERTIES: dict[str, Any] = {
    "status": {"enum": ["ranked", "provisional"]},
    **{name: _SHARE if name.endswith("_share") else _MAYBE_RANK for name in ROLE_COLUMNS[1:]},
    **dict.fromkeys(EXPECTED_COLUMNS, _MAYBE_POINTS),
}
_MODEL_PROPERTIES: dict[str, Any] = {
    "canonical_id": {"type": "string", "description": "vendor/model, the key"},
    "display_name": {"type": "string"},
    "vendor": {"type": "string"},
    "open_weights": {"type": ["boolean", "null"]},
    "release_date": _MAYBE_TEXT,
    "scores": _of_roles(_POINTS),
    "ranks": _of_roles(_RANK),
    "balanced": _POINTS,
    "balanced_rank": _RANK,
    "roles": {
        "type": ["object", "null"],
        "properties": {
            role_id: {
                "type": "object",
                "properties": _ROLE_PROPERTIES,
                "required": list(_ROLE_PROPERTIES),
                "additionalProperties": False,
            }
            for role_id in ROLE_VIEWS
        },
        "required": list(ROLE_VIEWS),
        "additionalProperties": False,
    },
    "coverage_share": {"type": ["number", "null"], "minimum": 0, "maximum": 1},
    "synthesis_dominant": {"type": "boolean"},
    "blended_cost_usd": _MAYBE_NUMBER,
    "output_speed_tokens_per_second": _MAYBE_NUMBER,
    "time_to_first_token_seconds": _MAYBE_NUMBER,
    "context_window_tokens": _MAYBE_NUMBER,
    "figures": {
        "type": "object",
        "additionalProperties": {
            "type": "object",
            "properties": {
                "value": _POINTS,
                "raw_value": _MAYBE_NUMBER,
                "evidence_class": {"enum": ["direct", "reported", "synthesised"]},
                "source_id": _MAYBE_TEXT,
            },
            "required": ["value", "raw_value", "evidence_class", "source_id"],
            "additionalProperties": False,
        },
    },
    "missing_metrics": {"type": "array", "items": {"type": "string"}},
    "groups_shrunk": {"type": "array", "items": {"type": "string"}},
}
_TOP_PROPERTIES: dict[str, Any] = {
    "schema_version": {"const": SCHEMA_VERSION},
    "generated_at": {"type": "string", "format": "date-time"},
    "generator": {"type": "string"},
    "methodology": {"type": "string"},
    "licence": {"type": "string"},
    "models": {
        "type": "array",
        "items": {
            "type": "object",
            "properties": _MODEL_PROPERTIES,
            "required": list(_MODEL_PROPERTIES),
            "additionalProperties": False,
        },
    },
}
SCOREBOARD_SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "ipbr scoreboard",
    "type": "object",
    "properties": _TOP_PROPERTIES,
    "required": list(_TOP_PROPERTIES),
    "additionalProperties": False,
}


def write_json(document: dict[str, Any], path: Path) -> None:
    """A document as every JSON file of the site is written."""
    text = json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


# Tables


def csv_cell(value: Any) -> str:
    """A value as a cell: unrounded numbers, nothing for null, text that starts no formula.

    Text that a spreadsheet could run gets an apostrophe in front.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value)
    text = str(value)
    # Leading blanks are skipped by some programs before they look for a formula.
    is_text = isinstance(value, str)
    if is_text and re.sub(r"^[\s'\"]+", "", text).startswith(_FORMULA_STARTS):
        return "'" + text
    return "'" + text if is_text and text.startswith(_FORMULA_STARTS) else text


def write_csv(rows: list[dict[str, Any]], columns: Iterable[str], path: Path) -> None:
    """Rows with these columns, as `csv_cell` writes a value."""
    columns = tuple(columns)
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([csv_cell(row[name]) for name in columns] for row in rows)
    path.write_text(buffer.getvalue(), encoding="utf-8", newline="")


def _write_parquet(rows: list[dict[str, Any]], columns: dict[str, str], path: Path) -> None:
    fields = ", ".join(f"(r->>'$.{name}')::{kind} as {name}" for name, kind in columns.items())
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        written = Path(folder) / "rows.parquet"
        try:
            # One thread: the same rows make the same bytes.
            connection.execute("set threads = 1")
            connection.execute(
                f"create table figures as select {fields} from (select unnest(?::json[]) as r)",  # noqa: S608 names of our own, paths quoted
                [[json.dumps(row, default=str) for row in rows]],
            )
            ordered = connection.sql("select * from figures order by canonical_id, metric_id")
            ordered.write_parquet(str(written))
        except duckdb.Error as error:
            raise RenderError(f"cannot write {path}: DuckDB says: {error}") from error
        shutil.copyfile(written, path)
