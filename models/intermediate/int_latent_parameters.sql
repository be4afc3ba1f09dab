with recursive
cells as (

    select * from {{ ref('int_latent_cells') }}

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

settings as (

    {{ latent_settings() }}

),

{{ latent_fits('cells') }},

slopes as (

    {{ common_slopes('latent_fits') }}

),

final as (

    select
        {{ parameters_of_metrics() }}
    from metrics
    -- Without a fit there are no parameters at all.
    cross join slopes
    cross join settings
    left join inputs on metrics.metric_id = inputs.metric_id
    left join latent_fits
        on coalesce(inputs.fitted_metric_id, metrics.metric_id) = latent_fits.metric_id

)

select * from final
