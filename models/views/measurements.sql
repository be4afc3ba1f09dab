with measurements as (

    select * from {{ ref('fct_measurements') }}
    where is_present and metric_kind = 'metric'

),

metrics as (

    select * from {{ ref('dim_metrics') }}

),

models as (

    select * from {{ ref('dim_models') }}

),

final as (

    select
        measurements.canonical_id,
        models.display_name,
        measurements.metric_id,
        metrics.display_name as metric_name,
        measurements.raw_value,
        metrics.unit,
        measurements.standard_error,
        measurements.interval_lower,
        measurements.interval_upper,
        measurements.evidence_class,
        measurements.source_id,
        measurements.source_model_name,
        measurements.effort,
        measurements.harness,
        measurements.observed_on,
        measurements.donor_id,
        measurements.value as points
    from measurements
    inner join metrics on measurements.metric_id = metrics.metric_id
    inner join models on measurements.canonical_id = models.canonical_id

)

select * from final
