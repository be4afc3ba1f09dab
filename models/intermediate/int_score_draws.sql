{%- set bootstrap = var('uncertainty_has_bootstrap') | int -%}

with leading_models as (

    select * from {{ ref('int_leading_models') }}

),

numbers as (

    select * from {{ ref('int_weighted_ids') }}

),

drawn_figures as (

    select * from {{ ref('int_drawn_figures') }}

),

families as (

    select * from {{ ref('metrics') }}

),

weights as (

    select * from {{ ref('stg_config__weights') }}
    where weight > 0

),

roles as (

    select * from {{ ref('roles') }}

),

settings as (

    select * from {{ ref('stg_config__settings') }}

),

draws as (

    select cast(range as smallint) as draw
    from range({{ var('uncertainty_draws') }})

),

parents as (

    select distinct
        numbers.id_number as parent_number,
        weights.weight_kind
    from weights
    inner join numbers on weights.parent_id = numbers.id

),

used_families as (

    select distinct families.family
    from families
    inner join weights on families.metric_id = weights.child_id

),

drawn_families as (

    select
        used_families.family,
        draws.draw,
        md5_number(concat_ws(
            '|', {{ var('uncertainty_seed') }}, 'family', used_families.family, draws.draw
        )) as digest,
        -ln({{ drawn_uniform('digest', 0) }}) as drawn_weight
    from used_families
    cross join draws

),

-- One Exp(1) number per family and draw; divided by its mean over the families of the draw.
family_weights as (

    select
        family,
        draw,
        case
            when {{ bootstrap }} = 1
                then
                    drawn_weight * count(*) over (partition by draw)
                    / {{ exact_sum('drawn_weight', 'over (partition by draw)') }}
            else 1.0
        end as family_weight
    from drawn_families

),

weight_totals as (

    select
        parent_id,
        sum(weight order by child_id) as total_weight
    from weights
    group by parent_id

),

-- A weight in a draw. A composite weighs as its inputs do on average.
input_weights as (

    select
        weights.weight_kind,
        weights.parent_id,
        weights.child_id,
        family_weights.draw,
        weights.weight * family_weights.family_weight as weight
    from weights
    inner join families on weights.child_id = families.metric_id
    inner join family_weights on families.family = family_weights.family

),

all_weights as (

    select * from input_weights
    union all
    select
        weights.weight_kind,
        weights.parent_id,
        weights.child_id,
        inputs.draw,
        weights.weight * {{ exact_sum('inputs.weight') }} / any_value(weight_totals.total_weight)
            as weight
    from weights
    inner join input_weights as inputs on weights.child_id = inputs.parent_id
    inner join weight_totals on weights.child_id = weight_totals.parent_id
    where inputs.weight_kind = 'composite' and weights.weight_kind = 'group'
    group by
        weights.weight_kind, weights.parent_id, weights.child_id, weights.weight, inputs.draw

),

drawn_weights as (

    select
        all_weights.weight_kind,
        parents.id_number as parent_number,
        children.id_number as metric_number,
        all_weights.draw,
        all_weights.weight
    from all_weights
    inner join numbers as parents on all_weights.parent_id = parents.id
    inner join numbers as children on all_weights.child_id = children.id

),

drawn_totals as (

    select
        parent_number,
        draw,
        {{ exact_sum('weight') }} as total_weight
    from drawn_weights
    group by parent_number, draw

),

-- One pass over the figures for composites and groups; what composites add to groups comes later.
weighted_sums as (

    select
        drawn_figures.model_number,
        drawn_weights.parent_number,
        drawn_figures.draw,
        {{ exact_sum('drawn_weights.weight') }} as present_weight,
        {{ exact_sum('drawn_weights.weight * drawn_figures.value') }} as weighted_value
    from drawn_figures
    inner join drawn_weights
        on
            drawn_figures.metric_number = drawn_weights.metric_number
            and drawn_figures.draw = drawn_weights.draw
    group by drawn_figures.model_number, drawn_weights.parent_number, drawn_figures.draw

),

{{ group_values('drawn_weights', 'drawn_totals', 'draw') }},

role_weights as (

    select
        roles.role_id,
        numbers.id_number as group_number,
        weights.weight,
        {{ exact_sum('weights.weight', 'over (partition by roles.role_id)') }} as total_weight
    from weights
    inner join roles on weights.parent_id = roles.score_key
    inner join numbers on weights.child_id = numbers.id
    where weights.weight_kind = 'role'

),

-- A group without any figure is the middle.
role_scores as (

    select
        group_values.model_number,
        role_weights.role_id,
        group_values.draw,
        {{ exact_sum('role_weights.weight * (group_values.value - 50.0)') }}
        + 50.0 * any_value(role_weights.total_weight) as score
    from group_values
    inner join role_weights on group_values.parent_number = role_weights.group_number
    group by group_values.model_number, role_weights.role_id, group_values.draw

),

ranked as (

    select
        *,
        cast(rank() over (
            partition by role_id, draw order by round(score, 6) desc
        ) as integer) as rank
    from role_scores

),

final as (

    select
        leading_models.canonical_id,
        ranked.role_id,
        list(ranked.score order by ranked.draw) as scores,
        list(ranked.rank order by ranked.draw) as ranks
    from ranked
    inner join leading_models on ranked.model_number = leading_models.model_number
    group by leading_models.canonical_id, ranked.role_id

)

select * from final
