-- What lies at the lower bound (p05 of a percentile metric) or below scores 0, at the upper bound
-- (p95) or above 100; the other way round where less is better; 50 where the bounds are the same.
with measurements as (

    select
        normalised.canonical_id,
        normalised.metric_id,
        metrics.transform,
        metrics.higher_better,
        bounds.lower_bound,
        bounds.upper_bound,
        normalised.transformed_value,
        normalised.normalised_value,
        case
            when bounds.upper_bound - bounds.lower_bound <= 1e-12 then 50.0
            when normalised.transformed_value <= bounds.lower_bound
                then case when metrics.higher_better then 0.0 else 100.0 end
            when normalised.transformed_value >= bounds.upper_bound
                then case when metrics.higher_better then 100.0 else 0.0 end
        end as expected_value
    from {{ ref('int_measurements_normalised') }} as normalised
    left join {{ ref('stg_config__metrics') }} as metrics
        on normalised.metric_id = metrics.metric_id
    left join {{ ref('int_metric_bounds') }} as bounds
        on normalised.metric_id = bounds.metric_id
    where metrics.transform in ('percentile', 'tail_penalty')

)

select
    *,
    case
        when lower_bound is null or upper_bound is null then 'a figure without bounds'
        else 'a figure at a bound is not at the end of the scale'
    end as problem
from measurements
where
    lower_bound is null
    or upper_bound is null
    or (expected_value is not null and abs(normalised_value - expected_value) > 1e-9)
