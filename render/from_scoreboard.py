"""The board of a scoreboard.toml alone, as far as that tells."""

from __future__ import annotations

import csv
import dataclasses
import re
import tomllib
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from base.errors import RenderError
from base.scoreboard import (
    BALANCED,
    ROLE_VIEWS,
    ROLES,
    CalibrationBand,
    CalibrationEntry,
    ModelEntry,
    NotAScoreboardError,
    Scoreboard,
    Scores,
    SourceEntry,
    read,
)
from render.board import (
    EXPECTED_COLUMNS,
    INTERVAL_COLUMNS,
    SPREAD_COLUMNS,
    Board,
    Calibration,
    ExpectedScore,
    Group,
    GroupScore,
    Measurement,
    Metric,
    Model,
    Role,
    RoleEvidence,
    RoleScore,
    Run,
    ScoreboardRow,
    ScoreInterval,
    Setting,
    Source,
    Weight,
)
from render.derived import derive, role_score

SEEDS = Path(__file__).resolve().parent.parent / "seeds"

# The four figures that have a column of their own in the table of models. In the marts they are
# columns of rpt_scoreboard; a scoreboard.toml knows them by metric id only.
OPERATIONAL_COLUMNS = {
    "BlendedCost": "blended_cost_usd",
    "OutputSpeed": "output_speed_tokens_per_second",
    "TTFT": "time_to_first_token_seconds",
    "ContextWindow": "context_window_tokens",
}


def read_scoreboard(path: Path, coefficients: Path | None = None) -> Board:
    """Read a board from a scoreboard.toml, and from the coefficients.toml it was scored with.

    `coefficients` defaults to the file of that name in the same folder, if there is one. Names
    and attributions come from the project's seeds; what neither tells is None.
    """
    if coefficients is None and (path.parent / "coefficients.toml").is_file():
        coefficients = path.parent / "coefficients.toml"
    try:
        document = read(_read_bytes(path), Scoreboard)
    except NotAScoreboardError as error:
        raise RenderError(
            f"cannot render {path}: expected a {error.told}; give one written by `ipbr-rank score`"
        ) from error
    if coefficients is None:
        return _board_from_document(document, None)
    try:
        return _board_from_document(document, _read_toml(coefficients))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RenderError(
            f"cannot render {path} with {coefficients}: the board was scored with a different "
            f"coefficients.toml ({type(error).__name__}: {error})"
        ) from error


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise RenderError(f"cannot read {path}: {error.strerror}") from error


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(_read_bytes(path).decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RenderError(f"cannot read {path}: it is not valid TOML: {error}") from error


def _board_from_document(document: Scoreboard, coefficients: dict[str, Any] | None) -> Board:
    roles = tuple(
        Role(**{**row, "role_order": int(row["role_order"])})  # type: ignore[arg-type]
        for row in _seed("roles").values()
    )
    vendors = {vendor: row["display_name"] for vendor, row in _seed("vendors").items()}
    entries = sorted(document.models, key=lambda entry: entry.canonical_id)
    slugs = _unique_slugs(entry.canonical_id for entry in entries)
    group_seed = _seed("groups")
    group_ids = sorted(
        {group_id for entry in entries for group_id in entry.groups},
        key=lambda group_id: (int(group_seed.get(group_id, {}).get("group_order", 99)), group_id),
    )
    metrics = weights = settings = None
    if coefficients is not None:
        metrics = _metrics_from_coefficients(coefficients)
        weights = _weights_from_coefficients(coefficients, entries)
        settings = _settings_from_coefficients(coefficients)
    derived = derive(entries, roles, weights or (), metrics or ())
    return Board(
        run=Run(
            generated_at=document.generated_at,
            generator=document.generator,
            edition=document.edition,
            methodology=document.methodology,
            is_experiment=bool(document.experiment),
            is_demo=bool(document.demo),
        ),
        calibration=_calibration_of(document.calibration),
        roles=roles,
        groups=tuple(
            Group(
                group_id=group_id,
                display_name=group_seed.get(group_id, {}).get("display_name", group_id),
                group_order=order,
                description=group_seed.get(group_id, {}).get("description", ""),
            )
            for order, group_id in enumerate(group_ids, start=1)
        ),
        models=tuple(
            Model(
                canonical_id=entry.canonical_id,
                display_name=entry.display_name,
                vendor=entry.vendor,
                vendor_name=vendors.get(entry.vendor, entry.vendor),
                aliases=tuple(entry.aliases),
                thinking_effort=entry.thinking_effort,
                source_ids=tuple(entry.sources),
                is_active=True,
            )
            for entry in entries
        ),
        metrics=metrics,
        sources=_sources_from_document(document.sources),
        weights=weights,
        settings=settings,
        measurements=tuple(_measurements_of(entries, derived.figure_ranks)),
        metric_contributions=None,
        group_contributions=None,
        group_scores=tuple(
            GroupScore(
                canonical_id=entry.canonical_id,
                group_id=group_id,
                score=score,
                coverage=entry.coverage[group_id],
                weighted_mean=None,
                trust=None,
                rank=derived.group_ranks[entry.canonical_id, group_id],
            )
            for entry in entries
            for group_id, score in sorted(entry.groups.items())
        ),
        role_contributions=None,
        role_scores=tuple(
            RoleScore(
                canonical_id=entry.canonical_id,
                role_id=role.role_id,
                score=role_score(entry, role),
                rank=getattr(entry.ranks, role.role_id),
                previous_rank=None,
                previous_status=None,
                previous_place=None,
                rank_change=None,
            )
            for entry in entries
            for role in sorted(roles, key=lambda role: role.role_id)
        ),
        score_intervals=_intervals_of(entries),
        role_evidence=_evidence_of(entries, roles, derived.balanced),
        expected_scores=_expected_of(entries),
        scoreboard=tuple(
            _scoreboard_row(
                entry,
                slug=slugs[entry.canonical_id],
                vendor_name=vendors.get(entry.vendor, entry.vendor),
                balanced=derived.balanced[entry.canonical_id],
                coverage_share=derived.coverage_share.get(entry.canonical_id),
            )
            for entry in entries
        ),
        warnings=None,
        metric_shares=None if weights is None else derived.metric_shares,
    )


def _seed(name: str) -> dict[str, dict[str, str]]:
    """A seed's rows by their first column."""
    try:
        with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return {next(iter(row.values())): row for row in csv.DictReader(file)}
    except OSError as error:
        raise RenderError(
            f"cannot read {SEEDS / name}.csv, which is needed to render a scoreboard.toml: "
            f"{error.strerror}"
        ) from error


def _unique_slugs(canonical_ids: Iterable[str]) -> dict[str, str]:
    slugs: dict[str, str] = {}
    taken: set[str] = set()
    for canonical_id in canonical_ids:
        stem = re.sub(r"[^a-z0-9]+", "-", canonical_id.lower())[:80]
        slug, number = stem, 2
        while slug in taken:
            slug, number = f"{stem}-{number}", number + 1
        taken.add(slug)
        slugs[canonical_id] = slug
    return slugs


def _scoreboard_row(
    entry: ModelEntry,
    *,
    slug: str,
    vendor_name: str,
    balanced: tuple[float, int],
    coverage_share: float | None,
) -> ScoreboardRow:
    # A composite repeats the evidence of its inputs and names no source of its own.
    cited = [told.evidence_class for told in entry.evidence.values() if told.source is not None]
    return ScoreboardRow(
        canonical_id=entry.canonical_id,
        slug=slug,
        display_name=entry.display_name,
        vendor=entry.vendor,
        vendor_name=vendor_name,
        thinking_effort=entry.thinking_effort,
        open_weights=None,
        release_date=None,
        **{key: getattr(entry.scores, key) for key in Scores.model_fields},
        **{f"{role_id}_rank": getattr(entry.ranks, role_id) for role_id in ROLES},
        balanced=balanced[0],
        balanced_rank=balanced[1],
        coverage_share=coverage_share,
        # The operational columns may all be empty, which the type of `**` does not tell.
        **{  # type: ignore[arg-type]
            column: entry.raw_metrics.get(metric_id)
            for metric_id, column in OPERATIONAL_COLUMNS.items()
        },
        output_speed_effort=_effort(entry, "OutputSpeed"),
        time_to_first_token_effort=_effort(entry, "TTFT"),
        n_direct=cited.count("direct"),
        n_reported=cited.count("reported"),
        n_synthesised=cited.count("synthesised"),
        synthesis_dominant=entry.missing.synthesis_dominant,
        missing_metrics=tuple(entry.missing.metrics),
        groups_shrunk=tuple(entry.missing.groups_shrunk),
    )


def _effort(entry: ModelEntry, metric_id: str) -> str | None:
    told = entry.evidence.get(metric_id)
    return None if told is None else told.effort


def _intervals_of(entries: list[ModelEntry]) -> tuple[ScoreInterval, ...] | None:
    """Intervals, spreads and tiers; None from a file that was written before there were any.

    On a board of very many models only the leading ones have them.
    """
    sure = [entry for entry in entries if entry.intervals is not None]
    if not sure:
        return None
    return tuple(
        ScoreInterval(
            canonical_id=entry.canonical_id,
            role_id=role_id,
            **{name: getattr(entry.intervals, f"{role_id}_{name}") for name in INTERVAL_COLUMNS},
            **{name: getattr(entry.ranks, f"{role_id}_{name}") for name in SPREAD_COLUMNS},
        )
        for entry in sure
        for role_id in sorted(ROLES)
    )


def _calibration_of(entry: CalibrationEntry | None) -> tuple[Calibration, ...] | None:
    if entry is None:
        return None
    held: list[tuple[str, CalibrationEntry | CalibrationBand]] = [("all", entry)]
    held += [(row.band, row) for row in entry.bands]
    return tuple(
        Calibration(
            tested_on=date.fromisoformat(entry.tested_on),
            board_as_of=date.fromisoformat(entry.board_as_of),
            board_models=entry.board_models,
            predictor="v1",
            role_id="all",
            band=band,
            n=row.n,
            n_models=row.n_models,
            inside_share=row.inside_share,
            mean_width=row.mean_width,
        )
        for band, row in held
    )


def _evidence_of(
    entries: list[ModelEntry], roles: tuple[Role, ...], balanced: dict[str, tuple[float, int]]
) -> tuple[RoleEvidence, ...] | None:
    """What scores stand on and their places; None from a file of before 1.3."""
    if any(entry.roles is None for entry in entries):
        return None
    known = dict.fromkeys(field.name for field in dataclasses.fields(RoleEvidence))
    scores = {(entry.canonical_id, BALANCED): balanced[entry.canonical_id][0] for entry in entries}
    for role in roles:
        scores |= {(entry.canonical_id, role.role_id): role_score(entry, role) for entry in entries}
    return tuple(
        RoleEvidence(
            **{
                **known,
                **{key: value for key, value in told.items() if key in known},
                "canonical_id": entry.canonical_id,
                "role_id": role_id,
                "score": scores[entry.canonical_id, role_id],
            }
        )
        for entry in entries
        for role_id in sorted(ROLE_VIEWS)
        for told in [dict(getattr(entry.roles, role_id))]
    )


def _expected_of(entries: list[ModelEntry]) -> tuple[ExpectedScore, ...] | None:
    """Expected scores; None from a file without any."""
    rows = tuple(
        ExpectedScore(
            canonical_id=entry.canonical_id,
            role_id=role_id,
            **{column: getattr(told, key) for key, column in EXPECTED_COLUMNS.items()},
            expected_rank=None,
            disagreement=None,
        )
        for entry in entries
        for role_id in sorted(ROLE_VIEWS)
        for told in [getattr(entry.roles, role_id, None)]
        if told is not None and told.expected is not None
    )
    return rows or None


def _measurements_of(
    entries: list[ModelEntry], ranks: dict[tuple[str, str], int]
) -> Iterator[Measurement]:
    for entry in entries:
        for metric_id, value in sorted(entry.metrics.items()):
            told = entry.evidence[metric_id]
            yield Measurement(
                canonical_id=entry.canonical_id,
                metric_id=metric_id,
                metric_kind="composite" if told.source is None else "metric",
                is_present=True,
                evidence_class=told.evidence_class,
                source_id=told.source,
                source_model_name=told.name,
                effort=told.effort,
                harness=None,
                observed_on=None,
                standard_error=None,
                interval_lower=None,
                interval_upper=None,
                raw_value=entry.raw_metrics.get(metric_id),
                normalised_value=None,
                discount_share=None,
                value=value,
                donor_id=told.donor,
                synthesis_category=told.category,
                synthesis_hops=told.hops,
                synthesis_path=None,
                note=told.note,
                url=None,
                rank=ranks.get((entry.canonical_id, metric_id)),
            )


def _sources_from_document(entries: dict[str, SourceEntry]) -> tuple[Source, ...]:
    """What the file tells of each source, and the rest from the seed."""
    seed = _seed("sources")
    sources = []
    for source_id, entry in sorted(entries.items()):
        named = {key: text or None for key, text in seed.get(source_id, {}).items()}
        told = {key: getattr(entry, key) for key in SourceEntry.model_fields}
        for key in ("licence", "redistribution", "attribution"):
            told[key] = told[key] or named.get(key)
        sources.append(
            Source(
                source_id=source_id,
                display_name=named.get("display_name") or source_id,
                family=named.get("family"),
                home_page=named.get("home_page"),
                endpoint=named.get("endpoint"),
                message=None,
                n_measurements=None,
                **told,
            )
        )
    return tuple(sources)


def _weights_from_coefficients(
    coefficients: dict[str, Any], entries: list[ModelEntry]
) -> tuple[Weight, ...]:
    """ValueError for the weight of a group that a model of the board does not have."""
    for entry in entries:
        for children in coefficients["final_score_weights"].values():
            if unknown := children.keys() - entry.groups.keys():
                raise ValueError(f"{entry.canonical_id} has no group {min(unknown)}")
    return tuple(
        Weight(weight_kind, parent_id, child_id, weight, position)
        for weight_kind, table in (
            ("composite", "composite_metrics"),
            ("group", "group_weights"),
            ("role", "final_score_weights"),
        )
        for parent_id, children in sorted(coefficients[table].items())
        for position, (child_id, weight) in enumerate(children.items(), start=1)
    )


def _settings_from_coefficients(coefficients: dict[str, Any]) -> tuple[Setting, ...]:
    return tuple(
        Setting(f"{table}.{key}", value)
        for table in ("aggregation", "penalties", "synthesis")
        for key, value in sorted(coefficients[table].items())
    )


def _metrics_from_coefficients(coefficients: dict[str, Any]) -> tuple[Metric, ...]:
    seed = _seed("metrics")
    weighted = {
        child_id
        for table in ("composite_metrics", "group_weights")
        for children in coefficients[table].values()
        for child_id in children
    }
    unknown = dict.fromkeys(field.name for field in dataclasses.fields(Metric))
    metrics = []
    for metric_id, entry in coefficients["metrics"].items():
        named = seed.get(metric_id, {})
        metrics.append(
            Metric(
                **{
                    **unknown,
                    "metric_id": metric_id,
                    "display_name": named.get("display_name", metric_id),
                    "unit": named.get("unit"),
                    "metric_class": named.get("metric_class"),
                    "metric_kind": "metric",
                    "description": named.get("description"),
                    "higher_better": entry["higher_better"],
                    "log_scale": entry["log_scale"],
                    "transform": entry["transform"],
                    "group_ids": tuple(entry["groups"]),
                    "is_weighted": metric_id in weighted,
                }
            )
        )
    metrics.extend(
        Metric(
            **{
                **unknown,
                "metric_id": metric_id,
                "display_name": metric_id,
                "metric_kind": "composite",
                "group_ids": tuple(
                    group_id
                    for group_id, children in coefficients["group_weights"].items()
                    if metric_id in children
                ),
                "is_weighted": metric_id in weighted,
            }
        )
        for metric_id in coefficients["composite_metrics"]
    )
    return tuple(sorted(metrics, key=lambda metric: metric.metric_id))
