{{ config(materialized='table') }}

with file as (

    select * from {{ ref('stg_config__files') }}
    where file_id = 'overrides'

),

entries as (

    select
        entry.content,
        entry.position
    -- Read in place: beside each of its rows a lateral join would carry the whole file.
    from
        unnest(cast((select content -> '$.entries' from file) as json[]))
        with ordinality as entry (content, position)

),

final as (

    select
        'overrides' as source_id,
        'entries' as part,
        position,
        content ->> '$.canonical_id' as source_model_name,
        content ->> '$.canonical_id' as candidate_name,
        cast(null as varchar) as vendor_hint,
        cast(null as varchar) as effort_text,
        cast(null as varchar) as harness,
        content ->> '$.metric' as source_metric_name,
        content ->> '$.value' as raw_text,
        cast(null as double) as standard_error,
        cast(null as double) as interval_lower,
        cast(null as double) as interval_upper,
        try_cast(content ->> '$.date' as date) as observed_on,
        cast(null as varchar) as ignore_reason,
        content ->> '$.note' as note,
        content ->> '$.url' as url
    from entries

)

select * from final
