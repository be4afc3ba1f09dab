with recursive
board_cells as (

    select * from {{ ref('int_latent_cells') }}

),

settings as (

    {{ latent_settings() }}

),

thresholds as (

    {{ threshold_columns(['backtest_folds']) }}

),

folds as (

    select
        board_cells.canonical_id,
        dense_rank() over (order by board_cells.canonical_id)
        % cast(any_value(thresholds.backtest_folds) as bigint) as fold
    from board_cells
    cross join thresholds
    group by board_cells.canonical_id

),

-- Every fold's models are predicted from all the others.
cells as (

    select
        cast(fits.range as varchar) as fit_id,
        board_cells.canonical_id,
        board_cells.metric_id,
        board_cells.value
    from board_cells
    inner join folds on board_cells.canonical_id = folds.canonical_id
    cross join
        range((select cast(thresholds.backtest_folds as bigint) from thresholds)) as fits
    where folds.fold != fits.range

),

{{ latent_fits('cells') }},

slopes as (

    {{ common_slopes('latent_fits') }}

),

inputs as (

    select distinct
        metric_id,
        fitted_metric_id
    from {{ ref('int_latent_inputs') }}

),

metrics as (

    select * from {{ ref('metrics') }}
    where metric_class = 'capability'

),

final as (

    select
        folds.canonical_id,
        {{ parameters_of_metrics() }}
    from folds
    inner join slopes on cast(folds.fold as varchar) = slopes.fit_id
    cross join metrics
    cross join settings
    left join inputs on metrics.metric_id = inputs.metric_id
    left join latent_fits
        on
            slopes.fit_id = latent_fits.fit_id
            and coalesce(inputs.fitted_metric_id, metrics.metric_id) = latent_fits.metric_id

)

select * from final
