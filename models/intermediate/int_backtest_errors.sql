with figures as (

    select * from {{ ref('int_backtest_figures') }}
    where {{ var('backtest_draws') | int }} > 0

),

borrowed as (select * from {{ ref('int_backtest_borrowed') }}),

measurements as (select * from {{ ref('int_measurements_discounted') }}),

errors as (select * from {{ ref('int_standard_errors') }}),

metrics as (select * from {{ ref('stg_config__metrics') }}),

bounds as (select * from {{ ref('int_metric_bounds') }}),

weighted_ids as (select * from {{ ref('int_weighted_ids') }}),

borrowed_error as (

    select * from {{ ref('evidence_errors') }}
    where evidence_class = 'synthesised'

),

-- Where a value comes from: the model itself, or for one that is hidden a sibling.
sources as (

    select
        figures.*,
        borrowed.discount_share as borrowed_discount_share,
        case when figures.is_hidden then borrowed.origin_id else figures.canonical_id end
            as measured_id
    from figures
    left join borrowed
        on
            figures.canonical_id = borrowed.canonical_id
            and figures.metric_id = borrowed.metric_id

),

final as (

    select
        sources.canonical_id,
        sources.scenario_kind,
        sources.scenario_id,
        sources.metric_id,
        dense_rank() over (
            order by sources.canonical_id, sources.scenario_kind, sources.scenario_id
        ) as case_number,
        weighted_ids.id_number as metric_number,
        metrics.transform,
        metrics.higher_better,
        metrics.log_scale,
        measurements.raw_value,
        measurements.transformed_value,
        case
            when sources.is_hidden then sources.borrowed_discount_share
            else measurements.discount_share
        end as discount_share,
        bounds.lower_bound,
        bounds.upper_bound,
        errors.origin_id,
        errors.sampling_error,
        case when sources.is_hidden then borrowed_error.error_points else errors.evidence_error end
            as evidence_error,
        case when sources.is_hidden then borrowed_error.shared_share else errors.shared_share end
            as shared_share
    from sources
    inner join measurements
        on
            sources.measured_id = measurements.canonical_id
            and sources.metric_id = measurements.metric_id
    inner join errors
        on
            sources.measured_id = errors.canonical_id
            and sources.metric_id = errors.metric_id
    inner join metrics on sources.metric_id = metrics.metric_id
    inner join bounds on sources.metric_id = bounds.metric_id
    inner join weighted_ids on sources.metric_id = weighted_ids.id
    cross join borrowed_error

)

select * from final
