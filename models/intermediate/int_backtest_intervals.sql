with draws as (

    select * from {{ ref('int_scenarios') }}
    where scenario_kind = 'draw' and draw < {{ var('backtest_draws') | int }}

),

backtests as (select * from {{ ref('int_backtest_scenarios') }}),

left_figures as (select * from {{ ref('int_backtest_figures') }}),

errors as (select * from {{ ref('int_backtest_errors') }}),

noise as (select * from {{ ref('int_backtest_noise') }}),

all_weights as (select * from {{ ref('int_scenario_weights') }}),

role_weights as (

    select * from {{ ref('int_role_weights') }}
    where role_id != 'balanced' and metric_class = 'capability'

),

weighted_ids as (select * from {{ ref('int_weighted_ids') }}),

roles as (select * from {{ ref('roles') }}),

settings as (select * from {{ ref('stg_config__settings') }}),

missing_error as (

    select * from {{ ref('evidence_errors') }}
    where evidence_class = 'missing'

),

-- Every back-tested model in each of its back-tests is scored as one more model.
cases as (

    select distinct
        case_number,
        canonical_id,
        scenario_kind,
        scenario_id
    from errors

),

scenarios as (

    select
        scenario,
        scenario as figures_scenario,
        weights_scenario
    from draws

),

weights as (

    select all_weights.*
    from all_weights
    inner join scenarios on all_weights.scenario = scenarios.weights_scenario

),

drawn_figures as (

    {{ drawn_figures('errors', 'noise', 'draws') }}

),

placed as (

    select
        *,
        {{ position_between('transformed_value', 'lower_bound', 'upper_bound', 'higher_better') }}
            as position_share
    from drawn_figures

),

figures as (

    select
        scenario,
        case_number as model_number,
        metric_number,
        {{ drawn_points() }} as value
    from placed

),

{{ scenario_role_sums() }},

missing as (

    select
        cases.case_number,
        cases.canonical_id,
        role_weights.role_id,
        role_weights.metric_id,
        role_weights.weight
    from backtests
    inner join cases
        on
            backtests.canonical_id = cases.canonical_id
            and backtests.scenario_kind = cases.scenario_kind
            and backtests.scenario_id = cases.scenario_id
    inner join role_weights on backtests.role_id = role_weights.role_id
    left join left_figures
        on
            cases.canonical_id = left_figures.canonical_id
            and cases.scenario_kind = left_figures.scenario_kind
            and cases.scenario_id = left_figures.scenario_id
            and role_weights.metric_id = left_figures.metric_id
    where left_figures.canonical_id is null

),

gaps as (

    {{ drawn_gaps('missing', ['case_number', 'role_id'], 'noise', 'draws') }}

),

final as (

    select
        cases.canonical_id,
        roles.role_id,
        cases.scenario_kind,
        cases.scenario_id,
        list({{ score_of_sums(
            'scenario_totals.total_weight', 'role_sums.excess', 'gaps.points'
        ) }} order by role_sums.scenario) as scores
    from role_sums
    inner join scenarios on role_sums.scenario = scenarios.scenario
    inner join cases on role_sums.model_number = cases.case_number
    inner join weighted_ids on role_sums.parent_number = weighted_ids.id_number
    inner join roles on weighted_ids.id = roles.score_key
    inner join scenario_totals
        on
            scenarios.weights_scenario = scenario_totals.weights_scenario
            and role_sums.parent_number = scenario_totals.parent_number
    inner join backtests
        on
            cases.canonical_id = backtests.canonical_id
            and roles.role_id = backtests.role_id
            and cases.scenario_kind = backtests.scenario_kind
            and cases.scenario_id = backtests.scenario_id
    left join gaps
        on
            role_sums.scenario = gaps.scenario
            and role_sums.model_number = gaps.case_number
            and roles.role_id = gaps.role_id
    group by cases.canonical_id, roles.role_id, cases.scenario_kind, cases.scenario_id

)

select * from final
