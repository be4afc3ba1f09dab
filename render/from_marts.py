"""The board of a built database: its marts, whole and in the order of their keys."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, get_type_hints

import duckdb

from base.errors import RenderError
from base.sql import require_database
from render.board import (
    Backtest,
    Board,
    Calibration,
    ExpectedScore,
    Group,
    GroupContribution,
    GroupScore,
    LargestMove,
    Measurement,
    Metric,
    MetricContribution,
    MetricQuality,
    MetricShare,
    MissingResult,
    MixInput,
    Model,
    OrderAgreement,
    Pick,
    PopulationChange,
    ResultChange,
    Robustness,
    Role,
    RoleAgreement,
    RoleContribution,
    RoleEvidence,
    RoleScore,
    Run,
    RunWarning,
    ScoreboardRow,
    ScoreInterval,
    ScoreLead,
    Setting,
    Source,
    Threshold,
    TimelinePoint,
    Weight,
    WithheldWeight,
)

MARTS_SCHEMA = "marts"

Row = TypeVar("Row")


def read_board(database: Path) -> Board:
    """Read every mart from a built database, which is opened read-only."""
    require_database(database)
    try:
        connection = duckdb.connect(str(database), read_only=True)
    except duckdb.Error as error:
        raise RenderError(
            f"cannot render: the database {database} cannot be opened: {error}"
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
            f"cannot render {database}: expected one row in {MARTS_SCHEMA}.dim_runs (the run "
            f"that was scored), found {len(runs)}; run `ipbr-rank score` again"
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
        role_evidence=mart.rows("fct_role_evidence", RoleEvidence, "canonical_id, role_id"),
        expected_scores=mart.rows("fct_expected_scores", ExpectedScore, "canonical_id, role_id"),
        backtest=mart.rows_for_pages("rpt_backtest", Backtest, "predictor, role_id, band"),
        calibration=mart.rows("rpt_calibration", Calibration, "predictor, role_id, band"),
        role_agreement=mart.rows_for_pages(
            "rpt_role_agreement", RoleAgreement, "role_id, other_role_id"
        ),
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
        metric_shares=mart.rows_for_pages("fct_metric_shares", MetricShare, "metric_id, role_id"),
        withheld_weight=mart.rows_for_pages(
            "rpt_withheld_weight", WithheldWeight, "metric_id, role_id"
        ),
        mix_inputs=mart.rows_for_pages("fct_mix_inputs", MixInput, "canonical_id, role_id"),
        picks=mart.rows_for_pages("rpt_picks", Pick, "role_id, pick"),
        result_changes=mart.rows_for_pages(
            "rpt_result_changes", ResultChange, "canonical_id, total_share desc, metric_id"
        ),
        score_leads=mart.rows_for_pages(
            "fct_score_leads", ScoreLead, "role_id, canonical_id, other_id"
        ),
        missing_results=mart.rows_for_pages(
            "rpt_missing_results", MissingResult, "canonical_id, role_id, position"
        ),
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
                f"select * from {MARTS_SCHEMA}.{table} order by {order}"  # noqa: S608 names of our own
            )
        except duckdb.CatalogException as error:
            raise RenderError(
                f"cannot render {self._database}: it has no table {MARTS_SCHEMA}.{table}; "
                "run `ipbr-rank score` (or `dbt build`) first"
            ) from error
        except duckdb.Error as error:
            raise RenderError(
                f"cannot render {self._database}: {MARTS_SCHEMA}.{table} cannot be read: {error}"
            ) from error
        found = [column[0] for column in cursor.description]
        hints = get_type_hints(row_type)
        missing = [name for name in hints if name not in found]
        if missing:
            raise RenderError(
                f"cannot render {self._database}: {MARTS_SCHEMA}.{table} lacks the column "
                f"{', '.join(missing)}, because another version built it; run `ipbr-rank score` "
                "again"
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
                        f"the row {record[:2]}; expected a value"
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
