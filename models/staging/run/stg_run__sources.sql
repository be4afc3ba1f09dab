with source_runs as (

    select * from {{ source('raw', 'source_runs') }}

),

responses as (

    select
        source_id,
        max(fetched_at) as fetched_at,
        max(content_changed_at) as content_changed_at,
        max(sha256) as sha256,
        bool_or(is_partial) as is_partial
    from {{ source('raw', 'raw_responses') }}
    group by source_id

),

final as (

    select
        source_runs.source_id,
        source_runs.status,
        source_runs.message,
        responses.fetched_at,
        responses.content_changed_at,
        responses.sha256,
        coalesce(responses.is_partial, false) as is_partial
    from source_runs
    left join responses on source_runs.source_id = responses.source_id

)

select * from final
