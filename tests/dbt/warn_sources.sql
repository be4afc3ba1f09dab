-- Sources that were not read afresh, whose response is older than its time to live, or that no
-- longer give a mapped figure, or that lost half of their rows since the earlier scoreboard;
-- figures of a window that the source's board has left behind; values that cannot well be.
{{ config(severity='warn') }}

with sources as (

    select * from {{ ref('dim_sources') }}

),

runs as (

    select * from {{ ref('dim_runs') }}

),

previous as (

    select * from {{ ref('stg_run__previous_sources') }}

),

warnings as (

    select * from {{ ref('rpt_warnings') }}
    where
        warning_kind in (
            'source_stale', 'source_failed', 'unseen_metric', 'past_window', 'moved_figures',
            'vanished_metric', 'fractions_among_percentages', 'frozen_board', 'scale_changed',
            'more_rows'
        )

)

select
    warning_kind,
    subject,
    message
from warnings
union all
select
    'old_response' as warning_kind,
    sources.source_id as subject,
    'fetched at ' || sources.fetched_at || ', older than ' || sources.ttl_hours || ' hours'
        as message
from sources
cross join runs
where runs.generated_at - sources.fetched_at > to_hours(sources.ttl_hours)
union all
select
    'fewer_rows' as warning_kind,
    sources.source_id as subject,
    sources.n_rows_ingested || ' rows, ' || previous.n_rows_ingested
    || ' on the earlier scoreboard' as message
from sources
inner join previous on sources.source_id = previous.source_id
where sources.n_rows_ingested * 2 <= previous.n_rows_ingested and sources.status != 'skipped'
