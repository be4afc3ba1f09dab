with records as (

    select * from {{ source('raw', 'raw_records') }}
    where source_id = 'sonar' and part = 'models'

),

final as (

    select
        records.source_id,
        records.part,
        records.position,
        records.record ->> '$.name' as source_model_name,
        records.record ->> '$.name' as candidate_name,
        records.record ->> '$.organization' as vendor_hint,
        try_cast(records.record ->> '$.releaseDate' as date) as model_date,
        field.key as source_metric_name,
        field.value ->> '$' as raw_text
    from records, json_each(records.record) as field
    where json_type(field.value) not in ('OBJECT', 'ARRAY', 'NULL')

)

select * from final
