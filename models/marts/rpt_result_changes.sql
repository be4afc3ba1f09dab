with earlier as (

    select * from {{ ref('stg_run__previous_figures') }}

),

given as (

    select count(*) as n_results from earlier

),

previous as (

    select * from {{ ref('int_previous_ranks_selected') }}

),

-- None where no results were given: a history has ranks alone.
earlier_models as (

    select distinct previous.canonical_id
    from previous
    cross join given
    where given.n_results > 0

),

measurements as (

    select * from {{ ref('fct_measurements') }}
    where metric_kind = 'metric'

),

shares as (

    select
        metric_id,
        any_value(total_share) as total_share
    from {{ ref('fct_metric_shares') }}
    group by metric_id

),

-- A value that a third party measured; a vendor's or a sibling's is no longer one.
now as (

    select * from measurements
    where evidence_class = 'direct'

),

known as (

    select
        coalesce(now.canonical_id, earlier.canonical_id) as canonical_id,
        coalesce(now.metric_id, earlier.metric_id) as metric_id,
        earlier.source_id as earlier_source_id,
        earlier.raw_value as earlier_value,
        now.source_id,
        now.raw_value as value
    from now
    full outer join earlier
        on now.canonical_id = earlier.canonical_id and now.metric_id = earlier.metric_id

),

final as (

    select
        known.canonical_id,
        known.metric_id,
        case
            when known.earlier_value is null then 'new'
            when known.value is null then 'gone'
            else 'changed'
        end as change_kind,
        known.earlier_source_id,
        known.earlier_value,
        known.source_id,
        known.value,
        shares.total_share
    from known
    inner join shares on known.metric_id = shares.metric_id
    inner join earlier_models on known.canonical_id = earlier_models.canonical_id
    where
        known.canonical_id in (select measurements.canonical_id from measurements)
        and (
            known.earlier_value is null
            or known.value is null
            or abs(known.value - known.earlier_value) > 1e-9 * greatest(1.0, abs(known.value))
        )

)

select * from final
