with models as (

    select * from {{ ref('stg_config__models') }}

),

vendors as (

    select * from {{ ref('vendors') }}

),

measurements as (

    select * from {{ ref('int_measurements_selected') }}

),

metrics as (

    select * from {{ ref('metrics') }}

),

efforts as (

    select * from {{ ref('effort_policy') }}

),

sources as (

    select
        canonical_id,
        list(distinct source_id order by source_id) as source_ids
    from measurements
    group by canonical_id

),

-- The effort most of a model's own capability figures were measured at.
usual_efforts as (

    select
        measurements.canonical_id,
        measurements.effort
    from measurements
    inner join metrics on measurements.metric_id = metrics.metric_id
    inner join efforts on measurements.effort = efforts.effort
    where measurements.evidence_class = 'direct' and metrics.metric_class = 'capability'
    group by measurements.canonical_id, measurements.effort
    qualify
        row_number() over (
            partition by measurements.canonical_id
            order by count(*) desc, any_value(efforts.capability_rank)
        ) = 1

),

final as (

    select
        models.canonical_id,
        regexp_replace(lower(models.canonical_id), '[^a-z0-9]+', '-', 'g') as slug,
        models.display_name,
        models.vendor,
        coalesce(vendors.display_name, models.vendor) as vendor_name,
        models.release_date,
        models.open_weights,
        models.aliases,
        coalesce(usual_efforts.effort, 'default') as thinking_effort,
        coalesce(sources.source_ids, []) as source_ids,
        sources.canonical_id is not null as is_active
    from models
    left join vendors on models.vendor = vendors.vendor
    left join usual_efforts on models.canonical_id = usual_efforts.canonical_id
    left join sources on models.canonical_id = sources.canonical_id

)

select * from final
