with roles as (

    select * from {{ ref('dim_roles') }}

),

-- Those of the coefficients: what this edition does without has no weight in it.
weights as (

    select * from {{ ref('stg_config__weights') }}

),

affected as (

    select * from {{ ref('int_withheld_metrics') }}

),

{{ metric_shares() }},

weighed as (

    select
        affected.metric_id,
        roles.role_id,
        affected.is_without_board,
        coalesce(shares.weight_share, 0.0) as weight_share,
        coalesce(totals.total_share, 0.0) as total_share
    from affected
    cross join roles
    left join shares
        on affected.metric_id = shares.metric_id and roles.role_id = shares.role_id
    left join totals on affected.metric_id = totals.metric_id

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
