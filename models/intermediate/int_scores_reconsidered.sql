with leading_models as (

    select * from {{ ref('int_leading_models') }}

),

ids as (

    select * from {{ ref('int_weighted_ids') }}

),

discounted as (

    select * from {{ ref('int_measurements_discounted') }}

),

measurements as (

    select * from discounted
    where canonical_id in (select leading_models.canonical_id from leading_models)

),

metrics as (

    select * from {{ ref('stg_config__metrics') }}

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

thresholds as (

    select max(value) filter (where threshold_id = 'robustness_sigma') as robustness_sigma
    from {{ ref('thresholds') }}

),

figures as (

    select measurements.*
    from measurements
    where measurements.metric_id in (select weights.child_id from weights)

),

scenario_keys as (

    select distinct
        'family' as scenario_kind,
        families.family as scenario_key
    from families
    inner join figures on families.metric_id = figures.metric_id
    union all
    select distinct
        'metric' as scenario_kind,
        metric_id as scenario_key
    from figures
    union all
    select distinct
        'model' as scenario_kind,
        canonical_id as scenario_key
    from figures
    -- With some models out of sight the bounds without one would be wrong; and of so many, one
    -- hardly moves a bound.
    where
        (select count(*) from leading_models)
        = (select count(distinct discounted.canonical_id) from discounted)
    union all
    select
        'weights' as scenario_kind,
        cast(range as varchar) as scenario_key
    from range({{ var('robustness_draws') }})

),

scenarios as (

    select
        scenario_kind,
        scenario_key,
        cast(row_number() over (order by scenario_kind, scenario_key) as integer) as scenario
    from scenario_keys

),

-- What a weight is multiplied by in a scenario: nothing of what is left out, all of the rest.
factors as (

    select
        weights.weight_kind,
        weights.parent_id,
        weights.child_id,
        scenarios.scenario,
        scenarios.scenario_kind,
        case
            when scenarios.scenario_kind = 'weights' then md5_number(concat_ws(
                '|', {{ var('uncertainty_seed') }}, 'weight', weights.parent_id, weights.child_id,
                scenarios.scenario_key
            ))
        end as digest,
        case scenarios.scenario_kind
            when 'weights'
                then exp(thresholds.robustness_sigma * {{ drawn_normal(
                    drawn_uniform('digest', 0), drawn_uniform('digest', 1)
                ) }})
            when 'family'
                then cast(families.family is distinct from scenarios.scenario_key as double)
            when 'metric'
                then cast(weights.child_id is distinct from scenarios.scenario_key as double)
            else 1.0
        end as factor
    from weights
    cross join scenarios
    cross join thresholds
    left join families on weights.child_id = families.metric_id

),

-- A composite counts as much as is left of its inputs.
composite_factors as (

    select
        factors.parent_id as metric_id,
        factors.scenario,
        {{ exact_sum('weights.weight * factors.factor') }} / {{ exact_sum('weights.weight') }}
            as factor
    from factors
    inner join weights
        on
            factors.weight_kind = weights.weight_kind
            and factors.parent_id = weights.parent_id
            and factors.child_id = weights.child_id
    where factors.weight_kind = 'composite' and factors.scenario_kind in ('family', 'metric')
    group by factors.parent_id, factors.scenario

),

scenario_weights as (

    select
        weights.weight_kind,
        weights.parent_id,
        weights.child_id,
        factors.scenario,
        factors.scenario_kind,
        weights.weight * coalesce(composite_factors.factor, factors.factor) as weight
    from weights
    inner join factors
        on
            weights.weight_kind = factors.weight_kind
            and weights.parent_id = factors.parent_id
            and weights.child_id = factors.child_id
    left join composite_factors
        on
            weights.child_id = composite_factors.metric_id
            and factors.scenario = composite_factors.scenario
            and weights.weight_kind = 'group'

),

-- Bounds without one model; figures taken over from it stay, as they are its siblings' now.
left_baselines as (

    select
        scenarios.scenario,
        scenarios.scenario_key,
        figures.metric_id,
        metrics.transform,
        count(*) filter (where figures.evidence_class = 'direct') as direct_count
    from scenarios
    inner join figures on scenarios.scenario_key != figures.canonical_id
    inner join metrics on figures.metric_id = metrics.metric_id
    where scenarios.scenario_kind = 'model'
    group by scenarios.scenario, scenarios.scenario_key, figures.metric_id, metrics.transform

),

left_bounds as (

    select
        left_baselines.scenario,
        left_baselines.scenario_key,
        left_baselines.metric_id,
        count(*) as baseline_count,
        case
            when left_baselines.transform = 'tail_penalty' and baseline_count >= 20
                then quantile_cont(figures.transformed_value, 0.02)
            when left_baselines.transform = 'tail_penalty' then min(figures.transformed_value)
            when left_baselines.transform = 'percentile'
                then quantile_cont(figures.transformed_value, 0.05)
        end as lower_bound,
        case
            when left_baselines.transform = 'tail_penalty' and baseline_count >= 20
                then quantile_cont(figures.transformed_value, 0.98)
            when left_baselines.transform = 'tail_penalty' then max(figures.transformed_value)
            when left_baselines.transform = 'percentile'
                then quantile_cont(figures.transformed_value, 0.95)
        end as upper_bound
    from left_baselines
    inner join figures
        on
            left_baselines.metric_id = figures.metric_id
            and left_baselines.scenario_key != figures.canonical_id
            and (left_baselines.direct_count < 2 or figures.evidence_class = 'direct')
    group by
        left_baselines.scenario, left_baselines.scenario_key, left_baselines.metric_id,
        left_baselines.transform

),

left_places as (

    select
        left_bounds.scenario,
        figures.canonical_id,
        figures.metric_id,
        figures.value,
        figures.transformed_value,
        figures.discount_share,
        metrics.transform,
        {{ position_between(
            'figures.transformed_value', 'left_bounds.lower_bound', 'left_bounds.upper_bound',
            'metrics.higher_better',
        ) }} as position_share
    from left_bounds
    inner join figures
        on
            left_bounds.metric_id = figures.metric_id
            and left_bounds.scenario_key != figures.canonical_id
    inner join metrics on figures.metric_id = metrics.metric_id

),

left_values as (

    select
        scenario,
        canonical_id,
        metric_id,
        case
            when transform = 'as_score' then value
            else
                case
                    when position_share is null then 50.0
                    when transform = 'percentile' then 100.0 * position_share
                    when transform = 'tail_penalty' then {{ tail_penalty('position_share') }}
                end * (1.0 - discount_share) + 50.0 * discount_share
        end as value
    from left_places

),

numbered_figures as (

    select
        leading_models.model_number,
        ids.id_number as metric_number,
        figures.value
    from figures
    inner join leading_models on figures.canonical_id = leading_models.canonical_id
    inner join ids on figures.metric_id = ids.id

),

numbered_weights as (

    select
        scenario_weights.weight_kind,
        parents.id_number as parent_number,
        children.id_number as metric_number,
        scenario_weights.scenario,
        scenario_weights.scenario_kind,
        scenario_weights.weight
    from scenario_weights
    inner join ids as parents on scenario_weights.parent_id = parents.id
    inner join ids as children on scenario_weights.child_id = children.id
    where scenario_weights.weight_kind != 'role'

),

members as (

    select distinct
        parent_number,
        metric_number,
        weight_kind
    from numbered_weights

),

parents as (

    select distinct
        parent_number,
        weight_kind
    from members

),

-- What stays the same in many scenarios is taken together: the weights of a scenario as a list, the
-- figures of a model as another one in the same order, with 0 in place of what is missing.
weight_lists as (

    select
        parent_number,
        scenario,
        list(weight order by metric_number) as weights
    from numbered_weights
    where scenario_kind != 'model'
    group by parent_number, scenario

),

figure_lists as (

    select
        leading_models.model_number,
        members.parent_number,
        list(
            case when numbered_figures.value is null then 0.0 else 1.0 end
            order by members.metric_number
        ) as presences,
        list(coalesce(numbered_figures.value, 0.0) order by members.metric_number) as figure_values
    from leading_models
    cross join members
    left join numbered_figures
        on
            leading_models.model_number = numbered_figures.model_number
            and members.metric_number = numbered_figures.metric_number
    group by leading_models.model_number, members.parent_number

),

-- One pass over the figures for composites and groups; what composites add to groups comes later.
weighted_sums as (

    select
        figure_lists.model_number,
        figure_lists.parent_number,
        weight_lists.scenario,
        list_dot_product(weight_lists.weights, figure_lists.presences) as present_weight,
        list_dot_product(weight_lists.weights, figure_lists.figure_values) as weighted_value
    from weight_lists
    inner join figure_lists on weight_lists.parent_number = figure_lists.parent_number
    where list_dot_product(weight_lists.weights, figure_lists.presences) > 0
    union all
    select
        leading_models.model_number,
        numbered_weights.parent_number,
        numbered_weights.scenario,
        {{ exact_sum('numbered_weights.weight') }} as present_weight,
        {{ exact_sum('numbered_weights.weight * left_values.value') }} as weighted_value
    from left_values
    inner join leading_models on left_values.canonical_id = leading_models.canonical_id
    inner join ids on left_values.metric_id = ids.id
    inner join numbered_weights
        on
            ids.id_number = numbered_weights.metric_number
            and left_values.scenario = numbered_weights.scenario
    group by
        leading_models.model_number, numbered_weights.parent_number, numbered_weights.scenario

),

scenario_totals as (

    select
        parent_number,
        scenario,
        {{ exact_sum('weight') }} as total_weight
    from numbered_weights
    group by parent_number, scenario

),

{{ group_values('numbered_weights', 'scenario_totals', 'scenario') }},

-- Weights of roles are drawn, too, and then divided by their sum.
role_weights as (

    select
        roles.role_id,
        ids.id_number as group_number,
        scenario_weights.scenario,
        scenario_weights.weight
        / {{ exact_sum(
            'scenario_weights.weight',
            'over (partition by scenario_weights.parent_id, scenario_weights.scenario)',
        ) }} as weight
    from scenario_weights
    inner join roles on scenario_weights.parent_id = roles.score_key
    inner join ids on scenario_weights.child_id = ids.id
    where scenario_weights.weight_kind = 'role'

),

-- A group without any figure is the middle.
scores as (

    select
        group_values.model_number,
        role_weights.role_id,
        group_values.scenario,
        50.0 + {{ exact_sum('role_weights.weight * (group_values.value - 50.0)') }} as score
    from group_values
    inner join role_weights
        on
            group_values.parent_number = role_weights.group_number
            and group_values.scenario = role_weights.scenario
    group by group_values.model_number, role_weights.role_id, group_values.scenario

),

final as (

    select
        scenarios.scenario,
        scenarios.scenario_kind,
        scenarios.scenario_key,
        leading_models.canonical_id,
        scores.role_id,
        scores.score,
        cast(rank() over (
            partition by scores.scenario, scores.role_id order by round(scores.score, 6) desc
        ) as integer) as rank
    from scores
    inner join scenarios on scores.scenario = scenarios.scenario
    inner join leading_models on scores.model_number = leading_models.model_number

)

select * from final
