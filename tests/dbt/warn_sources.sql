-- Sources that were not read afresh, whose response is older than its time to live, or that no
-- longer give a mapped figure, or that lost half of their rows since the earlier board;
-- values of a window that the source's board has left behind; values that cannot well be.
{{ config(severity='warn') }}

with sources as (

    select * from {{ ref('dim_sources') }}

),

runs as (

    select * from {{ ref('dim_runs') }}

),

warnings as (

    select * from {{ ref('rpt_warnings') }}
    where
        warning_kind in (
            'source_stale', 'source_failed', 'unseen_metric', 'past_window', 'moved_figures',
            'vanished_metric', 'fractions_among_percentages', 'frozen_board', 'scale_changed',
            'more_rows', 'fewer_rows'
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
