with sources as (

    select * from {{ ref('sources') }}

),

source_runs as (

    select * from {{ ref('stg_run__sources') }}

),

-- A row of a board counts once, however many figures it carries.
board_rows as (

    select
        source_id,
        part,
        position,
        -- One response has one version; null where a source states none.
        max(scale_version) as scale_version,
        max(case resolution when 'resolved' then 3 when 'ignored' then 2 else 1 end) as state,
        count(*) filter (where is_used) as n_used
    from {{ ref('fct_observation_ledger') }}
    group by source_id, part, position

),

counts as (

    select
        source_id,
        count(*) as n_rows_ingested,
        count(*) filter (where state = 3) as n_rows_matched,
        count(*) filter (where state = 2) as n_rows_ignored,
        count(*) filter (where state = 1) as n_rows_unmatched,
        cast(sum(n_used) as bigint) as n_measurements,
        max(scale_version) as scale_version
    from board_rows
    group by source_id

),

final as (

    select
        sources.source_id,
        sources.display_name,
        sources.family,
        sources.home_page,
        sources.endpoint,
        sources.cache_file,
        sources.ttl_hours,
        sources.minimum_rows,
        sources.secret_variable,
        sources.is_secret_required,
        sources.licence,
        sources.redistribution,
        sources.attribution,
        sources.is_recorded,
        coalesce(source_runs.status, 'skipped') as status,
        source_runs.message,
        coalesce(counts.n_rows_ingested, 0) as n_rows_ingested,
        coalesce(counts.n_rows_matched, 0) as n_rows_matched,
        coalesce(counts.n_rows_ignored, 0) as n_rows_ignored,
        coalesce(counts.n_rows_unmatched, 0) as n_rows_unmatched,
        coalesce(counts.n_measurements, 0) as n_measurements,
        source_runs.fetched_at,
        source_runs.content_changed_at,
        source_runs.sha256,
        coalesce(source_runs.is_partial, false) as is_partial,
        counts.scale_version
    from sources
    left join source_runs on sources.source_id = source_runs.source_id
    left join counts on sources.source_id = counts.source_id

)

select * from final
