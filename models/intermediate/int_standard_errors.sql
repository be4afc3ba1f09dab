with measurements as (

    select * from {{ ref('int_measurements_discounted') }}

),

metrics as (

    select * from {{ ref('metrics') }}

),

evidence_errors as (

    select * from {{ ref('evidence_errors') }}

),

offsets as (

    select * from {{ ref('int_reported_offsets') }}
    where is_not_comparable

),

bounds as (

    select * from {{ ref('int_metric_bounds') }}

),

declared as (

    select * from {{ ref('stg_config__metrics') }}

),

settings as (

    select * from {{ ref('stg_config__settings') }}

),

-- What is known of a value that is not there; a vendor's tells no less.
missing_error as (

    select error_points from evidence_errors
    where evidence_class = 'missing'

),

known as (

    select
        measurements.canonical_id,
        measurements.metric_id,
        coalesce(measurements.synthesis_path[-1], measurements.canonical_id) as origin_id,
        case
            when measurements.standard_error is not null and measurements.interval_upper is not null
                then 'published interval'
            when measurements.standard_error is not null then 'published error'
            when metrics.task_count is not null then 'task count'
            else 'none'
        end as sampling_basis,
        case sampling_basis
            when 'task count'
                then {{ binomial_error('measurements.raw_value', 'metrics.task_count') }}
            else measurements.standard_error
        end as sampling_error,
        coalesce(
            evidence_errors.error_points,
            evidence_errors.error_per_discount * case evidence_errors.discount_key
                when 'reported' then settings.reported_penalty
                when 'synthesis' then settings.synthesis_penalty
            end
        ) as own_evidence_error,
        -- What a vendor measures otherwise than third parties do is off by that much more.
        case
            when offsets.metric_id is not null
                then least(
                    sqrt(pow(own_evidence_error, 2) + pow(offsets.reported_offset, 2)),
                    (select missing_error.error_points from missing_error)
                )
            else own_evidence_error
        end as evidence_error,
        case when own_evidence_error is not null then evidence_errors.shared_share end
            as shared_share,
        measurements.raw_value,
        measurements.normalised_value,
        measurements.discount_share,
        declared.transform,
        declared.log_scale,
        bounds.upper_bound - bounds.lower_bound as bounds_width
    from measurements
    inner join metrics on measurements.metric_id = metrics.metric_id
    left join evidence_errors on measurements.evidence_class = evidence_errors.evidence_class
    left join offsets
        on
            measurements.metric_id = offsets.metric_id
            and measurements.evidence_class = 'reported'
    left join declared on measurements.metric_id = declared.metric_id
    left join bounds on measurements.metric_id = bounds.metric_id
    cross join settings

),

final as (

    select
        canonical_id,
        metric_id,
        origin_id,
        sampling_basis,
        sampling_error,
        -- As steep as points rise where the value stands, whether or not it lies beyond the bounds.
        coalesce(
            sampling_error * (1.0 - discount_share) * case
                when transform = 'as_score' and raw_value between 0 and 1 then 100.0
                when transform = 'as_score' then 1.0
                when bounds_width > 1e-12 then case
                    when transform = 'percentile' then 100.0
                    when normalised_value >= 70.0 then 30.0 / 0.80
                    else 70.0 / 0.20
                end / bounds_width / case when log_scale then raw_value else 1.0 end
            end,
            0.0
        ) as sampling_points,
        evidence_error,
        shared_share
    from known

)

select * from final
