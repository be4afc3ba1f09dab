with published as (

    select distinct
        source_id,
        metric_id
    from {{ ref('source_metrics') }}

),

sources as (

    select * from {{ ref('sources') }}
    -- Reported values have no board: any metric may have some, whatever is left out.
    where endpoint is not null

),

source_runs as (

    select * from {{ ref('stg_run__sources') }}

),

reported as (

    select
        source_metric_name as metric_id,
        bool_and(coalesce(starts_with(ignore_reason, 'withheld:'), false)) as is_withheld
    from {{ ref('stg_overrides__observations') }}
    group by source_metric_name

),

boards as (

    select
        published.metric_id,
        bool_and(source_runs.status = 'withheld') as is_without_board
    from published
    inner join sources on published.source_id = sources.source_id
    inner join source_runs on published.source_id = source_runs.source_id
    group by published.metric_id
    having bool_or(source_runs.status = 'withheld')

),

final as (

    select * from boards
    union all
    -- Of a metric without any board reports alone are known, and here they all repeat one left out.
    select
        reported.metric_id,
        true as is_without_board
    from reported
    where
        reported.is_withheld
        and reported.metric_id not in (select published.metric_id from published)

)

select * from final
