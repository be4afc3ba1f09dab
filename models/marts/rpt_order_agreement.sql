with scenarios as (

    select * from {{ ref('int_scores_reconsidered') }}
    where scenario_kind != 'model'

),

published as (

    select * from {{ ref('fct_role_scores') }}

),

-- Small numbers in place of names: millions of pairs carry them.
orders as (

    select
        scenario_kind,
        scenario_key,
        role_id,
        cast(
            row_number() over (order by scenario_kind, scenario_key, role_id) as integer
        ) as order_number
    from (
        select distinct
            scenario_kind,
            scenario_key,
            role_id
        from scenarios
    ) as scored

),

places as (

    select
        orders.order_number,
        cast(row_number() over (
            partition by orders.order_number order by scenarios.canonical_id
        ) as smallint) as model_number,
        cast(scenarios.rank as integer) as rank,
        cast(published.rank as integer) as published_rank
    from scenarios
    inner join orders
        on
            scenarios.scenario_kind = orders.scenario_kind
            and scenarios.scenario_key = orders.scenario_key
            and scenarios.role_id = orders.role_id
    inner join published
        on
            scenarios.canonical_id = published.canonical_id
            and scenarios.role_id = published.role_id

),

-- Each pair of models once. A model that a scenario leaves without any figure has no place there
-- and is in no pair.
counted as (

    select
        mine.order_number,
        sum(
            sign(mine.rank - theirs.rank) * sign(mine.published_rank - theirs.published_rank)
        ) as same_order,
        count(*) filter (where mine.rank != theirs.rank) as apart,
        count(*) filter (where mine.published_rank != theirs.published_rank) as published_apart
    from places as mine
    inner join places as theirs
        on
            mine.order_number = theirs.order_number
            and mine.model_number < theirs.model_number
    group by mine.order_number

),

final as (

    select
        orders.scenario_kind,
        orders.scenario_key,
        orders.role_id,
        -- Kendall's tau-b: a tie counts in neither direction.
        counted.same_order / nullif(sqrt(counted.apart * counted.published_apart), 0)
            as kendall_tau
    from orders
    left join counted on orders.order_number = counted.order_number

)

select * from final
