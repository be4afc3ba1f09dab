with records as (

    select * from {{ source('raw', 'raw_records') }}
    where source_id = 'bfcl' and part = 'rows'

),

final as (

    select
        records.source_id,
        records.part,
        records.position,
        records.record ->> '$.Model' as source_model_name,
        records.record ->> '$.Model' as candidate_name,
        records.record ->> '$.Organization' as vendor_hint,
        cell.key as source_metric_name,
        cell.value ->> '$' as raw_text
    from records, json_each(records.record) as cell

)

select * from final
