{{ config(materialized='table') }}

with file as (

    select * from {{ ref('stg_config__files') }}
    where file_id = 'overrides'

),

sources as (

    select * from {{ ref('sources') }}

),

source_runs as (

    select * from {{ ref('stg_run__sources') }}

),

citation_names as (

    select * from {{ ref('citation_names') }}

),

-- A citation that names a source which this edition leaves out, its site, or what it alone
-- measures, repeats its value.
withheld as (

    select
        unnest([
            lower(sources.family),
            regexp_extract(lower(sources.home_page), '^https?://(www\.)?([^/]+)', 2),
            lower(citation_names.citation_name)
        ]) as named
    from sources
    inner join source_runs on sources.source_id = source_runs.source_id
    left join citation_names on sources.source_id = citation_names.source_id
    where source_runs.status = 'withheld'

),

entries as (

    select
        entry.content,
        entry.position,
        lower(concat_ws(' ', entry.content ->> '$.note', entry.content ->> '$.url')) as citation
    -- Read in place: beside each of its rows a lateral join would carry the whole file.
    from
        unnest(cast((select content -> '$.entries' from file) as json[]))
        with ordinality as entry (content, position)

),

judged as (

    select
        *,
        exists(
            select 1 from withheld
            where contains(entries.citation, withheld.named)
        ) as is_withheld
    from entries

),

final as (

    select
        'overrides' as source_id,
        'entries' as part,
        position,
        content ->> '$.canonical_id' as source_model_name,
        content ->> '$.canonical_id' as candidate_name,
        content ->> '$.metric' as source_metric_name,
        case when not is_withheld then content ->> '$.value' end as raw_text,
        try_cast(content ->> '$.date' as date) as observed_on,
        case
            when is_withheld then 'withheld: cited from a source that this edition leaves out'
        end as ignore_reason,
        case when not is_withheld then content ->> '$.note' end as note,
        case when not is_withheld then content ->> '$.url' end as url
    from judged

)

select * from final
