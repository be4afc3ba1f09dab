with observations as (

    select * from {{ ref('int_observations_resolved') }}

),

metrics as (

    select * from {{ ref('metrics') }}

),

directions as (

    select * from {{ ref('stg_config__metrics') }}

),

efforts as (

    select * from {{ ref('effort_policy') }}

),

responses as (

    select * from {{ ref('stg_run__sources') }}

),

-- A metric that the coefficients do not declare has no direction and cannot be scored; on a
-- logarithmic scale a figure of zero or less is missing; where in the whole the models of a part of
-- a board stand, nobody knows.
usable as (

    select
        observations.*,
        case when observations.source_id = 'overrides' then 'reported' else 'direct' end
            as evidence_class,
        case
            when metrics.metric_class = 'operational' then efforts.operational_rank
            else efforts.capability_rank
        end as effort_rank,
        case
            when directions.higher_better then -observations.raw_value
            else observations.raw_value
        end as value_order
    from observations
    inner join metrics on observations.metric_id = metrics.metric_id
    inner join directions on observations.metric_id = directions.metric_id
    inner join efforts on observations.effort = efforts.effort
    left join responses on observations.source_id = responses.source_id
    where
        observations.resolution = 'resolved'
        and responses.is_partial is not true
        and observations.is_another_snapshot is not true
        and observations.value_issue is null
        and (not directions.log_scale or observations.raw_value > 0)

),

ordered as (

    select
        *,
        row_number() over (
            partition by canonical_id, metric_id
            order by
                evidence_class asc,
                source_rank asc,
                effort_rank asc,
                -- Of a source that serves a moving window the newest counts, not the luckiest.
                window_end desc nulls last,
                window_start desc nulls last,
                value_order asc,
                source_id asc,
                source_model_name asc,
                part asc,
                position asc,
                source_metric_name asc
        ) as choice
    from usable

),

final as (

    select
        ordered.*,
        case
            when ordered.choice = 1 then 'used'
            when ordered.evidence_class != winner.evidence_class then 'a measured value exists'
            when ordered.source_id != winner.source_id then 'conflict with a higher-ranked source'
            when ordered.effort_rank != winner.effort_rank then 'another effort is preferred'
            when
                (ordered.window_end is distinct from winner.window_end)
                or (ordered.window_start is distinct from winner.window_start)
                then 'a newer window counts'
            when ordered.raw_value != winner.raw_value then 'a better value at the same effort'
            else 'the same value again'
        end as outcome
    from ordered
    inner join ordered as winner
        on
            ordered.canonical_id = winner.canonical_id
            and ordered.metric_id = winner.metric_id
            and winner.choice = 1

)

select * from final
