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

final as (

    select
        problems.source_id,
        problems.part,
        min(problems.position) as position,
        problems.source_model_name,
        problems.source_model_name as candidate_name,
        cast(null as varchar) as vendor_hint,
        {{ stamp_in('any_value(model_ids.model_id)') }} as model_stamp,
        cast(null as varchar) as effort_text,
        cast(null as varchar) as harness,
        'pass@1' as source_metric_name,
        cast(
            cast(sum(problems.pass_share) as double) / count(problems.pass_share) as varchar
        ) as raw_text,
        cast(null as double) as standard_error,
        cast(null as double) as interval_lower,
        cast(null as double) as interval_upper,
        max(problems.published_on) as observed_on,
        cast(null as varchar) as ignore_reason
    from problems
    left join model_ids on problems.source_model_name = model_ids.source_model_name
    group by problems.source_id, problems.part, problems.source_model_name

)

select * from final
