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

missing_error as (

    select * from {{ ref('evidence_errors') }}
    where evidence_class = 'missing'

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
            -- A price or a speed that is not known widens no interval.
            when metric_weights.metric_class = 'capability' then missing_error.error_points
            else 0.0
        end as figure_error,
        coalesce(
            case
                when measurements.is_present then errors.shared_share
                else missing_error.shared_share
            end, 0.0
        ) as common_share,
        metric_weights.weight * coalesce(errors.sampling_points, 0.0) as sampling_part,
        metric_weights.weight * figure_error * sqrt(common_share) as shared_part,
        metric_weights.weight * figure_error * sqrt(1.0 - common_share) as own_part
    from models
    cross join metric_weights
    cross join missing_error
    inner join measurements
        on
            models.canonical_id = measurements.canonical_id
            and metric_weights.metric_id = measurements.metric_id
    left join errors
        on
            models.canonical_id = errors.canonical_id
            and metric_weights.metric_id = errors.metric_id

),

-- What is shared adds up before it is squared.
summed as (

    select
        *,
        {{ exact_sum('shared_part', 'over score') }} as shared_sum,
        {{ exact_sum('pow(sampling_part, 2) + pow(own_part, 2)', 'over score') }} as own_variance
    from judged
    window score as (partition by canonical_id, role_id)

),

known as (

    select
        *,
        sqrt(pow(shared_sum, 2) + own_variance) as total_error,
        total_error - sqrt(greatest(
            pow(shared_sum - shared_part, 2) + own_variance - pow(own_part, 2), 0.0
        )) as score_error
    from summed
    where figure_error > 0

),

final as (

    select
        canonical_id,
        role_id,
        metric_id,
        weight,
        weakness,
        figure_error,
        score_error,
        total_error,
        row_number() over (
            partition by canonical_id, role_id order by score_error desc, metric_id asc
        ) as place
    from known

)

select * from final
