"""What the pages and files are made of: the marts, or one scoreboard.toml.

Rendering reads no other table and computes no score. Every dataclass below is one mart (its
columns by the same names; a mart may have more); a `Board` is all of them.
"""

from __future__ import annotations

import csv
import dataclasses
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, get_type_hints

import duckdb

from base.scoreboard import (
    ROLES,
    ModelEntry,
    NotAScoreboardError,
    Scoreboard,
    Scores,
    SourceEntry,
    read,
)
from render.errors import RenderError

MARTS_SCHEMA = "marts"
SEEDS = Path(__file__).resolve().parent.parent / "seeds"

# The four figures that have a column of their own in the table of models. In the marts they are
# columns of rpt_scoreboard; a scoreboard.toml knows them by metric id only.
OPERATIONAL_COLUMNS = {
    "BlendedCost": "blended_cost_usd",
    "OutputSpeed": "output_speed_tokens_per_second",
    "TTFT": "time_to_first_token_seconds",
    "ContextWindow": "context_window_tokens",
}

# Columns of fct_score_intervals in [models.intervals] and [models.ranks] of a scoreboard.toml, each
# after the role's id.
INTERVAL_COLUMNS = (
    "p05_score",
    "p50_score",
    "p95_score",
    "p05_rank",
    "p95_rank",
    "best_share",
    "top_three_share",
)
SPREAD_COLUMNS = ("best_rank", "worst_rank", "tier")


@dataclass(frozen=True, slots=True)
class Run:
    """dim_runs: the one run that the marts hold."""

    generated_at: datetime
    generator: str
    edition: str
    methodology: str
    compared_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Role:
    """dim_roles: one row per role. `score_key` is the role's name in the TOML files."""

    role_id: str
    role_order: int
    display_name: str
    letter: str
    score_key: str
    description: str


@dataclass(frozen=True, slots=True)
class Group:
    """dim_groups: one row per metric group."""

    group_id: str
    display_name: str
    group_order: int
    description: str


@dataclass(frozen=True, slots=True)
class Model:
    """dim_models: one row per canonical model, active or not."""

    canonical_id: str
    display_name: str
    vendor: str
    vendor_name: str
    aliases: tuple[str, ...]
    thinking_effort: str | None
    source_ids: tuple[str, ...]
    is_active: bool


@dataclass(frozen=True, slots=True)
class Metric:
    """dim_metrics: one row per metric and composite. Bounds are on the ln scale if `log_scale`."""

    metric_id: str
    display_name: str
    unit: str | None
    metric_class: str | None
    metric_kind: str
    task_count: int | None
    task_count_source: str | None
    description: str | None
    higher_better: bool | None
    log_scale: bool | None
    transform: str | None
    group_ids: tuple[str, ...]
    source_ids: tuple[str, ...] | None
    is_weighted: bool
    baseline_basis: str | None
    baseline_count: int | None
    lower_bound: float | None
    upper_bound: float | None


@dataclass(frozen=True, slots=True)
class Source:
    """dim_sources: one row per source, skipped ones too."""

    source_id: str
    display_name: str
    family: str | None
    home_page: str | None
    endpoint: str | None
    licence: str | None
    redistribution: str | None
    attribution: str | None
    status: str
    message: str | None
    n_rows_ingested: int | None
    n_rows_matched: int | None
    n_rows_ignored: int | None
    n_rows_unmatched: int | None
    n_measurements: int | None
    fetched_at: datetime | None
    content_changed_at: datetime | None
    sha256: str | None


@dataclass(frozen=True, slots=True)
class Weight:
    """fct_weights: one row per parent and child, in the order the file lists a parent's children.

    The parent of a role's weight is the role's score key.
    """

    weight_kind: str
    parent_id: str
    child_id: str
    weight: float
    position: int


@dataclass(frozen=True, slots=True)
class Setting:
    """fct_settings: one row per number that is no weight, named `<table>.<key>`."""

    setting_id: str
    value: float


@dataclass(frozen=True, slots=True)
class Measurement:
    """fct_measurements: one row per active model and metric or composite, missing ones too."""

    canonical_id: str
    metric_id: str
    metric_kind: str
    is_present: bool
    evidence_class: str | None
    source_id: str | None
    source_model_name: str | None
    effort: str | None
    harness: str | None
    observed_on: date | None
    raw_value: float | None
    standard_error: float | None
    interval_lower: float | None
    interval_upper: float | None
    normalised_value: float | None
    discount_share: float | None
    value: float | None
    donor_id: str | None
    synthesis_category: str | None
    synthesis_hops: int | None
    synthesis_path: tuple[str, ...] | None
    note: str | None
    url: str | None


@dataclass(frozen=True, slots=True)
class MetricContribution:
    """fct_metric_contributions: model, composite, input; the input is null on the pull to 50."""

    canonical_id: str
    metric_id: str
    input_metric_id: str | None
    weight: float | None
    value: float | None
    contribution: float


@dataclass(frozen=True, slots=True)
class GroupContribution:
    """fct_group_contributions: model, group, metric; the metric is null on the pull to 50."""

    canonical_id: str
    group_id: str
    metric_id: str | None
    weight: float | None
    value: float | None
    contribution: float
    is_pull: bool


@dataclass(frozen=True, slots=True)
class GroupScore:
    """fct_group_scores: one row per model and group."""

    canonical_id: str
    group_id: str
    score: float
    coverage: float
    weighted_mean: float | None
    trust: float | None


@dataclass(frozen=True, slots=True)
class RoleContribution:
    """fct_role_contributions: one row per model, role and group."""

    canonical_id: str
    role_id: str
    group_id: str
    weight: float
    group_score: float
    contribution: float


@dataclass(frozen=True, slots=True)
class RoleScore:
    """fct_role_scores: one row per model and role; a positive change is places gained."""

    canonical_id: str
    role_id: str
    score: float
    rank: int
    previous_rank: int | None
    rank_change: int | None


@dataclass(frozen=True, slots=True)
class ScoreInterval:
    """fct_score_intervals: one row per model and role, how sure its score and rank are."""

    canonical_id: str
    role_id: str
    p05_score: float
    p50_score: float
    p95_score: float
    p05_rank: int
    p95_rank: int
    best_share: float
    top_three_share: float
    best_rank: int
    worst_rank: int
    tier: int


@dataclass(frozen=True, slots=True)
class Threshold:
    """dim_thresholds: one row per number that robustness and metric quality are judged by."""

    threshold_id: str
    value: float
    unit: str
    reason: str


@dataclass(frozen=True, slots=True)
class LargestMove:
    """rpt_largest_moves: a score without one family or metric, where that moves it most."""

    canonical_id: str
    role_id: str
    left_out_kind: str
    left_out_id: str
    n_metrics: int
    score: float
    rank: int
    score_change: float
    rank_change: int
    place_for_model: int
    place_among_models: int


@dataclass(frozen=True, slots=True)
class Robustness:
    """rpt_robustness: one row per model and role, how much its rank depends on single choices."""

    canonical_id: str
    role_id: str
    model_rank_change: int | None
    model_id: str | None
    weights_p05_rank: int
    weights_p95_rank: int
    leader_share: float
    is_robust: bool


@dataclass(frozen=True, slots=True)
class OrderAgreement:
    """rpt_order_agreement: one row per scenario and role; tau is null if all models tie."""

    scenario_kind: str
    scenario_key: str
    role_id: str
    kendall_tau: float | None


@dataclass(frozen=True, slots=True)
class MetricQuality:
    """rpt_metric_quality: one row per metric that is no composite; null is what is not known."""

    metric_id: str
    n_models: int
    covered_share: float
    kendall_tau: float | None
    nearest_metric_id: str | None
    nearest_correlation: float | None
    is_near_duplicate: bool
    top_five_errors: float | None
    is_saturated: bool | None
    content_age_days: int | None


@dataclass(frozen=True, slots=True)
class ScoreboardRow:
    """rpt_scoreboard: one row per active model."""

    canonical_id: str
    slug: str
    display_name: str
    vendor: str
    vendor_name: str
    thinking_effort: str | None
    open_weights: bool | None
    release_date: date | None
    i_raw: float
    p_raw: float
    b_raw: float
    r: float
    i_adj: float
    p_adj: float
    b_adj: float
    i_rank: int
    p_rank: int
    b_rank: int
    r_rank: int
    balanced: float
    balanced_rank: int
    coverage_share: float | None
    blended_cost_usd: float | None
    output_speed_tokens_per_second: float | None
    time_to_first_token_seconds: float | None
    context_window_tokens: float | None
    n_direct: int
    n_reported: int
    n_synthesised: int
    synthesis_dominant: bool
    missing_metrics: tuple[str, ...]
    groups_shrunk: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TimelinePoint:
    """rpt_score_timeline: one row per day, model and role."""

    scored_on: date
    coefficients_sha256: str
    canonical_id: str
    display_name: str
    role_id: str
    score: float
    rank: int
    score_p05: float | None
    score_p95: float | None


@dataclass(frozen=True, slots=True)
class PopulationChange:
    """rpt_population_changes: one row per model that has come or left."""

    canonical_id: str
    change_kind: str
    display_name: str
    best_role_id: str
    best_rank: int


@dataclass(frozen=True, slots=True)
class RunWarning:
    """rpt_warnings: one row per thing the world changed."""

    warning_kind: str
    subject: str
    message: str


@dataclass(frozen=True)
class Board:
    """All marts, each in the order of its key; None is what was not read or a scoreboard.toml
    does not tell."""

    run: Run
    roles: tuple[Role, ...]
    groups: tuple[Group, ...]
    models: tuple[Model, ...]
    metrics: tuple[Metric, ...] | None
    sources: tuple[Source, ...]
    weights: tuple[Weight, ...] | None
    settings: tuple[Setting, ...] | None
    measurements: tuple[Measurement, ...]
    metric_contributions: tuple[MetricContribution, ...] | None
    group_contributions: tuple[GroupContribution, ...] | None
    group_scores: tuple[GroupScore, ...]
    role_contributions: tuple[RoleContribution, ...] | None
    role_scores: tuple[RoleScore, ...]
    score_intervals: tuple[ScoreInterval, ...] | None
    scoreboard: tuple[ScoreboardRow, ...]
    warnings: tuple[RunWarning, ...] | None
    timeline: tuple[TimelinePoint, ...] | None = None
    population_changes: tuple[PopulationChange, ...] | None = None
    thresholds: tuple[Threshold, ...] | None = None
    largest_moves: tuple[LargestMove, ...] | None = None
    robustness: tuple[Robustness, ...] | None = None
    order_agreement: tuple[OrderAgreement, ...] | None = None
    metric_quality: tuple[MetricQuality, ...] | None = None


Row = TypeVar("Row")


def read_board(database: Path) -> Board:
    """Read every mart from a built database, which is opened read-only."""
    if not database.is_file():
        raise RenderError(
            f"cannot render: there is no database {database}; run `ipbr-rank score` first"
        )
    try:
        connection = duckdb.connect(str(database), read_only=True)
    except duckdb.Error as error:
        raise RenderError(
            f"cannot render: the database {database} does not open: {error}"
        ) from error
    with connection:
        return board_of(connection, database)


def board_of(
    connection: duckdb.DuckDBPyConnection, database: Path, *, for_pages: bool = True
) -> Board:
    """Read the marts of `database` on a connection that has it in use.

    Without `for_pages` what nothing but pages show is left out: None.
    """
    mart = _MartReader(connection, database, for_pages=for_pages)
    runs = mart.rows("dim_runs", Run, "generated_at")
    if len(runs) != 1:
        raise RenderError(
            f"cannot render {database}: {MARTS_SCHEMA}.dim_runs must hold the one run that was "
            f"scored, but holds {len(runs)} rows; run `ipbr-rank score` again"
        )
    return Board(
        run=runs[0],
        roles=mart.rows("dim_roles", Role, "role_order"),
        groups=mart.rows("dim_groups", Group, "group_order"),
        models=mart.rows("dim_models", Model, "canonical_id"),
        metrics=mart.rows("dim_metrics", Metric, "metric_id"),
        sources=mart.rows("dim_sources", Source, "source_id"),
        weights=mart.rows("fct_weights", Weight, "weight_kind, parent_id, position"),
        settings=mart.rows("fct_settings", Setting, "setting_id"),
        measurements=mart.rows("fct_measurements", Measurement, "canonical_id, metric_id"),
        metric_contributions=mart.rows_for_pages(
            "fct_metric_contributions",
            MetricContribution,
            "canonical_id, metric_id, input_metric_id nulls last",
        ),
        group_contributions=mart.rows_for_pages(
            "fct_group_contributions",
            GroupContribution,
            "canonical_id, group_id, metric_id nulls last",
        ),
        group_scores=mart.rows("fct_group_scores", GroupScore, "canonical_id, group_id"),
        role_contributions=mart.rows_for_pages(
            "fct_role_contributions", RoleContribution, "canonical_id, role_id, group_id"
        ),
        role_scores=mart.rows("fct_role_scores", RoleScore, "canonical_id, role_id"),
        score_intervals=mart.rows("fct_score_intervals", ScoreInterval, "canonical_id, role_id"),
        scoreboard=mart.rows("rpt_scoreboard", ScoreboardRow, "canonical_id"),
        warnings=mart.rows("rpt_warnings", RunWarning, "warning_kind, subject, message"),
        timeline=mart.rows_for_pages(
            "rpt_score_timeline", TimelinePoint, "scored_on, canonical_id, role_id"
        ),
        population_changes=mart.rows_for_pages(
            "rpt_population_changes", PopulationChange, "canonical_id"
        ),
        thresholds=mart.rows_for_pages("dim_thresholds", Threshold, "threshold_id"),
        largest_moves=mart.rows_for_pages(
            "rpt_largest_moves",
            LargestMove,
            "canonical_id, role_id, left_out_kind, left_out_id",
        ),
        robustness=mart.rows_for_pages("rpt_robustness", Robustness, "canonical_id, role_id"),
        order_agreement=mart.rows_for_pages(
            "rpt_order_agreement", OrderAgreement, "scenario_kind, scenario_key, role_id"
        ),
        metric_quality=mart.rows_for_pages("rpt_metric_quality", MetricQuality, "metric_id"),
    )


class _MartReader:
    """Reads whole marts into dataclasses, and says which table or column is not as promised."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, database: Path, *, for_pages: bool
    ) -> None:
        self._connection = connection
        self._database = database
        self._for_pages = for_pages

    def rows_for_pages(self, table: str, row_type: type[Row], order: str) -> tuple[Row, ...] | None:
        """The same for a mart that nothing but pages show; None if none are to be made."""
        return self.rows(table, row_type, order) if self._for_pages else None

    def rows(self, table: str, row_type: type[Row], order: str) -> tuple[Row, ...]:
        """All rows of a mart in the given order."""
        try:
            # Names of tables and columns are constants of this module.
            cursor = self._connection.execute(
                f"select * from {MARTS_SCHEMA}.{table} order by {order}"
            )
        except duckdb.CatalogException as error:
            raise RenderError(
                f"cannot render {self._database}: it has no table {MARTS_SCHEMA}.{table}; "
                "run `ipbr-rank score` (or `dbt build`) first"
            ) from error
        except duckdb.Error as error:
            raise RenderError(
                f"cannot render {self._database}: {MARTS_SCHEMA}.{table} does not read: {error}"
            ) from error
        found = [column[0] for column in cursor.description]
        hints = get_type_hints(row_type)
        missing = [name for name in hints if name not in found]
        if missing:
            raise RenderError(
                f"cannot render {self._database}: {MARTS_SCHEMA}.{table} lacks the column "
                f"{', '.join(missing)}; another version built it, run `ipbr-rank score` again"
            )
        positions = [found.index(name) for name in hints]
        nullable = [_allows_none(hint) for hint in hints.values()]
        rows = []
        for record in cursor.fetchall():
            values = [_from_database(record[position]) for position in positions]
            for name, value, allows_none in zip(hints, values, nullable, strict=True):
                if value is None and not allows_none:
                    raise RenderError(
                        f"cannot render {self._database}: {MARTS_SCHEMA}.{table}.{name} is null in "
                        f"the row {record[:2]}, and must not be"
                    )
            rows.append(row_type(*values))
        return tuple(rows)


def _allows_none(hint: Any) -> bool:
    return isinstance(hint, UnionType) and type(None) in hint.__args__


def _from_database(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    if isinstance(value, datetime):
        # Marts keep UTC in timestamps without a zone.
        return value.replace(tzinfo=UTC)
    return value


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
            f"cannot render {path} with {coefficients}: that is not the coefficients.toml it was "
            f"scored with ({type(error).__name__}: {error})"
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
        raise RenderError(f"cannot read {path}: it is not TOML: {error}") from error


def _board_from_document(document: Scoreboard, coefficients: dict[str, Any] | None) -> Board:
    roles = tuple(
        Role(**{**row, "role_order": int(row["role_order"])}) for row in _seed("roles").values()
    )
    vendors = {vendor: row["display_name"] for vendor, row in _seed("vendors").items()}
    entries = sorted(document.models, key=lambda entry: entry.canonical_id)
    balanced = {
        entry.canonical_id: sum(_role_score(entry, role) for role in roles) / len(roles)
        for entry in entries
    }
    slugs = _unique_slugs(balanced)
    group_seed = _seed("groups")
    group_ids = sorted(
        {group_id for entry in entries for group_id in entry.groups},
        key=lambda group_id: (int(group_seed.get(group_id, {}).get("group_order", 99)), group_id),
    )
    return Board(
        run=Run(
            generated_at=document.generated_at,
            generator=document.generator,
            edition=document.edition,
            methodology=document.methodology,
        ),
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
        metrics=None if coefficients is None else _metrics_from_coefficients(coefficients),
        sources=_sources_from_document(document.sources),
        weights=None if coefficients is None else _weights_from_coefficients(coefficients),
        settings=None if coefficients is None else _settings_from_coefficients(coefficients),
        measurements=tuple(_measurements_of(entries)),
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
            )
            for entry in entries
            for group_id, score in sorted(entry.groups.items())
        ),
        role_contributions=None,
        role_scores=tuple(
            RoleScore(
                canonical_id=entry.canonical_id,
                role_id=role.role_id,
                score=_role_score(entry, role),
                rank=getattr(entry.ranks, role.role_id),
                previous_rank=None,
                rank_change=None,
            )
            for entry in entries
            for role in sorted(roles, key=lambda role: role.role_id)
        ),
        score_intervals=_intervals_of(entries),
        scoreboard=tuple(
            _scoreboard_row(
                entry,
                slug=slugs[entry.canonical_id],
                vendor_name=vendors.get(entry.vendor, entry.vendor),
                balanced=balanced[entry.canonical_id],
                balanced_rank=1
                + sum(
                    round(other, 6) > round(balanced[entry.canonical_id], 6)
                    for other in balanced.values()
                ),
                coverage_share=_coverage_share(entry.coverage, coefficients),
            )
            for entry in entries
        ),
        warnings=None,
    )


def _role_score(entry: ModelEntry, role: Role) -> float:
    return getattr(entry.scores, role.score_key.lower())


def _seed(name: str) -> dict[str, dict[str, str]]:
    """A seed's rows by their first column."""
    try:
        with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return {next(iter(row.values())): row for row in csv.DictReader(file)}
    except OSError as error:
        raise RenderError(
            f"cannot read {SEEDS / name}.csv, which names what a scoreboard.toml only lists: "
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


def _coverage_share(
    coverage: dict[str, float], coefficients: dict[str, Any] | None
) -> float | None:
    """The share of all role weight that stands on a present figure."""
    if coefficients is None:
        return None
    weights = [
        (group_id, weight)
        for _, children in sorted(coefficients["final_score_weights"].items())
        for group_id, weight in sorted(children.items())
    ]
    present = sum(weight * coverage[group_id] for group_id, weight in weights)
    return present / sum(weight for _, weight in weights)


def _scoreboard_row(
    entry: ModelEntry,
    *,
    slug: str,
    vendor_name: str,
    balanced: float,
    balanced_rank: int,
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
        balanced=balanced,
        balanced_rank=balanced_rank,
        coverage_share=coverage_share,
        **{
            column: entry.raw_metrics.get(metric_id)
            for metric_id, column in OPERATIONAL_COLUMNS.items()
        },
        n_direct=cited.count("direct"),
        n_reported=cited.count("reported"),
        n_synthesised=cited.count("synthesised"),
        synthesis_dominant=entry.missing.synthesis_dominant,
        missing_metrics=tuple(entry.missing.metrics),
        groups_shrunk=tuple(entry.missing.groups_shrunk),
    )


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


def _measurements_of(entries: list[ModelEntry]) -> Iterator[Measurement]:
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


def _weights_from_coefficients(coefficients: dict[str, Any]) -> tuple[Weight, ...]:
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
    for metric_id in coefficients["composite_metrics"]:
        metrics.append(
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
        )
    return tuple(sorted(metrics, key=lambda metric: metric.metric_id))
