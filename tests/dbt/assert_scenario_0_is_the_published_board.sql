-- Scenarios are scored in one pass of their own, for the leading models alone. Where nothing is
-- different they come to what is published: figures, scores and places.
with scenarios as (

    select * from {{ ref('int_scenario_scores') }}
    where scenario_kind = 'published'

),

published as (

    select * from {{ ref('fct_role_scores') }}

),

leading_models as (

    select * from {{ ref('int_leading_models') }}

)

select
    published.canonical_id,
    published.role_id,
    published.score,
    scenarios.score as scenario_score,
    published.rank,
    scenarios.rank as scenario_rank
from published
inner join leading_models on published.canonical_id = leading_models.canonical_id
left join scenarios
    on
        published.canonical_id = scenarios.canonical_id
        and published.role_id = scenarios.role_id
where
    abs(scenarios.score - published.score) > 1e-9
    -- Behind the leading models of a large board places are not counted.
    or scenarios.rank > published.rank
    or scenarios.score is null and exists (
        select 1 from {{ ref('fct_role_contributions') }} as contributions
        where
            contributions.canonical_id = published.canonical_id
            and contributions.role_id = published.role_id
            and contributions.group_score != 50
    )
