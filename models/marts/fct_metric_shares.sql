with roles as (

    select * from {{ ref('dim_roles') }}

),

weights as (

    select * from {{ ref('int_weights') }}

),

{{ metric_shares() }},

final as (

    select
        shares.metric_id,
        shares.role_id,
        shares.weight_share,
        totals.total_share
    from shares
    inner join totals on shares.metric_id = totals.metric_id

)

select * from final
