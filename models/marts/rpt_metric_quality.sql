with metrics as (

    select * from {{ ref('dim_metrics') }}

),

measurements as (

    select * from {{ ref('fct_measurements') }}
    where is_present and evidence_class != 'synthesised'

),

errors as (

    select * from {{ ref('int_standard_errors') }}

),

weights as (

    select * from {{ ref('int_weights') }}
    where weight > 0

),

left_out as (

    select * from {{ ref('fct_leave_one_out') }}
    where left_out_kind = 'metric'

),

models as (

    select * from {{ ref('dim_models') }}
    where is_active

),

sources as (

    select * from {{ ref('dim_sources') }}

),

runs as (

    select * from {{ ref('dim_runs') }}

),

offsets as (

    select * from {{ ref('int_reported_offsets') }}

),

thresholds as (

    {{ threshold_columns([
        'quality_minimum_models', 'quality_duplicate_correlation', 'quality_saturated_errors',
        'ceiling_minimum_values', 'ceiling_saturated_share'
    ]) }}

),

weighted as (

    select distinct child_id as metric_id
    from weights
    where child_id in (select measurements.metric_id from measurements)

),

-- What the rest of the board thinks of a model: its mean score without the metric.
without_it as (

    select
        left_out_id as metric_id,
        canonical_id,
        avg(score order by role_id) as rest_score
    from left_out
    group by left_out_id, canonical_id

),

judged as (

    select
        measurements.metric_id,
        measurements.normalised_value,
        without_it.rest_score
    from measurements
    inner join without_it
        on
            measurements.metric_id = without_it.metric_id
            and measurements.canonical_id = without_it.canonical_id

),

agreeing as (

    select
        mine.metric_id,
        sum(
            sign(mine.normalised_value - other.normalised_value)
            * sign(mine.rest_score - other.rest_score)
        ) as same_order,
        sum(abs(sign(mine.normalised_value - other.normalised_value))) as apart_here,
        sum(abs(sign(mine.rest_score - other.rest_score))) as apart_there
    from judged as mine
    inner join judged as other on mine.metric_id = other.metric_id
    group by mine.metric_id

),

-- All that are scored without single metrics: of a large board those that lead.
compared as (

    select
        measurements.metric_id,
        measurements.canonical_id,
        measurements.normalised_value
    from measurements
    inner join weighted on measurements.metric_id = weighted.metric_id
    where measurements.canonical_id in (select left_out.canonical_id from left_out)

),

paired as (

    select
        mine.metric_id,
        other.metric_id as other_id,
        abs(corr(
            mine.normalised_value, other.normalised_value order by mine.canonical_id
        )) as strength
    from compared as mine
    inner join compared as other
        on mine.canonical_id = other.canonical_id and mine.metric_id != other.metric_id
    group by mine.metric_id, other.metric_id
    having count(*) >= (select thresholds.quality_minimum_models from thresholds)

),

closest as (

    select
        metric_id,
        max(strength) as nearest_correlation,
        arg_min(other_id, (-strength, other_id)) as nearest_metric_id
    from paired
    where isfinite(strength)
    group by metric_id

),

placed as (

    select
        measurements.metric_id,
        measurements.raw_value,
        errors.sampling_error,
        row_number() over (
            partition by measurements.metric_id
            order by measurements.normalised_value desc, measurements.canonical_id asc
        ) as place
    from measurements
    inner join errors
        on
            measurements.canonical_id = errors.canonical_id
            and measurements.metric_id = errors.metric_id

),

-- How far the first five are apart, in errors of one of them.
separated as (

    select
        metric_id,
        (max(raw_value) - min(raw_value)) / nullif(median(sampling_error), 0) as top_five_errors
    from placed
    where place <= 5
    group by metric_id
    having count(sampling_error) = 5

),

covered as (

    select
        measurements.metric_id,
        count(*) as n_models,
        max(sources.content_changed_at) as content_changed_at,
        count(*) filter (where measurements.normalised_value = 100.0) / count(*) as ceiling_share,
        count(*) filter (where measurements.normalised_value = 0.0) / count(*) as floor_share
    from measurements
    left join sources on measurements.source_id = sources.source_id
    group by measurements.metric_id

),

final as (

    select
        metrics.metric_id,
        coalesce(covered.n_models, 0) as n_models,
        coalesce(covered.n_models, 0) / (select count(*) from models) as covered_share,
        case
            when covered.n_models >= thresholds.quality_minimum_models
                then
                    agreeing.same_order
                    / nullif(sqrt(agreeing.apart_here * agreeing.apart_there), 0)
        end as kendall_tau,
        closest.nearest_metric_id,
        closest.nearest_correlation,
        coalesce(closest.nearest_correlation > thresholds.quality_duplicate_correlation, false)
            as is_near_duplicate,
        separated.top_five_errors,
        case
            when covered.n_models >= thresholds.ceiling_minimum_values then covered.ceiling_share
        end as ceiling_share,
        case
            when covered.n_models >= thresholds.ceiling_minimum_values then covered.floor_share
        end as floor_share,
        -- Either is enough to say so; both are needed to say that it is not.
        case
            when
                separated.top_five_errors < thresholds.quality_saturated_errors
                or covered.n_models >= thresholds.ceiling_minimum_values
                and covered.ceiling_share >= thresholds.ceiling_saturated_share
                then true
            when separated.top_five_errors is not null then false
        end as is_saturated,
        offsets.n_reported as n_reported_compared,
        offsets.n_direct as n_direct_compared,
        offsets.reported_offset,
        offsets.offset_error as reported_offset_error,
        coalesce(offsets.is_not_comparable, false) as is_reported_not_comparable,
        date_diff('day', covered.content_changed_at, runs.generated_at) as content_age_days
    from metrics
    left join covered on metrics.metric_id = covered.metric_id
    left join agreeing on metrics.metric_id = agreeing.metric_id
    left join closest on metrics.metric_id = closest.metric_id
    left join separated on metrics.metric_id = separated.metric_id
    left join offsets on metrics.metric_id = offsets.metric_id
    cross join runs
    cross join thresholds
    where metrics.metric_kind != 'composite'

)

select * from final
