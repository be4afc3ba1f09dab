"""The three TOML files of a run: scoreboard.toml, missing.toml, coefficients.toml."""

from __future__ import annotations

import gc
import math
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from base.errors import RenderError
from base.scoreboard import (
    BANDS,
    ROLE_VIEWS,
    ROLES,
    SCHEMA_VERSION,
    NotAScoreboardError,
    Scoreboard,
    Scores,
    SourceEntry,
    checked,
    six_decimals,
    tables_of,
    toml_of,
)
from base.times import moment_text
from render.board import (
    EXPECTED_COLUMNS,
    INTERVAL_COLUMNS,
    SPREAD_COLUMNS,
    Board,
    Calibration,
    ExpectedScore,
    GroupScore,
    Measurement,
    Model,
    RoleEvidence,
    ScoreboardRow,
    ScoreInterval,
)

SHARES = ("own", "direct", "reported", "synthesised", "missing")


def write_scoreboard(board: Board, path: Path) -> None:
    """Write the whole board: models by canonical id, sub-tables by key."""
    with _without_collection():
        _write(tables_of(_document(board, path)), path)


@contextmanager
def _without_collection() -> Iterator[None]:
    """Trees of tables hold no cycles: looking for some takes a sixth of the time to write them."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _document(board: Board, path: Path) -> Scoreboard:
    models = {model.canonical_id: model for model in board.models}
    measurements: dict[str, list[Measurement]] = defaultdict(list)
    for measurement in board.measurements:
        if measurement.is_present:
            measurements[measurement.canonical_id].append(measurement)
    group_scores: dict[str, list[GroupScore]] = defaultdict(list)
    for group_score in board.group_scores:
        group_scores[group_score.canonical_id].append(group_score)
    intervals: dict[str, list[ScoreInterval]] = defaultdict(list)
    for interval in board.score_intervals or ():
        intervals[interval.canonical_id].append(interval)
    evidence = {(row.canonical_id, row.role_id): row for row in board.role_evidence or ()}
    expected = {(row.canonical_id, row.role_id): row for row in board.expected_scores or ()}
    withheld = sorted(source.source_id for source in board.sources if source.status == "withheld")
    tables = {
        "schema_version": SCHEMA_VERSION,
        "generated_at": board.run.generated_at,
        "generator": board.run.generator,
        "methodology": board.run.methodology,
        "edition": board.run.edition,
        "withheld_sources": withheld or None,
        "weights": "renormalised" if withheld else None,
        "experiment": board.run.is_experiment or None,
        "demo": board.run.is_demo or None,
        "calibration": _calibration(board.calibration or ()),
        "sources": {
            source.source_id: {key: getattr(source, key) for key in SourceEntry.model_fields}
            for source in sorted(board.sources, key=lambda source: source.source_id)
        },
        "models": [
            _model_entry(
                row,
                models[row.canonical_id],
                measurements[row.canonical_id],
                group_scores[row.canonical_id],
                intervals[row.canonical_id],
            )
            | {"roles": _role_entries(row.canonical_id, evidence, expected)}
            for row in sorted(board.scoreboard, key=lambda row: row.canonical_id)
        ],
    }
    try:
        return checked(tables, Scoreboard)
    except NotAScoreboardError as error:
        raise RenderError(
            f"cannot write {path}: expected {error.expected}, found {error.found}"
        ) from error


def _calibration(rows: Iterable[Calibration]) -> dict[str, Any] | None:
    """Of published intervals over all roles; None if the board knows none."""
    bands = {row.band: row for row in rows if row.predictor == "v1" and row.role_id == "all"}
    if not bands:
        return None
    whole = bands.pop("all")
    return {
        "tested_on": whole.tested_on.isoformat(),
        "board_as_of": whole.board_as_of.isoformat(),
        "board_models": whole.board_models,
        **_held(whole),
        "bands": [{"band": band, **_held(bands[band])} for band in BANDS if band in bands],
    }


def _held(row: Calibration) -> dict[str, Any]:
    return {
        "n": row.n,
        "n_models": row.n_models,
        "inside_share": six_decimals(row.inside_share),
        "mean_width": six_decimals(row.mean_width),
    }


def write_missing(board: Board, path: Path) -> None:
    """Write what each model lacks."""
    _write(
        {
            "generated_at": moment_text(board.run.generated_at),
            "models": {
                row.canonical_id: {
                    "display_name": row.display_name,
                    "metrics": sorted(row.missing_metrics),
                    "groups_shrunk": sorted(row.groups_shrunk),
                }
                for row in sorted(board.scoreboard, key=lambda row: row.canonical_id)
            },
        },
        path,
    )


def write_coefficients(board: Board, path: Path) -> None:
    """Write the coefficients of the run, in the layout of data/coefficients.toml.

    Numbers are written unrounded: read back, the file is the run's coefficients exactly.
    """
    if board.weights is None or board.settings is None or board.metrics is None:
        raise RenderError(
            f"cannot write {path}: the board was read from a scoreboard.toml without its "
            "coefficients.toml; put that file next to it"
        )
    document = coefficients_document(board)
    _check_finite(document, path, [])
    _write(document, path)


def coefficients_document(board: Board) -> dict[str, Any]:
    """The tables of coefficients.toml; the board must know weights, settings and metrics."""
    weights: dict[str, dict[str, dict[str, float]]] = {"group": {}, "composite": {}, "role": {}}
    for weight in sorted(board.weights or (), key=lambda weight: weight.position):
        weights[weight.weight_kind].setdefault(weight.parent_id, {})[weight.child_id] = (
            weight.weight
        )
    settings: dict[str, dict[str, float]] = {"synthesis": {}, "aggregation": {}, "penalties": {}}
    for setting in sorted(board.settings or (), key=lambda setting: setting.setting_id):
        table, _, key = setting.setting_id.partition(".")
        settings[table][key] = setting.value
    group_ids = [group.group_id for group in board.groups]
    score_keys = [role.score_key for role in board.roles]
    return {
        "group_weights": _in_order(weights["group"], group_ids),
        "composite_metrics": _in_order(weights["composite"], []),
        "final_score_weights": _in_order(weights["role"], score_keys),
        **settings,
        "metrics": {
            metric.metric_id: {
                "higher_better": metric.higher_better,
                "log_scale": metric.log_scale,
                "groups": list(metric.group_ids),
                "transform": metric.transform,
            }
            for metric in sorted(board.metrics or (), key=lambda metric: metric.metric_id)
            if metric.metric_kind == "metric"
        },
    }


def _in_order(tables: dict[str, Any], first: list[str]) -> dict[str, Any]:
    """The tables named in `first` in that order, then the others by name."""
    names = [name for name in first if name in tables]
    return {name: tables[name] for name in names + sorted(tables.keys() - set(names))}


def _model_entry(
    row: ScoreboardRow,
    model: Model,
    measurements: list[Measurement],
    group_scores: list[GroupScore],
    intervals: list[ScoreInterval],
) -> dict[str, Any]:
    measurements = sorted(measurements, key=lambda measurement: measurement.metric_id)
    group_scores = sorted(group_scores, key=lambda group_score: group_score.group_id)
    return {
        "canonical_id": row.canonical_id,
        "display_name": row.display_name,
        "vendor": row.vendor,
        "thinking_effort": row.thinking_effort,
        "aliases": list(model.aliases),
        "sources": sorted(model.source_ids),
        "scores": {key: six_decimals(getattr(row, key)) for key in Scores.model_fields},
        "ranks": {role_id: getattr(row, f"{role_id}_rank") for role_id in ROLES}
        | _columns_by_role(intervals, SPREAD_COLUMNS),
        "intervals": _columns_by_role(intervals, INTERVAL_COLUMNS) or None,
        "groups": {entry.group_id: six_decimals(entry.score) for entry in group_scores},
        "coverage": {entry.group_id: six_decimals(entry.coverage) for entry in group_scores},
        "metrics": {
            measurement.metric_id: six_decimals(_present(measurement.value, measurement))
            for measurement in measurements
        },
        "raw_metrics": {
            measurement.metric_id: float(measurement.raw_value)
            for measurement in measurements
            if measurement.raw_value is not None
        },
        "evidence": {
            measurement.metric_id: _evidence_entry(measurement) for measurement in measurements
        },
        "missing": {
            "metrics": sorted(row.missing_metrics),
            "groups_shrunk": sorted(row.groups_shrunk),
            "synthesis_dominant": row.synthesis_dominant,
        },
    }


def _role_entries(
    canonical_id: str,
    evidence: dict[tuple[str, str], RoleEvidence],
    expected: dict[tuple[str, str], ExpectedScore],
) -> dict[str, Any] | None:
    """What each score of a model stands on; None of a board from before that was known."""
    if not evidence:
        return None
    entries: dict[str, Any] = {}
    for role_id in ROLE_VIEWS:
        row, predicted = evidence[canonical_id, role_id], expected.get((canonical_id, role_id))
        entries[role_id] = {
            "status": row.status,
            **{key: getattr(row, key) for key in ("place", "place_p05", "place_p95", "tier")},
            **{f"{kind}_share": six_decimals(getattr(row, f"{kind}_share")) for kind in SHARES},
            **{
                key: None if predicted is None else six_decimals(getattr(predicted, column))
                for key, column in EXPECTED_COLUMNS.items()
            },
        }
    return entries


def _columns_by_role(
    intervals: list[ScoreInterval], columns: tuple[str, ...]
) -> dict[str, float | int]:
    """`<role>_<column>` of each interval of a model, rounded where it is no whole number; without
    what an earlier board does not say."""
    return {
        f"{interval.role_id}_{column}": value if isinstance(value, int) else six_decimals(value)
        for interval in intervals
        for column in columns
        for value in [getattr(interval, column)]
        if value is not None
    }


def _evidence_entry(measurement: Measurement) -> dict[str, Any]:
    evidence_class = _present(measurement.evidence_class, measurement)
    if measurement.metric_kind == "composite":
        # It stands on its inputs and has no source of its own.
        return {"class": evidence_class}
    return {
        "class": evidence_class,
        "source": measurement.source_id,
        "name": measurement.source_model_name,
        "effort": measurement.effort,
        "note": measurement.note,
        "donor": measurement.donor_id,
        "category": measurement.synthesis_category,
        "hops": measurement.synthesis_hops,
    }


def _present(value: Any, measurement: Measurement) -> Any:
    if value is None:
        raise RenderError(
            f"cannot write the scoreboard: {measurement.metric_id} of {measurement.canonical_id} "
            "is marked present in fct_measurements but has no value or evidence class"
        )
    return value


def _write(document: dict[str, Any], path: Path) -> None:
    """Write TOML and read it back; what was read must be what was meant."""
    text = toml_of(document)
    path.write_text(text, encoding="utf-8", newline="\n")
    if tomllib.loads(path.read_text(encoding="utf-8")) != document:
        raise RenderError(
            f"cannot write {path}: the file read back differs from the text written; "
            "is the disk full, or is another program writing there?"
        )


def _check_finite(value: Any, path: Path, keys: list[str]) -> None:
    if isinstance(value, dict):
        for key, item in value.items():
            _check_finite(item, path, [*keys, key])
    elif isinstance(value, list):
        for position, item in enumerate(value):
            _check_finite(item, path, [*keys, str(position)])
    elif isinstance(value, float) and not math.isfinite(value):
        raise RenderError(f"cannot write {path}: {'.'.join(keys)} is {value}, not a number")
