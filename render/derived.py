"""What follows from a scoreboard.toml and does not stand in it: the marts' own SQL, in memory.

docs/decisions/0058-what-pages-select.md says why this one place asks DuckDB.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from jinja2 import Environment, StrictUndefined

from base.errors import RenderError
from base.scoreboard import ModelEntry
from render.board import Metric, MetricShare, Role, Weight

PROJECT = Path(__file__).resolve().parent.parent
# The formulas of the marts, and one mart that needs nothing but weights.
FORMULAS = PROJECT / "macros" / "scores.sql"
SHARES = PROJECT / "models" / "marts" / "fct_metric_shares.sql"

TABLES = """
create table dim_roles (role_id varchar, role_order integer, score_key varchar);
create table int_weights (
    weight_kind varchar, parent_id varchar, child_id varchar, weight double
);
create table metrics (metric_id varchar, higher_better boolean);
create table role_scores (canonical_id varchar, role_id varchar, score double);
create table group_scores (canonical_id varchar, group_id varchar, score double, coverage double);
create table figures (canonical_id varchar, metric_id varchar, value double, raw_value double);
"""
BALANCED = """
select canonical_id, balanced, {{ shared_rank('balanced') }}
from (
    select canonical_id, {{ balanced_score('score', 'role_order') }} as balanced
    from role_scores
    inner join dim_roles using (role_id)
    group by canonical_id
)
"""
COVERAGE = """
select
    scores.canonical_id,
    {{ coverage_share('weights.weight', 'scores.coverage', 'roles.role_id', 'scores.group_id') }}
from int_weights as weights
inner join dim_roles as roles on weights.parent_id = roles.score_key
inner join group_scores as scores on weights.child_id = scores.group_id
where weights.weight_kind = 'role'
group by scores.canonical_id
"""
GROUP_RANKS = """
select canonical_id, group_id, {{ shared_rank('score', 'group_id') }} from group_scores
"""
FIGURE_RANKS = """
select canonical_id, metric_id,
    {{ figure_rank('metric_id', 'raw_value', 'value', 'coalesce(higher_better, true)') }}
from figures
left join metrics using (metric_id)
"""


@dataclass(frozen=True)
class Derived:
    """By model; by model and group; by model and metric. Without weights no share is known."""

    balanced: dict[str, tuple[float, int]]
    coverage_share: dict[str, float]
    group_ranks: dict[tuple[str, str], int]
    figure_ranks: dict[tuple[str, str], int]
    metric_shares: tuple[MetricShare, ...]


def derive(
    entries: Sequence[ModelEntry],
    roles: Iterable[Role],
    weights: Iterable[Weight],
    metrics: Iterable[Metric],
) -> Derived:
    """Ranks and shares of these models."""
    with duckdb.connect() as connection:
        connection.execute(TABLES)
        _fill(
            connection,
            "dim_roles",
            [(role.role_id, role.role_order, role.score_key) for role in roles],
        )
        _fill(
            connection,
            "int_weights",
            [(w.weight_kind, w.parent_id, w.child_id, w.weight) for w in weights],
        )
        _fill(connection, "metrics", [(m.metric_id, m.higher_better) for m in metrics])
        _fill(
            connection,
            "role_scores",
            [
                (entry.canonical_id, role.role_id, role_score(entry, role))
                for entry in entries
                for role in roles
            ],
        )
        _fill(
            connection,
            "group_scores",
            [
                (entry.canonical_id, group_id, score, entry.coverage[group_id])
                for entry in entries
                for group_id, score in entry.groups.items()
            ],
        )
        _fill(
            connection,
            "figures",
            [
                (entry.canonical_id, metric_id, value, entry.raw_metrics.get(metric_id))
                for entry in entries
                for metric_id, value in entry.metrics.items()
                if not _is_borrowed(entry, metric_id)
            ],
        )
        sql = _Sql(connection)
        return Derived(
            balanced={model: (score, rank) for model, score, rank in sql.rows(BALANCED)},
            coverage_share=dict(sql.rows(COVERAGE)),
            group_ranks={(model, group): rank for model, group, rank in sql.rows(GROUP_RANKS)},
            figure_ranks={(model, metric): rank for model, metric, rank in sql.rows(FIGURE_RANKS)},
            metric_shares=tuple(
                MetricShare(*row)
                for row in sql.rows(_text(SHARES) + " order by metric_id, role_id")
            ),
        )


def role_score(entry: ModelEntry, role: Role) -> float:
    """A model's score in a role."""
    score: float = getattr(entry.scores, role.score_key.lower())
    return score


def _is_borrowed(entry: ModelEntry, metric_id: str) -> bool:
    """Whether a result is a sibling model's; a composite has no result of its own."""
    is_composite = metric_id not in entry.raw_metrics
    return not is_composite and entry.evidence[metric_id].evidence_class == "synthesised"


class _Sql:
    """Runs statements that are written with the formulas of the marts."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._environment = Environment(undefined=StrictUndefined)  # noqa: S701 SQL, no HTML
        formulas = self._environment.from_string(_text(FORMULAS)).module
        self._names = {**vars(formulas), "ref": lambda name: name}

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        text = self._environment.from_string(statement).render(self._names)
        return self._connection.execute(text).fetchall()


def _fill(connection: duckdb.DuckDBPyConnection, table: str, rows: list[tuple[Any, ...]]) -> None:
    """One list per column, which is a single statement."""
    described = connection.sql(f"describe {table}").fetchall()
    cells = [f"unnest(cast(${name} as {kind}[]))" for name, kind, *_ in described]
    columns = {name: [row[place] for row in rows] for place, (name, *_) in enumerate(described)}
    connection.execute(f"insert into {table} select {', '.join(cells)}", columns)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise RenderError(
            f"cannot read {path}, which is needed to rank a scoreboard.toml: {error.strerror}"
        ) from error
