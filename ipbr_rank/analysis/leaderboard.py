"""`board` and `pick`: who leads, and what to take. SQL does both, also for the site."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from base.errors import ConfigurationError
from ipbr_rank.analysis.find import find_roles
from ipbr_rank.analysis.query import open_read_only, run

if TYPE_CHECKING:
    import duckdb

BALANCED = "balanced"
RUN = """
select strftime(generated_at, '%Y-%m-%d') as board_of, edition,
    case when is_experiment then 'experiment' when is_demo then 'demonstration' end as mark
from marts.dim_runs"""
BOARD = """
select
    evidence.place, evidence.place_p05, evidence.place_p95,
    evidence.canonical_id as model, board.display_name as name,
    evidence.score,
    intervals.p05_score as score_p05, intervals.p95_score as score_p95,
    board.i_raw as idea, board.p_raw as planning, board.b_raw as building, board.r as reviewing,
    evidence.own_share, evidence.status,
    board.blended_cost_usd as price_usd, board.open_weights as has_open_weights
from marts.fct_role_evidence as evidence
inner join marts.rpt_scoreboard as board using (canonical_id)
left join marts.fct_score_intervals as intervals using (canonical_id, role_id)
where evidence.role_id = $role
    and ($max_price is null or board.blended_cost_usd <= $max_price)
    and (not $only_open or board.open_weights)
    and evidence.own_share >= coalesce($own_share, 0)
order by evidence.place is null, evidence.place, evidence.score desc, evidence.canonical_id
"""
PICK = """
select
    case pick when 'best' then 'Best' when 'value' then 'Best value' else 'Best open' end as pick,
    canonical_id as model, display_name as name, score, place, blended_cost_usd as price_usd,
    own_share, reason
from main.pick_models(
    $weights['i'], $weights['p'], $weights['b'], $weights['r'], max_cost_usd := $max_price,
    open_only := $only_open, minimum_own_share := coalesce($own_share, 0)
)
"""


@dataclass(frozen=True)
class Wanted:
    """What a reader will have: a price per million tokens at most, open weights, own evidence."""

    max_price: float | None = None
    only_open: bool = False
    own_share: float | None = None
    """0 to 1, of the role's weight."""


@dataclass(frozen=True)
class Leaderboard:
    """The models of a board by place, those without one last; its role, day and edition."""

    role_id: str
    role_name: str
    board_of: str
    edition: str
    mark: str | None
    """experiment, demonstration, or None: the project's own board of live sources."""
    rows: list[dict[str, Any]]


def leaderboard(database: Path, role: str | None, wanted: Wanted) -> Leaderboard:
    """The board of one role, or of the mean of all. IpbrError without a database,
    ConfigurationError for a role that there is not."""
    with open_read_only(database) as connection:
        roles = {BALANCED: "All four roles"}
        if role is not None and role.lower() != BALANCED:
            roles = find_roles(connection, role)
        ((role_id, role_name),) = roles.items()
        ((board_of, edition, mark),) = run(connection, RUN)[1]
        header, rows = run(connection, BOARD, {"role": role_id, **vars(wanted)})
    found = [dict(zip(header, row, strict=True)) for row in rows]
    return Leaderboard(role_id, role_name, board_of, edition, mark, found)


def pick(
    database: Path, role: str | None, mix: Mapping[str, float], wanted: Wanted
) -> tuple[list[str], list[tuple[Any, ...]]]:
    """The best, the best value and the best open model, with the reason: columns and rows.

    For one role, a `mix` of weights by role, or, with neither, all four alike.
    """
    with open_read_only(database) as connection:
        weights = _weights(connection, role, mix)
        return run(connection, PICK, {"weights": weights, **vars(wanted)})


def _weights(
    connection: "duckdb.DuckDBPyConnection", role: str | None, mix: Mapping[str, float]
) -> dict[str, float]:
    """The weight of each role by its key."""
    weights = dict.fromkeys(find_roles(connection, None), 0.0)
    if role is not None and mix:
        raise ConfigurationError("--role and --mix cannot be combined; give only one of them")
    if role is None and not mix:
        return dict.fromkeys(weights, 1.0)
    for name, weight in mix.items() if mix else [(str(role), 1.0)]:
        ((role_id, _),) = find_roles(connection, name).items()
        weights[role_id] += weight
    return weights
