-- A model has one figure per metric, and it is of the best class that the ledger holds: direct
-- before reported, and a sibling's figure only where there is neither.
with usable as (

    select
        ledger.canonical_id,
        ledger.metric_id,
        case when ledger.source_id = 'overrides' then 'reported' else 'direct' end
            as evidence_class,
        ledger.is_used,
        ledger.source_id,
        ledger.raw_value
    from {{ ref('fct_observation_ledger') }} as ledger
    inner join {{ ref('stg_config__metrics') }} as metrics
        on ledger.metric_id = metrics.metric_id
    inner join {{ ref('dim_sources') }} as sources
        on ledger.source_id = sources.source_id
    where
        ledger.canonical_id is not null
        and not sources.is_partial
        -- Of the builds of a model one is read, also where only another one has the metric.
        and ledger.outcome != 'another snapshot'
        and ledger.raw_value is not null
        and (not metrics.log_scale or ledger.raw_value > 0)

),

best as (

    select
        canonical_id,
        metric_id,
        min(evidence_class) as best_class,
        count(*) filter (where is_used) as used_count,
        any_value(source_id) filter (where is_used) as used_source_id,
        any_value(raw_value) filter (where is_used) as used_value
    from usable
    group by canonical_id, metric_id

),

measurements as (

    select * from {{ ref('fct_measurements') }}
    where metric_kind = 'metric' and is_present

),

final as (

    select
        coalesce(best.canonical_id, measurements.canonical_id) as canonical_id,
        coalesce(best.metric_id, measurements.metric_id) as metric_id,
        best.best_class,
        measurements.evidence_class,
        best.used_count,
        best.used_source_id,
        measurements.source_id,
        best.used_value,
        measurements.raw_value,
        case
            when measurements.canonical_id is null then 'a figure of the ledger is missing'
            when best.canonical_id is null and measurements.evidence_class != 'synthesised'
                then 'the ledger has no such figure'
            when best.canonical_id is null then null
            when measurements.evidence_class != best.best_class then 'a better class is present'
            when best.used_count != 1 then 'not exactly one figure is used'
            when
                measurements.source_id != best.used_source_id
                or measurements.raw_value != best.used_value
                then 'the figure is not the one that the ledger calls used'
        end as problem
    from best
    full outer join measurements
        on
            best.canonical_id = measurements.canonical_id
            and best.metric_id = measurements.metric_id

)

select * from final
where problem is not null
