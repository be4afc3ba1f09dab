with measurements as (

    select * from {{ ref('int_measurements_transformed') }}

),

metrics as (

    select * from {{ ref('stg_config__metrics') }}

),

baselines as (

    select
        metrics.metric_id,
        metrics.transform,
        count(*) filter (where measurements.evidence_class = 'direct') as direct_count,
        case when direct_count >= 2 then 'direct' else 'all present' end as baseline_basis
    from metrics
    left join measurements on metrics.metric_id = measurements.metric_id
    group by metrics.metric_id, metrics.transform

),

final as (

    select
        baselines.metric_id,
        baselines.baseline_basis,
        count(measurements.metric_id) as baseline_count,
        case
            when baselines.transform = 'tail_penalty' and baseline_count >= 20
                then quantile_cont(measurements.transformed_value, 0.02)
            when baselines.transform = 'tail_penalty' then min(measurements.transformed_value)
            when baselines.transform = 'percentile'
                then quantile_cont(measurements.transformed_value, 0.05)
        end as lower_bound,
        case
            when baselines.transform = 'tail_penalty' and baseline_count >= 20
                then quantile_cont(measurements.transformed_value, 0.98)
            when baselines.transform = 'tail_penalty' then max(measurements.transformed_value)
            when baselines.transform = 'percentile'
                then quantile_cont(measurements.transformed_value, 0.95)
        end as upper_bound
    from baselines
    left join measurements
        on
            baselines.metric_id = measurements.metric_id
            and (
                baselines.baseline_basis = 'all present'
                or measurements.evidence_class = 'direct'
            )
    group by baselines.metric_id, baselines.baseline_basis, baselines.transform

)

select * from final
