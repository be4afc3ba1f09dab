with measurements as (

    select * from {{ ref('fct_measurements') }}
    where is_present

),

metrics as (

    select * from {{ ref('dim_metrics') }}

),

models as (

    select * from {{ ref('dim_models') }}

),

final as (

    select
        measurements.canonical_id as model,
        models.display_name as name,
        measurements.metric_id as metric,
        metrics.display_name as metric_name,
        measurements.metric_kind = 'composite' as is_composite,
        measurements.raw_value as figure,
        metrics.unit,
        measurements.evidence_class as evidence,
        measurements.source_id as source_name,
        measurements.source_id,
        measurements.effort,
        measurements.donor_id as donor,
        measurements.value as points
    from measurements
    inner join metrics on measurements.metric_id = metrics.metric_id
    inner join models on measurements.canonical_id = models.canonical_id

)

select * from final
