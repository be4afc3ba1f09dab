with sources as (

    select * from {{ ref('dim_sources') }}

),

metrics as (

    select * from {{ ref('dim_metrics') }}
    where metric_kind = 'metric'

),

roles as (

    select * from {{ ref('dim_roles') }}

),

shares as (

    select * from {{ ref('fct_metric_shares') }}

),

affected as (

    select
        metrics.metric_id,
        -- Reported figures have no board: any metric may have some, whatever is left out.
        not bool_or(sources.endpoint is not null and sources.status != 'withheld')
            as is_without_board
    from metrics
    inner join sources on list_contains(metrics.source_ids, sources.source_id)
    group by metrics.metric_id
    having bool_or(sources.status = 'withheld')

),

weighed as (

    select
        affected.metric_id,
        roles.role_id,
        affected.is_without_board,
        coalesce(shares.weight_share, 0.0) as weight_share,
        coalesce(shares.total_share, 0.0) as total_share
    from affected
    cross join roles
    left join shares
        on affected.metric_id = shares.metric_id and roles.role_id = shares.role_id

),

lost as (

    select
        role_id,
        coalesce(
            sum(weight_share order by total_share desc, metric_id asc)
            filter (where is_without_board), 0.0
        ) as lost_share
    from weighed
    group by role_id

),

final as (

    select
        weighed.metric_id,
        weighed.role_id,
        weighed.is_without_board,
        weighed.weight_share,
        lost.lost_share
    from weighed
    inner join lost on weighed.role_id = lost.role_id

)

select * from final
