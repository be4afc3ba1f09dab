with scenarios as (select * from {{ ref('int_scenarios') }}),

figures as (select * from {{ ref('int_scenario_figures') }}),

weights as (select * from {{ ref('int_scenario_weights') }}),

leading_models as (select * from {{ ref('int_leading_models') }}),

weighted_ids as (select * from {{ ref('int_weighted_ids') }}),

roles as (select * from {{ ref('roles') }}),

settings as (select * from {{ ref('stg_config__settings') }}),

gaps as (select * from {{ ref('int_drawn_gaps') }}),

{{ scenario_role_sums() }},

role_scores as (

    select
        scenarios.scenario,
        scenarios.scenario_kind,
        scenarios.scenario_id,
        scenarios.draw,
        leading_models.canonical_id,
        roles.role_id,
        {{ score_of_sums(
            'scenario_totals.total_weight', 'role_sums.excess', 'gaps.points'
        ) }} as score
    from role_sums
    inner join scenarios on role_sums.scenario = scenarios.scenario
    inner join leading_models on role_sums.model_number = leading_models.model_number
    inner join weighted_ids on role_sums.parent_number = weighted_ids.id_number
    inner join roles on weighted_ids.id = roles.score_key
    inner join scenario_totals
        on
            scenarios.weights_scenario = scenario_totals.weights_scenario
            and role_sums.parent_number = scenario_totals.parent_number
    left join gaps
        on
            role_sums.scenario = gaps.scenario
            and leading_models.canonical_id = gaps.canonical_id
            and roles.role_id = gaps.role_id

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
