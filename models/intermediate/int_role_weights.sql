with weights as (

    select * from {{ ref('int_weights') }}
    where weight > 0

),

roles as (

    select * from {{ ref('roles') }}

),

metrics as (

    select * from {{ ref('metrics') }}

),

published as (

    select * from {{ ref('source_metrics') }}

),

-- A family of which no board says anything is the vendors' own.
board_families as (

    select distinct metrics.family
    from metrics
    inner join published on metrics.metric_id = published.metric_id

),

-- A role is a mix of itself alone; the balanced view takes all in equal parts.
mixes as (

    select
        role_id,
        score_key,
        1.0 as role_weight
    from roles
    union all
    select
        'balanced' as role_id,
        score_key,
        1.0 / count(*) over () as role_weight
    from roles

),

-- Over all groups and composites in which a metric counts.
flattened as (

    select
        mixes.role_id,
        coalesce(inputs.child_id, in_groups.child_id) as metric_id,
        {{ exact_sum(
            'mixes.role_weight * in_roles.weight * in_groups.weight * coalesce(inputs.weight, 1.0)'
        ) }} as weight
    from mixes
    inner join weights as in_roles
        on mixes.score_key = in_roles.parent_id and in_roles.weight_kind = 'role'
    inner join weights as in_groups
        on in_roles.child_id = in_groups.parent_id and in_groups.weight_kind = 'group'
    left join weights as inputs
        on in_groups.child_id = inputs.parent_id and inputs.weight_kind = 'composite'
    group by mixes.role_id, coalesce(inputs.child_id, in_groups.child_id)

),

classified as (

    select
        flattened.*,
        metrics.metric_class,
        metrics.family,
        metrics.family in (select board_families.family from board_families) as is_board_family,
        case when metrics.metric_class = 'capability' then flattened.weight else 0.0 end
            as capability_weight
    from flattened
    inner join metrics on flattened.metric_id = metrics.metric_id

),

final as (

    select
        * exclude (capability_weight),
        capability_weight
        / nullif({{ exact_sum('capability_weight', 'over (partition by role_id)') }}, 0.0)
            as capability_share
    from classified

)

select * from final
