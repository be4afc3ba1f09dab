with measurements as (

    select * from {{ ref('int_measurements_discounted') }}

),

metrics as (

    select * from {{ ref('metrics') }}

),

evidence_errors as (

    select * from {{ ref('evidence_errors') }}

),

settings as (

    select * from {{ ref('stg_config__settings') }}

),

final as (

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
        case evidence_errors.discount_key
            when 'reported' then settings.reported_penalty
            when 'synthesis' then settings.synthesis_penalty
        end * evidence_errors.error_per_discount as evidence_error
    from measurements
    inner join metrics on measurements.metric_id = metrics.metric_id
    left join evidence_errors
        on
            measurements.evidence_class = evidence_errors.evidence_class
            and measurements.synthesis_category
            is not distinct from evidence_errors.synthesis_category
    cross join settings

)

select * from final
