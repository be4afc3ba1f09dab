with records as (

    select
        *,
        -- A star marks rows that are new on the board.
        ltrim(record ->> '$.model_name', '*') as model_name
    from {{ source('raw', 'raw_records') }}
    where source_id = 'eqbench_creative_writing' and part = 'models'

),

final as (

    select
        records.source_id,
        records.part,
        records.position,
        records.model_name as source_model_name,
        -- Open models stand under the names of their repositories: zai-org/GLM-5.2.
        regexp_replace(records.model_name, '^.*/', '') as candidate_name,
        nullif(regexp_extract(records.model_name, '^(.*)/', 1), '') as vendor_hint,
        cell.key as source_metric_name,
        cell.value ->> '$' as raw_text
    from records, json_each(records.record) as cell
    where cell.key in ('elo_score', 'creative_writing_score')

)

select * from final
