with file as (

    select * from {{ ref('stg_config__files') }}
    where file_id = 'aliases'

),

entries as (

    select
        entry.key as canonical_id,
        entry.value as content
    -- Read in place: beside each of its rows a lateral join would carry the whole file.
    from json_each((select content from file), '$.models') as entry

),

final as (

    select
        canonical_id,
        content ->> '$.vendor' as vendor,
        coalesce(content ->> '$.display_name', canonical_id) as display_name,
        try_cast(content ->> '$.release_date' as date) as release_date,
        try_cast(content ->> '$.open_weights' as boolean) as open_weights,
        coalesce(from_json(content -> '$.aliases', '["varchar"]'), []) as aliases,
        coalesce(content -> '$.source_aliases', '{}') as source_aliases,
        -- Digits only, as stamps of names are compared.
        list_transform(
            coalesce(from_json(content -> '$.stamps', '["varchar"]'), []),
            lambda stamp: regexp_replace(stamp, '[^0-9]', '', 'g')
        ) as stamps
    from entries

)

select * from final
