"""What the pages and files are made of, as types: a dataclass is a mart, a `Board` all of them.

Columns have the names of the mart's, which may have more. `from_marts` reads them from a database,
`from_scoreboard` from a scoreboard.toml.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

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
# Columns of fct_expected_scores by their keys in [models.roles.<role>].
EXPECTED_COLUMNS = {
    "expected": "expected_score",
    "expected_p05": "expected_p05",
    "expected_p95": "expected_p95",
}


@dataclass(frozen=True, slots=True)
class Run:
    """dim_runs: the one run that the marts hold."""

    generated_at: datetime
    generator: str
    edition: str
    methodology: str
    is_experiment: bool = False
    is_demo: bool = False
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
    scale_version: str | None


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
class MetricShare:
    """fct_metric_shares: how much of a role's weight ends at a metric or composite."""

    metric_id: str
    role_id: str
    weight_share: float
    total_share: float


@dataclass(frozen=True, slots=True)
class MissingResult:
    """rpt_missing_results: one of the fewest results that would give a model a place in a role."""

    canonical_id: str
    role_id: str
    position: int
    metric_id: str
    family: str
    added_share: float


@dataclass(frozen=True, slots=True)
class WithheldWeight:
    """rpt_withheld_weight: the metrics of sources that this edition leaves out, by role."""

    metric_id: str
    role_id: str
    is_without_board: bool
    weight_share: float
    lost_share: float


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
    rank: int | None


@dataclass(frozen=True, slots=True)
class MetricContribution:
    """fct_metric_contributions: model, composite, input; no input on the shrinkage to 50."""

    canonical_id: str
    metric_id: str
    input_metric_id: str | None
    weight: float | None
    value: float | None
    contribution: float


@dataclass(frozen=True, slots=True)
class GroupContribution:
    """fct_group_contributions: model, group, metric; the metric is null on the shrinkage to 50."""

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
    rank: int


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
    previous_status: str | None
    previous_place: int | None


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
class ScoreLead:
    """fct_score_leads: one row per role and pair of models with a place, the better one first."""

    role_id: str
    canonical_id: str
    other_id: str
    ahead_share: float
    is_clear: bool


@dataclass(frozen=True, slots=True)
class RoleEvidence:
    """fct_role_evidence: what a score stands on; one row per model and role, or balanced view.

    A provisional model has no place. A scoreboard.toml tells no numbers of families, no robustness.
    """

    canonical_id: str
    role_id: str
    score: float
    direct_share: float
    reported_share: float
    synthesised_share: float
    missing_share: float
    own_share: float
    n_families: int | None
    n_possible_families: int | None
    status: str
    place: int | None
    place_p05: int | None
    place_p95: int | None
    place_best: int | None
    place_worst: int | None
    tier: int | None
    is_robust: bool | None
    ceiling_share: float | None
    floor_share: float | None

    @property
    def is_ranked(self) -> bool:
        """Whether enough is measured or claimed for a place."""
        return self.status == "ranked"

    @property
    def is_unknown(self) -> bool:
        """Whether no value of a capability is known, so that the score says nothing."""
        return not (self.direct_share or self.reported_share or self.synthesised_share)


@dataclass(frozen=True, slots=True)
class ExpectedScore:
    """fct_expected_scores: if all were measured; one row per model and role, or balanced view."""

    canonical_id: str
    role_id: str
    expected_score: float
    expected_p05: float
    expected_p95: float
    expected_rank: int | None
    disagreement: str | None


@dataclass(frozen=True, slots=True)
class Backtest:
    """rpt_backtest: how far scores are off when little is known; by predictor, role and band."""

    predictor: str
    role_id: str
    band: str
    n: int
    n_models: int
    rmse: float
    bias: float
    mean_rank_error: float
    inside_share: float | None
    mean_width: float | None


@dataclass(frozen=True, slots=True)
class Calibration:
    """rpt_calibration: how often 90 % intervals held the score; by predictor, role and band."""

    tested_on: date
    board_as_of: date
    board_models: int
    predictor: str
    role_id: str
    band: str
    n: int
    n_models: int
    inside_share: float
    mean_width: float


@dataclass(frozen=True, slots=True)
class RoleAgreement:
    """rpt_role_agreement: one row per pair of roles; what follows `spearman` is of `role_id`."""

    role_id: str
    other_role_id: str
    spearman: float | None
    effective_families: float
    largest_family: str
    largest_family_share: float


@dataclass(frozen=True, slots=True)
class MixInput:
    """fct_mix_inputs: one row per model and role, what any mix of roles is computed from."""

    canonical_id: str
    role_id: str
    score: float
    own_share: float
    capability_share: float
    families: tuple[str, ...]
    possible_families: tuple[str, ...]
    claimed_score: float | None
    measured_score: float | None
    measured_share: float
    measured_families: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pick:
    """rpt_picks: one row per role, or `balanced`, and pick: `best`, `value` or `open`."""

    role_id: str
    pick: str
    canonical_id: str
    score: float
    own_share: float
    place: int
    blended_cost_usd: float | None
    best_score_share: float
    best_cost_share: float | None
    reason: str


@dataclass(frozen=True, slots=True)
class Threshold:
    """dim_thresholds: one row per number that somebody chose, with the reason."""

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
    ceiling_share: float | None
    floor_share: float | None
    n_reported_compared: int | None
    n_direct_compared: int | None
    reported_offset: float | None
    reported_offset_error: float | None
    is_reported_not_comparable: bool
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
    output_speed_effort: str | None
    time_to_first_token_seconds: float | None
    time_to_first_token_effort: str | None
    context_window_tokens: float | None
    n_direct: int
    n_reported: int
    n_synthesised: int
    synthesis_dominant: bool
    missing_metrics: tuple[str, ...]
    groups_shrunk: tuple[str, ...]

    def score_of(self, role: Role) -> float:
        """The score in a role, 0 to 100."""
        score: float = getattr(self, role.score_key.lower())
        return score

    def rank_of(self, role: Role) -> int:
        """The rank in a role, 1 being the best."""
        rank: int = getattr(self, f"{role.role_id}_rank")
        return rank


@dataclass(frozen=True, slots=True)
class TimelinePoint:
    """rpt_score_timeline: one row per day, model and role.

    Boards of before places were held back have no status, place or own share.
    """

    scored_on: date
    generated_at: datetime
    coefficients_sha256: str
    canonical_id: str
    display_name: str
    role_id: str
    score: float
    rank: int
    score_p05: float | None
    score_p95: float | None
    status: str | None
    place: int | None
    own_share: float | None
    scale_versions: str | None


@dataclass(frozen=True, slots=True)
class PopulationChange:
    """rpt_population_changes: one row per model that has come or left."""

    canonical_id: str
    change_kind: str
    display_name: str
    best_role_id: str
    best_rank: int


@dataclass(frozen=True, slots=True)
class ResultChange:
    """rpt_result_changes: one row per measured result that is another than on the earlier board."""

    canonical_id: str
    metric_id: str
    change_kind: str
    earlier_value: float | None
    value: float | None
    total_share: float


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
    metric_shares: tuple[MetricShare, ...] | None = None
    withheld_weight: tuple[WithheldWeight, ...] | None = None
    role_evidence: tuple[RoleEvidence, ...] | None = None
    expected_scores: tuple[ExpectedScore, ...] | None = None
    role_agreement: tuple[RoleAgreement, ...] | None = None
    mix_inputs: tuple[MixInput, ...] | None = None
    picks: tuple[Pick, ...] | None = None
    backtest: tuple[Backtest, ...] | None = None
    result_changes: tuple[ResultChange, ...] | None = None
    calibration: tuple[Calibration, ...] | None = None
    score_leads: tuple[ScoreLead, ...] | None = None
    missing_results: tuple[MissingResult, ...] | None = None
