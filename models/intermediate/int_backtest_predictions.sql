with scenarios as (

    select * from {{ ref('int_backtest_scenarios') }}

),

figures as (

    select * from {{ ref('int_backtest_figures') }}
    where evidence_class != 'synthesised'

),

scores as (

    select * from {{ ref('int_backtest_scores') }}

),

weights as (

    select * from {{ ref('int_role_weights') }}
    where role_id != 'balanced'

),

refits as (

    select * from {{ ref('int_latent_refits') }}

),

board_cells as (

    select * from {{ ref('int_latent_cells') }}

),

errors as (

    select * from {{ ref('int_standard_errors') }}

),

-- What is left of a model in each of its scenarios.
kept_models as (

    select distinct
        canonical_id,
        scenario_kind,
        scenario_id
    from scenarios

),

cells as (

    select
        concat_ws('|', figures.scenario_kind, figures.scenario_id, figures.canonical_id) as fit_id,
        board_cells.canonical_id,
        board_cells.metric_id,
        board_cells.value
    from figures
    inner join board_cells
        on
            figures.canonical_id = board_cells.canonical_id
            and figures.metric_id = board_cells.metric_id

),

parameters as (

    select
        concat_ws('|', kept_models.scenario_kind, kept_models.scenario_id, kept_models.canonical_id)
            as fit_id,
        kept_models.scenario_kind,
        kept_models.scenario_id,
        refits.*
    from kept_models
    inner join refits on kept_models.canonical_id = refits.canonical_id

),

abilities as (

    {{ latent_abilities('cells', 'parameters') }}

),

-- Every weighted metric of a role in a scenario: its own value, or what is predicted.
weighted as (

    select
        scenarios.canonical_id,
        scenarios.role_id,
        scenarios.scenario_kind,
        scenarios.scenario_id,
        weights.metric_class,
        weights.weight,
        figures.value as own_value,
        figures.canonical_id is null and weights.metric_class = 'capability' as is_predicted,
        parameters.slope,
        parameters.variance,
        coalesce(abilities.ability_variance, 1.0) as ability_variance,
        case
            when figures.canonical_id is not null then figures.value
            when weights.metric_class != 'capability' then 50.0
            else least(greatest(
                parameters.level + parameters.slope * coalesce(abilities.ability, 0.0), 0.0
            ), 100.0)
        end as value,
        pow(coalesce(errors.sampling_points, 0.0), 2) + pow(coalesce(errors.evidence_error, 0.0), 2)
            as own_variance
    from scenarios
    inner join weights on scenarios.role_id = weights.role_id
    left join figures
        on
            scenarios.canonical_id = figures.canonical_id
            and scenarios.scenario_kind = figures.scenario_kind
            and scenarios.scenario_id = figures.scenario_id
            and weights.metric_id = figures.metric_id
    left join parameters
        on
            scenarios.canonical_id = parameters.canonical_id
            and scenarios.scenario_kind = parameters.scenario_kind
            and scenarios.scenario_id = parameters.scenario_id
            and weights.metric_id = parameters.metric_id
    left join abilities
        on
            scenarios.canonical_id = abilities.canonical_id
            and concat_ws(
                '|', scenarios.scenario_kind, scenarios.scenario_id, scenarios.canonical_id
            )
            = abilities.fit_id
    left join errors
        on
            figures.canonical_id = errors.canonical_id
            and figures.metric_id = errors.metric_id

),

sums as (

    select
        canonical_id,
        role_id,
        scenario_kind,
        scenario_id,
        {{ exact_sum(
            "case when own_value is not null and metric_class = 'capability' then weight * own_value"
            ~ " else 0.0 end"
        ) }} / nullif({{ exact_sum(
            "case when own_value is not null and metric_class = 'capability' then weight else 0.0 end"
        ) }}, 0.0) as present_mean,
        {{ exact_sum('weight * (value - 50.0)') }} + 50.0 as expected_score,
        sqrt(
            max(ability_variance)
            * pow({{ exact_sum('case when is_predicted then weight * slope else 0.0 end') }}, 2)
            + {{ exact_sum(
                'weight * weight * case when is_predicted then variance else own_variance end'
            ) }}
        ) as expected_error
    from weighted
    group by canonical_id, role_id, scenario_kind, scenario_id

),

final as (

    select
        scenarios.canonical_id,
        scenarios.role_id,
        scenarios.scenario_kind,
        scenarios.scenario_id,
        scenarios.left_share,
        scores.predictor,
        scores.score as predicted_score,
        null as predicted_error
    from scenarios
    inner join scores
        on
            scenarios.canonical_id = scores.canonical_id
            and scenarios.role_id = scores.role_id
            and scenarios.scenario_kind = scores.scenario_kind
            and scenarios.scenario_id = scores.scenario_id
    union all
    select
        scenarios.canonical_id,
        scenarios.role_id,
        scenarios.scenario_kind,
        scenarios.scenario_id,
        scenarios.left_share,
        'mean of what is present' as predictor,
        coalesce(sums.present_mean, 50.0) as predicted_score,
        null as predicted_error
    from scenarios
    inner join sums
        on
            scenarios.canonical_id = sums.canonical_id
            and scenarios.role_id = sums.role_id
            and scenarios.scenario_kind = sums.scenario_kind
            and scenarios.scenario_id = sums.scenario_id
    union all
    select
        scenarios.canonical_id,
        scenarios.role_id,
        scenarios.scenario_kind,
        scenarios.scenario_id,
        scenarios.left_share,
        'expected' as predictor,
        least(greatest(sums.expected_score, 0.0), 100.0) as predicted_score,
        sums.expected_error as predicted_error
    from scenarios
    inner join sums
        on
            scenarios.canonical_id = sums.canonical_id
            and scenarios.role_id = sums.role_id
            and scenarios.scenario_kind = sums.scenario_kind
            and scenarios.scenario_id = sums.scenario_id
    where exists (select 1 from refits)

)

select * from final
