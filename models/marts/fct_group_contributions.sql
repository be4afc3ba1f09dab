with measurements as (

    select * from {{ ref('fct_measurements') }}

),

models as (

    select * from {{ ref('dim_models') }}
    where is_active

),

weights as (

    select * from {{ ref('int_weights') }}
    where weight_kind = 'group' and weight > 0

),

settings as (

    select * from {{ ref('stg_config__settings') }}

),

weighted as (

    select
        models.canonical_id,
        weights.parent_id as group_id,
        weights.child_id,
        weights.weight,
        measurements.value
    from models
    cross join weights
    left join measurements
        on
            models.canonical_id = measurements.canonical_id
            and weights.child_id = measurements.metric_id

),

final as (

    select
        canonical_id,
        group_id,
        child_id as metric_id,
        weight,
        value,
        contribution,
        is_pull,
        coverage,
        trust
    from ({{ average_contributions('weighted', 'settings', ['canonical_id', 'group_id']) }})

)

select * from final
