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

final as (

    select
        source_id,
        part,
        min(position) as position,
        source_model_name,
        source_model_name as candidate_name,
        cast(null as varchar) as vendor_hint,
        cast(null as varchar) as effort_text,
        cast(null as varchar) as harness,
        'pass@1' as source_metric_name,
        cast(cast(sum(pass_share) as double) / count(pass_share) as varchar) as raw_text,
        cast(null as double) as standard_error,
        cast(null as double) as interval_lower,
        cast(null as double) as interval_upper,
        max(published_on) as observed_on,
        cast(null as varchar) as ignore_reason
    from problems
    group by source_id, part, source_model_name

)

select * from final
