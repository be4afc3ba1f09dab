with records as (

    select * from {{ source('raw', 'raw_records') }}
    where source_id = 'livecodebench' and part = 'performances'

),

problems as (

    select
        source_id,
        part,
        position,
        record ->> '$.model' as source_model_name,
        -- Decimals add up to the same sum in any order.
        {{ as_number("(record ->> '$.\"pass@1\"')", 'decimal(18, 9)') }} as pass_share,
        try(cast(epoch_ms(try_cast(record ->> '$.date' as bigint)) as date)) as published_on
    from records

),

-- The name that is shown does not tell a preview from the release; the source's own id does.
model_ids as (

    select
        record ->> '$.model_repr' as source_model_name,
        any_value(record ->> '$.model_name' order by position) as model_id
    from {{ source('raw', 'raw_records') }}
    where source_id = 'livecodebench' and part = 'models'
    group by record ->> '$.model_repr'

),

runs as (

    select
        source_id,
        part,
        min(position) as position,
        source_model_name,
        sum(pass_share) as pass_sum,
        count(pass_share) as n_problems,
        max(published_on) as observed_on
    from problems
    group by source_id, part, source_model_name

),

final as (

    select
        runs.source_id,
        runs.part,
        runs.position,
        runs.source_model_name,
        runs.source_model_name as candidate_name,
        {{ stamp_in('model_ids.model_id') }} as model_stamp,
        'pass@1' as source_metric_name,
        cast(cast(runs.pass_sum as double) / runs.n_problems as varchar) as raw_text,
        runs.observed_on,
        -- The mean over a part of the problems is another figure: the hard ones may be missing.
        case
            when runs.n_problems < max(runs.n_problems) over ()
                then
                    'measured on ' || runs.n_problems || ' of '
                    || max(runs.n_problems) over () || ' problems'
        end as ignore_reason
    from runs
    left join model_ids on runs.source_model_name = model_ids.source_model_name

)

select * from final
