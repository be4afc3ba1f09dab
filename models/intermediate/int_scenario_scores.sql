with scenarios as (select * from {{ ref('int_scenarios') }}),

figures as (select * from {{ ref('int_scenario_figures') }}),

weights as (select * from {{ ref('int_scenario_weights') }}),

leading_models as (select * from {{ ref('int_leading_models') }}),

weighted_ids as (select * from {{ ref('int_weighted_ids') }}),

roles as (select * from {{ ref('roles') }}),

settings as (select * from {{ ref('stg_config__settings') }}),

numbered_weights as (

    select
        weights.scenario as weights_scenario,
        weights.weight_kind,
        parents.id_number as parent_number,
        children.id_number as child_number,
        weights.weight
    from weights
    inner join weighted_ids as parents on weights.parent_id = parents.id
    inner join weighted_ids as children on weights.child_id = children.id

),

scenario_totals as (

    select
        weights_scenario,
        parent_number,
        {{ exact_sum('weight') }} as total_weight
    from numbered_weights
    group by weights_scenario, parent_number

),

-- Every weight of a figure in every scenario.
weighted_figures as (

    select
        scenarios.scenario,
        figures.model_number,
        numbered_weights.weight_kind,
        numbered_weights.parent_number,
        numbered_weights.weight,
        figures.value
    from scenarios
    inner join figures on scenarios.figures_scenario = figures.scenario
    inner join numbered_weights
        on
            scenarios.weights_scenario = numbered_weights.weights_scenario
            and figures.metric_number = numbered_weights.child_number

),

composite_sums as (

    {{ weighted_sums('weighted_figures', 'composite', 'scenarios', 'scenario_totals') }}

),

composites as (

    {{ shrunk_averages('composite_sums', 'settings') }}

),

group_inputs as (

    select * from weighted_figures
    union all
    select
        composites.scenario,
        composites.model_number,
        numbered_weights.weight_kind,
        numbered_weights.parent_number,
        numbered_weights.weight,
        composites.value
    from composites
    inner join numbered_weights
        on
            composites.weights_scenario = numbered_weights.weights_scenario
            and composites.parent_number = numbered_weights.child_number

),

group_sums as (

    {{ weighted_sums('group_inputs', 'group', 'scenarios', 'scenario_totals') }}

),

group_values as (

    {{ shrunk_averages('group_sums', 'settings') }}

),

-- Above the middle, where a group without any figure is; a model without any in a role has no row.
role_sums as (

    select
        group_values.scenario,
        group_values.model_number,
        numbered_weights.parent_number,
        {{ exact_sum('numbered_weights.weight * (group_values.value - 50.0)') }} as excess
    from group_values
    inner join numbered_weights
        on
            group_values.weights_scenario = numbered_weights.weights_scenario
            and group_values.parent_number = numbered_weights.child_number
    group by group_values.scenario, group_values.model_number, numbered_weights.parent_number

),

role_scores as (

    select
        scenarios.scenario,
        scenarios.scenario_kind,
        scenarios.scenario_id,
        scenarios.draw,
        leading_models.canonical_id,
        roles.role_id,
        {{ clipped('50.0 * scenario_totals.total_weight + role_sums.excess') }} as score
    from role_sums
    inner join scenarios on role_sums.scenario = scenarios.scenario
    inner join leading_models on role_sums.model_number = leading_models.model_number
    inner join weighted_ids on role_sums.parent_number = weighted_ids.id_number
    inner join roles on weighted_ids.id = roles.score_key
    inner join scenario_totals
        on
            scenarios.weights_scenario = scenario_totals.weights_scenario
            and role_sums.parent_number = scenario_totals.parent_number

),

model_count as (

    select count(*) as n_models from leading_models

),

-- Published, a model without any figure in a role stands at 50 there, before whoever is below.
final as (

    select
        role_scores.*,
        cast(
            {{ shared_rank('role_scores.score', 'role_scores.scenario, role_scores.role_id') }}
            + case
                when round(role_scores.score, 6) < 50.0
                    then
                        model_count.n_models
                        - case when role_scores.scenario_kind = 'model' then 1 else 0 end
                        - count(*) over (partition by role_scores.scenario, role_scores.role_id)
                else 0
            end as integer
        ) as rank
    from role_scores
    cross join model_count

)

select * from final
