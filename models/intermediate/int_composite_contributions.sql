with measurements as (

    select * from {{ ref('int_measurements_discounted') }}

),

weights as (

    select * from {{ ref('int_weights') }}
    where weight_kind = 'composite' and weight > 0

),

settings as (

    select * from {{ ref('stg_config__settings') }}

),

-- A composite without any input is missing.
composites as (

    select distinct
        measurements.canonical_id,
        weights.parent_id as metric_id
    from measurements
    inner join weights on measurements.metric_id = weights.child_id

),

weighted as (

    select
        composites.canonical_id,
        composites.metric_id,
        weights.child_id,
        weights.weight,
        measurements.value,
        measurements.evidence_class,
        measurements.synthesis_category
    from composites
    inner join weights on composites.metric_id = weights.parent_id
    left join measurements
        on
            composites.canonical_id = measurements.canonical_id
            and weights.child_id = measurements.metric_id

),

final as (

    select * rename (child_id as input_metric_id)
    from ({{ average_contributions('weighted', 'settings', ['canonical_id', 'metric_id']) }})

)

select * from final
