with declared as (

    select * from {{ ref('stg_config__weights') }}

),

withheld as (

    select metric_id from {{ ref('int_withheld_metrics') }}
    where is_without_board

),

-- A composite or a group of which nothing is left goes, too.
inputs as (

    select
        declared.*,
        withheld.metric_id is null as is_left
    from declared
    left join withheld on declared.child_id = withheld.metric_id
    where declared.weight_kind = 'composite'

),

composites as (

    select
        parent_id,
        bool_or(is_left and weight > 0) as is_left
    from inputs
    group by parent_id

),

of_groups as (

    select
        declared.*,
        withheld.metric_id is null and coalesce(composites.is_left, true) as is_left
    from declared
    left join withheld on declared.child_id = withheld.metric_id
    left join composites on declared.child_id = composites.parent_id
    where declared.weight_kind = 'group'

),

group_ids as (

    select
        parent_id,
        bool_or(is_left and weight > 0) as is_left
    from of_groups
    group by parent_id

),

of_roles as (

    select
        declared.*,
        coalesce(group_ids.is_left, true) as is_left
    from declared
    left join group_ids on declared.child_id = group_ids.parent_id
    where declared.weight_kind = 'role'

),

judged as (

    select * from inputs
    union all
    select * from of_groups
    union all
    select * from of_roles

),

renormalised as (

    select
        * exclude (weight),
        -- Times 1 where nothing is left out, so that no digit of a weight changes.
        weight * coalesce({{ exact_sum('weight', 'over parent') }} / nullif({{ exact_sum(
            'case when is_left then weight else 0.0 end', 'over parent'
        ) }}, 0.0), 1.0) as weight
    from judged
    window parent as (partition by weight_kind, parent_id)

),

final as (

    select
        weight_kind,
        parent_id,
        child_id,
        weight,
        position
    from renormalised
    where is_left

)

select * from final
