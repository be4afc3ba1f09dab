with records as (

    select * from {{ source('raw', 'raw_records') }}
    where source_id = 'osworld_2' and part = 'rows'

),

final as (

    select
        source_id,
        part,
        position,
        record ->> '$."Model version"' as source_model_name,
        -- Epoch writes the effort behind a name: gpt-5.5_xhigh.
        regexp_replace(record ->> '$."Model version"', '_[a-z]+$', '') as candidate_name,
        cast(null as varchar) as vendor_hint,
        coalesce(
            nullif(trim(record ->> '$.Reasoning'), ''),
            nullif(regexp_extract(record ->> '$."Model version"', '_([a-z]+)$', 1), '')
        ) as effort_text,
        cast(null as varchar) as harness,
        'Binary accuracy' as source_metric_name,
        record ->> '$."Binary accuracy"' as raw_text,
        cast(null as double) as standard_error,
        cast(null as double) as interval_lower,
        cast(null as double) as interval_upper,
        cast(null as date) as observed_on,
        cast(null as varchar) as ignore_reason
    from records

)

select * from final
