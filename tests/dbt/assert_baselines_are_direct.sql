-- With two direct figures or more a metric is scored between bounds of direct figures only; with
-- fewer, of all present ones. The bounds are recomputed here from sorted lists.
with measurements as (

    select * from {{ ref('int_measurements_transformed') }}

),

metrics as (

    select * from {{ ref('stg_config__metrics') }}

),

counts as (

    select
        metrics.metric_id,
        metrics.transform,
        count(*) filter (where measurements.evidence_class = 'direct') as direct_count
    from metrics
    left join measurements on metrics.metric_id = measurements.metric_id
    group by metrics.metric_id, metrics.transform

),

populations as (

    select
        counts.metric_id,
        counts.transform,
        case when counts.direct_count >= 2 then 'direct' else 'all present' end as basis,
        coalesce(
            list(measurements.transformed_value order by measurements.transformed_value)
            filter (where measurements.transformed_value is not null), []
        ) as figures
    from counts
    left join measurements
        on
            counts.metric_id = measurements.metric_id
            and (counts.direct_count < 2 or measurements.evidence_class = 'direct')
    group by counts.metric_id, counts.transform, counts.direct_count

),

places as (

    select
        *,
        case
            when transform = 'percentile' then 0.05
            when transform = 'tail_penalty' and len(figures) >= 20 then 0.02
            when transform = 'tail_penalty' then 0.0
        end * (len(figures) - 1) as place
    from populations

),

-- A place between two figures takes its share of the distance between them.
expected as (

    select
        *,
        cast(floor(place) as integer) as low,
        cast(ceil(place) as integer) as high,
        figures[low + 1] + (place - low) * (figures[high + 1] - figures[low + 1]) as lower_bound,
        figures[-low - 1] + (place - low) * (figures[-high - 1] - figures[-low - 1]) as upper_bound
    from places

)

select
    expected.metric_id,
    expected.basis as expected_basis,
    bounds.baseline_basis,
    len(expected.figures) as expected_count,
    bounds.baseline_count,
    expected.lower_bound as expected_lower_bound,
    bounds.lower_bound,
    expected.upper_bound as expected_upper_bound,
    bounds.upper_bound
from expected
full outer join {{ ref('int_metric_bounds') }} as bounds
    on expected.metric_id = bounds.metric_id
where
    expected.basis is distinct from bounds.baseline_basis
    or len(expected.figures) is distinct from bounds.baseline_count
    or (expected.lower_bound is null) != (bounds.lower_bound is null)
    or (expected.upper_bound is null) != (bounds.upper_bound is null)
    or abs(expected.lower_bound - bounds.lower_bound) > 1e-9 * greatest(abs(bounds.lower_bound), 1)
    or abs(expected.upper_bound - bounds.upper_bound) > 1e-9 * greatest(abs(bounds.upper_bound), 1)
