with scenarios as (

    select * from {{ ref('int_scenarios') }}
    where scenario_kind = 'draw'

),

leading_models as (select * from {{ ref('int_leading_models') }}),

weights as (

    select * from {{ ref('int_role_weights') }}
    where role_id != 'balanced' and metric_class = 'capability'

),

measurements as (select * from {{ ref('int_measurements_discounted') }}),

noise as (select * from {{ ref('int_drawn_noise') }}),

missing_error as (

    select * from {{ ref('evidence_errors') }}
    where evidence_class = 'missing'

),

gaps as (

    select
        leading_models.canonical_id,
        weights.role_id,
        weights.metric_id,
        weights.weight
    from leading_models
    cross join weights
    left join measurements
        on
            leading_models.canonical_id = measurements.canonical_id
            and weights.metric_id = measurements.metric_id
    where measurements.canonical_id is null

),

final as (

    {{ drawn_gaps('gaps', ['canonical_id', 'role_id'], 'noise', 'scenarios') }}

)

select * from final
