with file as (

    select * from {{ ref('stg_config__files') }}
    where file_id = 'coefficients'

),

final as (

    select
        entry.key as metric_id,
        cast(entry.value ->> '$.higher_better' as boolean) as higher_better,
        cast(entry.value ->> '$.log_scale' as boolean) as log_scale,
        entry.value ->> '$.transform' as transform,
        coalesce(from_json(entry.value -> '$.groups', '["varchar"]'), []) as group_ids
    from json_each((select content from file), '$.metrics') as entry

)

select * from final
