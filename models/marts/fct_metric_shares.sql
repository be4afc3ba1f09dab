with roles as (

    select * from {{ ref('dim_roles') }}

),

weights as (

    select * from {{ ref('stg_config__weights') }}

),

in_groups as (

    select
        roles.role_id,
        of_roles.weight as group_weight,
        of_groups.parent_id as group_id,
        of_groups.weight as metric_weight,
        of_groups.child_id as metric_id,
        of_roles.weight * of_groups.weight as weight_share
    from weights as of_roles
    inner join roles on of_roles.parent_id = roles.score_key
    inner join weights as of_groups on of_roles.child_id = of_groups.parent_id
    where of_roles.weight_kind = 'role' and of_groups.weight_kind = 'group'

),

-- A metric counts by itself, in composites, or both; a composite shows what its inputs share.
ways as (

    select
        *,
        metric_id as in_group_id
    from in_groups
    union all by name
    select
        in_groups.* exclude (metric_id, weight_share),
        in_groups.metric_id as in_group_id,
        inputs.child_id as metric_id,
        in_groups.weight_share * inputs.weight as weight_share
    from in_groups
    inner join weights as inputs on in_groups.metric_id = inputs.parent_id
    where inputs.weight_kind = 'composite'

),

shares as (

    select
        metric_id,
        role_id,
        sum(
            weight_share
            order by group_weight desc, group_id asc, metric_weight desc, in_group_id asc
        ) as weight_share
    from ways
    group by metric_id, role_id

),

role_count as (

    select count(*) as n_roles from roles

),

totals as (

    select
        shares.metric_id,
        sum(shares.weight_share order by roles.role_order) / any_value(role_count.n_roles)
            as total_share
    from shares
    inner join roles on shares.role_id = roles.role_id
    cross join role_count
    group by shares.metric_id

),

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
