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

drawn as (

    select * from {{ ref('int_backtest_intervals') }}

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

thresholds as (

    {{ threshold_columns(['expected_error_factor']) }}

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
            else {{ expected_value('coalesce(abilities.ability, 0.0)') }}
        end as value,
        {{ own_variance('coalesce(abilities.ability_variance, 1.0)') }} as own_variance
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
        {{ expected_score() }} as expected_score,
        {{ expected_error() }} as expected_error
    from weighted
    group by canonical_id, role_id, scenario_kind, scenario_id

),

predicted as (

    select
        scores.predictor,
        scores.canonical_id,
        scores.role_id,
        scores.scenario_kind,
        scores.scenario_id,
        scores.score as predicted_score,
        cast(null as double) as predicted_error,
        case
            when drawn.scores is not null
                then {{ interval_bound('drawn.scores', 'p05', 'scores.score') }}
        end as predicted_p05,
        case
            when drawn.scores is not null
                then {{ interval_bound('drawn.scores', 'p95', 'scores.score') }}
        end as predicted_p95
    from scores
    left join drawn
        on
            scores.predictor = 'v1'
            and scores.canonical_id = drawn.canonical_id
            and scores.role_id = drawn.role_id
            and scores.scenario_kind = drawn.scenario_kind
            and scores.scenario_id = drawn.scenario_id
    union all by name
    select
        canonical_id,
        role_id,
        scenario_kind,
        scenario_id,
        'mean of what is present' as predictor,
        coalesce(present_mean, 50.0) as predicted_score
    from sums
    union all by name
    select
        sums.canonical_id,
        sums.role_id,
        sums.scenario_kind,
        sums.scenario_id,
        'expected' as predictor,
        {{ clipped('sums.expected_score') }} as predicted_score,
        sums.expected_error as predicted_error,
        {{ expected_bound('sums.expected_score', '-', 'sums.expected_error') }} as predicted_p05,
        {{ expected_bound('sums.expected_score', '+', 'sums.expected_error') }} as predicted_p95
    from sums
    cross join thresholds
    where exists (select 1 from refits)

),

final as (

    select
        scenarios.canonical_id,
        scenarios.role_id,
        scenarios.scenario_kind,
        scenarios.scenario_id,
        scenarios.left_share,
        predicted.predictor,
        predicted.predicted_score,
        predicted.predicted_error,
        predicted.predicted_p05,
        predicted.predicted_p95
    from scenarios
    inner join predicted
        on
            scenarios.canonical_id = predicted.canonical_id
            and scenarios.role_id = predicted.role_id
            and scenarios.scenario_kind = predicted.scenario_kind
            and scenarios.scenario_id = predicted.scenario_id

)

select * from final
