with models as (

    select * from {{ ref('dim_models') }}
    where is_active

),

metric_weights as (

    select * from {{ ref('int_role_weights') }}
    where role_id != 'balanced'

),

measurements as (

    select * from {{ ref('fct_measurements') }}

),

errors as (

    select * from {{ ref('int_standard_errors') }}

),

judged as (

    select
        models.canonical_id,
        metric_weights.role_id,
        metric_weights.metric_id,
        metric_weights.weight,
        case when measurements.is_present then measurements.evidence_class else 'missing' end
            as weakness,
        case
            when measurements.is_present then coalesce(errors.evidence_error, 0.0)
            else {{ var('uncertainty_missing_error') }}
        end as figure_error,
        metric_weights.weight * figure_error as score_error
    from models
    cross join metric_weights
    inner join measurements
        on
            models.canonical_id = measurements.canonical_id
            and metric_weights.metric_id = measurements.metric_id
    left join errors
        on
            models.canonical_id = errors.canonical_id
            and metric_weights.metric_id = errors.metric_id

),

final as (

    select
        *,
        row_number() over (
            partition by canonical_id, role_id order by score_error desc, metric_id asc
        ) as place
    from judged
    where score_error > 0

)

select * from final
