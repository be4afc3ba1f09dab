with measurements as (

    select * from {{ ref('int_measurements_transformed') }}

),

metrics as (

    select * from {{ ref('stg_config__metrics') }}

),

figures as (

    select
        metrics.metric_id,
        metrics.transform,
        measurements.evidence_class,
        measurements.transformed_value
    from metrics
    left join measurements on metrics.metric_id = measurements.metric_id

),

final as (

    {{ metric_bounds('figures') }}

)

select * from final
