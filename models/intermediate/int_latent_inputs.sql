with recursive
measurements as (

    select * from {{ ref('int_measurements_normalised') }}
    where evidence_class in ('direct', 'reported')

),

metrics as (

    -- The order of the seed decides which of two equal metrics stays.
    select
        *,
        row_number() over () as seed_order
    from {{ ref('metrics') }}

),

bounds as (

    select * from {{ ref('int_metric_bounds') }}

),

declared as (

    select * from {{ ref('stg_config__metrics') }}

),

thresholds as (

    {{ threshold_columns(['latent_duplicate_correlation', 'quality_minimum_models']) }}

),

inputs as (

    select
        measurements.canonical_id,
        measurements.metric_id,
        measurements.evidence_class,
        measurements.normalised_value,
        declared.transform,
        -- Beyond the bounds, where points end.
        {{ unclipped_position(
            'measurements.transformed_value', 'bounds.lower_bound', 'bounds.upper_bound',
            'declared.higher_better',
        ) }} as position_share,
        metrics.seed_order
    from measurements
    inner join metrics on measurements.metric_id = metrics.metric_id
    inner join declared on measurements.metric_id = declared.metric_id
    inner join bounds on measurements.metric_id = bounds.metric_id
    where metrics.is_expected_input

),

correlated as (

    select
        later.metric_id,
        later.seed_order,
        earlier.metric_id as same_as,
        earlier.seed_order as same_order,
        corr(
            later.normalised_value, earlier.normalised_value order by later.canonical_id
        ) as pair_correlation
    from inputs as later
    inner join inputs as earlier
        on later.canonical_id = earlier.canonical_id and later.seed_order > earlier.seed_order
    group by later.metric_id, later.seed_order, earlier.metric_id, earlier.seed_order
    having count(*) >= (select thresholds.quality_minimum_models from thresholds)

),

duplicates as (

    select
        correlated.metric_id,
        correlated.same_as,
        correlated.same_order
    from correlated
    cross join thresholds
    -- Without a spread there is no correlation, and NaN counts as more than any number.
    where
        isfinite(correlated.pair_correlation)
        and correlated.pair_correlation >= thresholds.latent_duplicate_correlation

),

-- What is the same as something that is itself the same as an earlier one.
reached as (

    select * from duplicates
    union
    select
        reached.metric_id,
        duplicates.same_as,
        duplicates.same_order
    from reached
    inner join duplicates on reached.same_as = duplicates.metric_id

),

firsts as (

    select
        metric_id,
        arg_min(same_as, same_order) as fitted_metric_id
    from reached
    group by metric_id

),

final as (

    select
        inputs.canonical_id,
        inputs.metric_id,
        coalesce(firsts.fitted_metric_id, inputs.metric_id) as fitted_metric_id,
        inputs.evidence_class,
        inputs.normalised_value,
        case
            when inputs.position_share is null or inputs.transform = 'as_score'
                then inputs.normalised_value
            when inputs.transform = 'percentile' then 100.0 * inputs.position_share
            when inputs.transform = 'tail_penalty' then {{ tail_penalty('inputs.position_share') }}
        end as unclipped_value
    from inputs
    left join firsts on inputs.metric_id = firsts.metric_id

)

select * from final
