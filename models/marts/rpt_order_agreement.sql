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
        list(published.rank order by scenarios.canonical_id) as published_ranks,
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
            as published_signs
    from published
    inner join published as other on published.role_id = other.role_id
    group by published.role_id

),

signs as (

    select
        places.scenario_kind,
        places.scenario_key,
        places.role_id,
        pairs.published_signs,
        flatten(list_transform(
            places.ranks,
            lambda mine: list_transform(places.ranks, lambda theirs: sign(mine - theirs))
        )) as signs
    from places
    inner join pairs on places.role_id = pairs.role_id

),

final as (

    select
        scenario_kind,
        scenario_key,
        role_id,
        -- Kendall's tau-b: a tie counts in neither direction.
        list_dot_product(cast(published_signs as double[]), cast(signs as double[]))
        / nullif(sqrt(
            list_dot_product(cast(published_signs as double[]), cast(published_signs as double[]))
            * list_dot_product(cast(signs as double[]), cast(signs as double[]))
        ), 0) as kendall_tau
    from signs

)

select * from final
