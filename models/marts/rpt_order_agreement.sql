with scenarios as (

    select * from {{ ref('int_scores_reconsidered') }}
    where scenario_kind != 'model'

),

published as (

    select * from {{ ref('fct_role_scores') }}

),

places as (

    select
        scenarios.scenario_kind,
        scenarios.scenario_key,
        scenarios.role_id,
        list(scenarios.rank order by scenarios.canonical_id) as ranks
    from scenarios
    inner join published
        on
            scenarios.canonical_id = published.canonical_id
            and scenarios.role_id = published.role_id
    group by scenarios.scenario_kind, scenarios.scenario_key, scenarios.role_id

),

-- Each pair of models twice, which does not change a share.
pairs as (

    select
        published.role_id,
        list(sign(published.rank - other.rank) order by published.canonical_id, other.canonical_id)
            as signs
    from published
    inner join published as other on published.role_id = other.role_id
    group by published.role_id

),

signs as (

    select
        *,
        flatten(list_transform(
            ranks, lambda mine: list_transform(ranks, lambda theirs: sign(mine - theirs))
        )) as signs
    from places

),

final as (

    select
        signs.scenario_kind,
        signs.scenario_key,
        signs.role_id,
        -- Kendall's tau-b: a tie counts in neither direction.
        list_dot_product(cast(pairs.signs as double[]), cast(signs.signs as double[]))
        / nullif(sqrt(
            list_dot_product(cast(pairs.signs as double[]), cast(pairs.signs as double[]))
            * list_dot_product(cast(signs.signs as double[]), cast(signs.signs as double[]))
        ), 0) as kendall_tau
    from signs
    inner join pairs on signs.role_id = pairs.role_id

)

select * from final
