with file as (

    select * from {{ ref('stg_config__files') }}
    where file_id = 'synthesis'

),

pairs as (

    select
        pair.content,
        pair.pair_position
    -- Read in place: beside each of its rows a lateral join would carry the whole file.
    from
        unnest(cast((select content -> '$.pair' from file) as json[]))
        with ordinality as pair (content, pair_position)

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
