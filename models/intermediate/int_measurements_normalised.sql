with measurements as (

    select * from {{ ref('int_measurements_transformed') }}

),

bounds as (

    select * from {{ ref('int_metric_bounds') }}

),

metrics as (

    select * from {{ ref('stg_config__metrics') }}

),

placed as (

    select
        measurements.*,
        metrics.transform,
        metrics.higher_better,
        {{ position_between(
            'measurements.transformed_value', 'bounds.lower_bound', 'bounds.upper_bound',
            'metrics.higher_better',
        ) }} as position_share
    from measurements
    inner join bounds on measurements.metric_id = bounds.metric_id
    inner join metrics on measurements.metric_id = metrics.metric_id

),

final as (

    select
        * exclude (transform, higher_better, position_share),
        {{ points('transform', 'transformed_value', 'position_share', 'higher_better') }}
            as normalised_value
    from placed

)

select * from final
