with scenarios as (

    select * from {{ ref('int_scenario_scores') }}
    where scenario_kind in ('family', 'metric', 'model')

),

published as (

    select * from {{ ref('fct_role_scores') }}

),

final as (

    select
        scenarios.canonical_id,
        scenarios.role_id,
        scenarios.scenario_kind as left_out_kind,
        scenarios.scenario_id as left_out_id,
        scenarios.score,
        scenarios.rank,
        scenarios.score - published.score as score_change,
        -- Places among the models that are left: one fewer where a model is left out.
        rank() over (
            partition by scenarios.scenario, scenarios.role_id
            order by published.rank
        ) - scenarios.rank as rank_change
    from scenarios
    inner join published
        on
            scenarios.canonical_id = published.canonical_id
            and scenarios.role_id = published.role_id

)

select * from final
