with scenarios as (

    select * from {{ ref('int_scenario_scores') }}
    where scenario_kind in ('family', 'metric', 'weights')

),

published as (

    select
        canonical_id,
        role_id,
        cast(rank as integer) as rank,
        cast(row_number() over (partition by role_id order by rank, canonical_id) as integer)
            as place
    from {{ ref('fct_role_scores') }}

),

places as (

    select
        scenarios.scenario,
        scenarios.scenario_kind,
        coalesce(scenarios.scenario_id, cast(scenarios.draw as varchar)) as scenario_key,
        scenarios.role_id,
        cast(scenarios.rank as integer) as rank,
        published.rank as published_rank,
        published.place
    from scenarios
    inner join published
        on
            scenarios.canonical_id = published.canonical_id
            and scenarios.role_id = published.role_id

),

-- Each pair of models once, the better published one first. A model that a scenario leaves without
-- any figure has no place there and is in no pair.
counted as (

    select
        mine.scenario,
        mine.role_id,
        any_value(mine.scenario_kind) as scenario_kind,
        any_value(mine.scenario_key) as scenario_key,
        sum(sign(theirs.rank - mine.rank))
        filter (where mine.published_rank != theirs.published_rank)
            as same_order,
        count(*) filter (where mine.rank != theirs.rank) as apart,
        count(*) filter (where mine.published_rank != theirs.published_rank) as published_apart
    from places as mine
    left join places as theirs
        on
            mine.scenario = theirs.scenario
            and mine.role_id = theirs.role_id
            and mine.place < theirs.place
    group by mine.scenario, mine.role_id

),

final as (

    select
        scenario_kind,
        scenario_key,
        role_id,
        -- Kendall's tau-b: a tie counts in neither direction.
        same_order / nullif(sqrt(apart * published_apart), 0) as kendall_tau
    from counted

)

select * from final
