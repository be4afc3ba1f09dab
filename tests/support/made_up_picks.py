"""Mixes and picks of a made-up board: the project's own SQL on made-up marts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
from jinja2 import Environment, StrictUndefined

PROJECT = Path(__file__).resolve().parents[2]
MACROS = ("numbers", "thresholds", "scores", "evidence", "picks")
# A family is what the metric's first source says: for made-up figures no more is needed.
WEIGHTS = """
create or replace temp table int_role_weights as
with weights as (
    select shares.role_id, shares.metric_id, shares.weight_share as weight, metrics.metric_class,
        coalesce(sources.family, 'Reported') as family,
        sources.family is not null as is_board_family
    from marts.fct_metric_shares as shares
    inner join marts.dim_metrics as metrics using (metric_id)
    left join marts.dim_sources as sources
        on metrics.source_ids[1] = sources.source_id and sources.source_id <> 'overrides'
    where metrics.metric_kind = 'metric' and shares.weight_share > 0
),
mixes as (
    from weights
    union all
    select 'balanced' as role_id, metric_id, sum(weight) / 4, metric_class, family, is_board_family
    from weights
    group by all
)
select *,
    case when metric_class = 'capability'
        then weight / sum(weight) filter (where metric_class = 'capability')
            over (partition by role_id)
        else 0.0
    end as capability_share
from mixes
"""


# Every model is scored again; without some of the values a score lies lower by what they were.
SCENARIOS = """
create or replace temp table int_leading_models as
select distinct canonical_id from marts.fct_role_evidence;
create or replace temp table int_scenario_scores as
select canonical_id, role_id, 'evidence' as scenario_kind, unnest(['claimed', 'measured'])
    as scenario_id,
    score * (1 - 0.3 * synthesised_share
        - case when scenario_id = 'measured' then 0.2 * reported_share else 0 end) as score
from marts.fct_role_evidence where role_id <> 'balanced' and own_share > 0
"""


def add_picks(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the marts of mixes and picks from the others."""
    connection.execute(WEIGHTS)
    connection.execute(SCENARIOS)
    for mart in ("fct_mix_inputs", "rpt_picks"):
        connection.execute(f"create or replace table marts.{mart} as {project_sql(mart)}")


def project_sql(mart: str) -> str:
    """The statement of a mart, on the schema marts."""
    environment = Environment(undefined=StrictUndefined)
    path = PROJECT / "models" / "marts" / f"{mart}.sql"
    return environment.from_string(path.read_text(encoding="utf-8")).render(project_macros())


def project_macros() -> dict[str, Any]:
    """The macros that scores and picks are computed by, as functions that give SQL."""
    environment = Environment(undefined=StrictUndefined)
    names: dict[str, Any] = {
        "fromjson": json.loads,
        "ref": lambda name: name if name.startswith("int_") else f"marts.{name}",
    }
    for file in MACROS:
        text = (PROJECT / "macros" / f"{file}.sql").read_text(encoding="utf-8")
        module = environment.from_string(text, globals=names).module
        names |= {name: macro for name, macro in vars(module).items() if not name.startswith("_")}
    return names
