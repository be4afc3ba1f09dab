with files as (

    select * from {{ ref('stg_config__files') }}

),

pairs as (

    select
        pair.content,
        pair.pair_position
    from
        files,
        unnest(cast(files.content -> '$.pair' as json[]))
        with ordinality as pair (content, pair_position)
    where files.file_id = 'synthesis'

),

final as (

    select
        pair_position,
        content ->> '$.target' as target_id,
        content ->> '$.from' as donor_id,
        content ->> '$.category' as category,
        from_json(content -> '$.sources', '["varchar"]') as source_ids
    from pairs

)

select * from final
