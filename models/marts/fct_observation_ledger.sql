with resolved as (

    select * from {{ ref('int_observations_resolved') }}

),

ranked as (

    select * from {{ ref('int_observations_ordered') }}

),

metrics as (

    select * from {{ ref('stg_config__metrics') }}

),

sources as (

    select * from {{ ref('stg_run__sources') }}

),

-- Whoever it was measured for, ranked here or not: what the source's board stands on now.
current_windows as (

    select
        source_id,
        metric_id,
        window_start
    from resolved
    where window_end is not null and value_issue is null
    qualify
        row_number() over (
            partition by source_id, metric_id
            order by window_end desc, window_start desc nulls last
        ) = 1

),

final as (

    select
        resolved.source_id,
        resolved.part,
        resolved.position,
        resolved.metric_id,
        resolved.source_metric_name,
        resolved.source_model_name,
        resolved.candidate_name,
        resolved.vendor_hint,
        resolved.resolution,
        resolved.canonical_id,
        resolved.match_method,
        resolved.effort,
        resolved.harness,
        resolved.observed_on,
        resolved.scale_version,
        resolved.window_start,
        resolved.window_end,
        coalesce(resolved.window_end <= current_windows.window_start, false) as is_window_past,
        resolved.raw_text,
        resolved.raw_value,
        coalesce(ranked.choice = 1, false) as is_used,
        case
            when resolved.resolution = 'ignored' then resolved.ignore_reason
            when resolved.resolution = 'unmatched'
                then coalesce(resolved.refusal, 'no ranked model has this name')
            when resolved.is_another_snapshot then 'another snapshot'
            when resolved.value_issue is not null then resolved.value_issue
            when sources.is_partial then 'shown only: a part of the board is on record'
            when metrics.metric_id is null then 'the metric is not declared in the coefficients'
            when ranked.outcome is null then 'zero or less has no place on a logarithmic scale'
            else ranked.outcome
        end as outcome,
        resolved.error_issue
    from resolved
    left join metrics on resolved.metric_id = metrics.metric_id
    left join sources on resolved.source_id = sources.source_id
    left join current_windows
        on
            resolved.source_id = current_windows.source_id
            and resolved.metric_id = current_windows.metric_id
    left join ranked
        on
            resolved.source_id = ranked.source_id
            and resolved.part = ranked.part
            and resolved.position = ranked.position
            and resolved.metric_id = ranked.metric_id
            and resolved.source_metric_name = ranked.source_metric_name

)

select * from final
