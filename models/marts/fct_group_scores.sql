with contributions as (

    select * from {{ ref('fct_group_contributions') }}

),

settings as (

    select * from {{ ref('stg_config__settings') }}

),

scores as (

    select
        contributions.canonical_id,
        contributions.group_id,
        {{ clipped(
            'sum(contributions.contribution order by contributions.is_pull, contributions.metric_id)'
        ) }} as score,
        any_value(contributions.coverage) as coverage,
        sum(contributions.weight * contributions.value order by contributions.metric_id)
        filter (where not contributions.is_pull)
        / sum(contributions.weight order by contributions.metric_id)
        filter (where not contributions.is_pull) as weighted_mean,
        any_value(contributions.trust) as trust,
        any_value(contributions.coverage) = 0
        or any_value(contributions.coverage)
        -- A tolerance, since 0.70 + 0.20 / 2 is not exactly 0.80 in binary.
        < any_value(settings.trust_threshold)
        + any_value(settings.trust_transition_width) / 2 - 1e-9
            as is_shrunk
    from contributions
    cross join settings
    group by contributions.canonical_id, contributions.group_id

),

final as (

    select
        *,
        {{ shared_rank('score', 'group_id') }} as rank
    from scores

)

select * from final
