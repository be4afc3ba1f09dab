with weights as (

    select * from {{ ref('int_role_weights') }}

),

selected as (

    select * from {{ ref('int_measurements_selected') }}

),

measurements as (

    select * from {{ ref('int_measurements_discounted') }}

),

thresholds as (

    {{ threshold_columns(['ranked_minimum_share', 'ranked_minimum_families']) }}

),

active_models as (

    select distinct canonical_id from selected

),

shares as (

    select * from weights
    where metric_class = 'capability'

),

weighted as (

    select distinct metric_id from shares

),

figures as (

    select
        active_models.canonical_id,
        weighted.metric_id,
        measurements.evidence_class,
        measurements.normalised_value
    from active_models
    cross join weighted
    left join measurements
        on
            active_models.canonical_id = measurements.canonical_id
            and weighted.metric_id = measurements.metric_id

),

final as (

    {{ evidence_shares('shares', 'figures') }}

)

select * from final
