with figures as (

    select * from {{ ref('int_backtest_figures') }}

),

weights as (

    select * from {{ ref('int_weights') }}
    where weight > 0

),

roles as (

    select * from {{ ref('roles') }}

),

settings as (

    select * from {{ ref('stg_config__settings') }}

),

-- The same scoring twice: as published, and as if nothing could be borrowed.
inputs as (

    select
        'v1' as predictor,
        *
    from figures
    union all
    select
        'v1 without borrowing' as predictor,
        *
    from figures
    where evidence_class != 'synthesised'

),

totals as (

    select
        parent_id,
        {{ exact_sum('weight') }} as total_weight
    from weights
    group by parent_id

),

composites as (

    {{ backtest_averages('inputs', 'composite') }}

),

group_inputs as (

    select
        predictor,
        canonical_id,
        scenario_kind,
        scenario_id,
        metric_id,
        value
    from inputs
    union all
    select
        predictor,
        canonical_id,
        scenario_kind,
        scenario_id,
        parent_id as metric_id,
        value
    from composites

),

group_values as (

    {{ backtest_averages('group_inputs', 'group') }}

),

-- A group without any value is the middle.
final as (

    select
        group_values.predictor,
        group_values.canonical_id,
        roles.role_id,
        group_values.scenario_kind,
        group_values.scenario_id,
        {{ clipped(
            '50.0 * any_value(totals.total_weight) + '
            ~ exact_sum('weights.weight * (group_values.value - 50.0)')
        ) }} as score
    from group_values
    inner join weights
        on group_values.parent_id = weights.child_id and weights.weight_kind = 'role'
    inner join roles on weights.parent_id = roles.score_key
    inner join totals on weights.parent_id = totals.parent_id
    group by
        group_values.predictor, group_values.canonical_id, roles.role_id,
        group_values.scenario_kind, group_values.scenario_id

)

select * from final
