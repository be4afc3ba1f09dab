with scenarios as (

    select * from {{ ref('int_scenarios') }}
    where figures_scenario = scenario

),

leading_models as (select * from {{ ref('int_leading_models') }}),

weighted_ids as (select * from {{ ref('int_weighted_ids') }}),

measurements as (select * from {{ ref('int_measurements_discounted') }}),

metrics as (select * from {{ ref('stg_config__metrics') }}),

bounds as (select * from {{ ref('int_scenario_bounds') }}),

errors as (select * from {{ ref('int_standard_errors') }}),

noise as (select * from {{ ref('int_drawn_noise') }}),

figures as (

    select
        leading_models.model_number,
        weighted_ids.id_number as metric_number,
        leading_models.canonical_id,
        metrics.metric_id,
        metrics.transform,
        metrics.higher_better,
        metrics.log_scale,
        measurements.evidence_class,
        measurements.raw_value,
        measurements.transformed_value,
        measurements.discount_share
    from measurements
    inner join leading_models on measurements.canonical_id = leading_models.canonical_id
    inner join weighted_ids on measurements.metric_id = weighted_ids.id
    inner join metrics on measurements.metric_id = metrics.metric_id

),

draws as (

    select * from scenarios
    where scenario_kind = 'draw'

),

figures_with_errors as (

    select
        figures.*,
        bounds.lower_bound,
        bounds.upper_bound,
        errors.origin_id,
        errors.sampling_error,
        errors.evidence_error,
        errors.shared_share
    from figures
    inner join bounds on figures.metric_id = bounds.metric_id and bounds.scenario = 0
    left join errors
        on
            figures.canonical_id = errors.canonical_id
            and figures.metric_id = errors.metric_id

),

drawn_figures as (

    {{ drawn_figures('figures_with_errors', 'noise', 'draws') }}

),

scenario_figures as (

    -- Figures taken over from a model that is left out stay, as they are its siblings' now.
    select
        scenarios.scenario,
        figures.model_number,
        figures.metric_number,
        figures.transform,
        figures.higher_better,
        figures.discount_share,
        figures.transformed_value,
        bounds.lower_bound,
        bounds.upper_bound,
        0.0 as evidence_noise
    from scenarios
    inner join bounds on scenarios.scenario = bounds.scenario
    inner join figures
        on
            bounds.metric_id = figures.metric_id
            and scenarios.scenario_id is distinct from figures.canonical_id
    where
        scenarios.scenario_kind in ('published', 'model')
        or (
            scenarios.scenario_kind = 'evidence'
            and {{ counts_as_evidence('scenarios.scenario_id', 'figures.evidence_class') }}
        )
    union all
    select
        scenario,
        model_number,
        metric_number,
        transform,
        higher_better,
        discount_share,
        transformed_value,
        lower_bound,
        upper_bound,
        evidence_noise
    from drawn_figures

),

placed as (

    select
        *,
        {{ position_between('transformed_value', 'lower_bound', 'upper_bound', 'higher_better') }}
            as position_share
    from scenario_figures

),

final as (

    select
        scenario,
        model_number,
        metric_number,
        {{ drawn_points() }} as value
    from placed

)

select * from final
