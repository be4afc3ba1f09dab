with ranked as (

    select * from {{ ref('int_observations_ordered') }}

),

final as (

    select
        losers.canonical_id,
        losers.metric_id,
        winners.source_id as used_source_id,
        winners.raw_value as used_value,
        losers.source_id as other_source_id,
        losers.part as other_part,
        losers.position as other_position,
        losers.source_model_name as other_source_model_name,
        losers.effort as other_effort,
        losers.raw_value as other_value
    from ranked as losers
    inner join ranked as winners
        on
            losers.canonical_id = winners.canonical_id
            and losers.metric_id = winners.metric_id
            and winners.choice = 1
    where losers.outcome = 'conflict with a higher-ranked source'

)

select * from final
