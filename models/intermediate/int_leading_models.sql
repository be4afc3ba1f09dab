with measurements as (

    select * from {{ ref('int_measurements_discounted') }}

),

weights as (

    select * from {{ ref('int_weights') }}

),

roles as (

    select * from {{ ref('roles') }}

),

-- Composites are taken apart into their inputs.
group_weights as (

    select
        weights.parent_id as group_id,
        coalesce(inputs.child_id, weights.child_id) as metric_id,
        weights.weight * coalesce(inputs.weight, 1.0) as weight
    from weights
    left join weights as inputs
        on
            weights.child_id = inputs.parent_id
            and inputs.weight_kind = 'composite'
    where weights.weight_kind = 'group'

),

-- A missing figure is the middle, without more ado: near enough to say who may lead.
estimates as (

    select
        measurements.canonical_id,
        roles.role_id,
        {{ exact_sum(
            'weights.weight * coalesce(group_weights.weight, 0.0) * (measurements.value - 50.0)'
        ) }} as estimate
    from measurements
    cross join roles
    inner join weights on roles.score_key = weights.parent_id
    left join group_weights
        on
            weights.child_id = group_weights.group_id
            and measurements.metric_id = group_weights.metric_id
    group by measurements.canonical_id, roles.role_id

),

places as (

    select
        canonical_id,
        rank() over (partition by role_id order by estimate desc) as place
    from estimates

),

leading_models as (

    select canonical_id
    from places
    group by canonical_id
    qualify row_number() over (
        order by min(place), sum(place), canonical_id
    ) <= {{ var('uncertainty_models') }}

),

final as (

    select
        canonical_id,
        cast(row_number() over (order by canonical_id) as integer) as model_number
    from leading_models

)

select * from final
