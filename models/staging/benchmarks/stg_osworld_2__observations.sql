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
        coalesce(
            nullif(trim(record ->> '$.Reasoning'), ''),
            nullif(regexp_extract(record ->> '$."Model version"', '_([a-z]+)$', 1), '')
        ) as effort_text,
        'Binary accuracy' as source_metric_name,
        record ->> '$."Binary accuracy"' as raw_text
    from records

)

select * from final
