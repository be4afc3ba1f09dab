with records as (

    select * from {{ source('raw', 'raw_records') }}
    where source_id = 'gso' and part = 'models'

),

final as (

    select
        source_id,
        part,
        position,
        record ->> '$.name' as source_model_name,
        record ->> '$.name' as candidate_name,
        record ->> '$.model_org' as vendor_hint,
        record ->> '$.reasoning_effort' as effort_text,
        record ->> '$.scaffold' as harness,
        'score_hack_control' as source_metric_name,
        record ->> '$.score_hack_control' as raw_text,
        try_cast(record ->> '$.date' as date) as observed_on
    from records
    where record ->> '$.setting' = 'Opt@1'

)

select * from final
