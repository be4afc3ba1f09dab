with recursive
inputs as (

    select * from {{ ref('int_latent_inputs') }}

),

settings as (

    {{ latent_settings() }}

),

thresholds as (

    {{ threshold_columns([
        'offset_minimum_reported', 'offset_minimum_direct', 'offset_minimum_others',
        'offset_warning_t'
    ]) }}

),

direct_cells as (

    select
        'direct' as fit_id,
        canonical_id,
        metric_id,
        normalised_value as value
    from inputs
    where evidence_class = 'direct' and metric_id = fitted_metric_id

),

{{ latent_fits('direct_cells') }},

-- Each own value of a metric beside the same model's direct values of other metrics.
others as (

    select
        inputs.canonical_id,
        inputs.metric_id,
        direct_cells.metric_id as other_metric_id,
        latent_fits.slope,
        latent_fits.level,
        latent_fits.variance,
        direct_cells.value
    from inputs
    inner join direct_cells
        on
            inputs.canonical_id = direct_cells.canonical_id
            and inputs.fitted_metric_id != direct_cells.metric_id
    inner join latent_fits on direct_cells.metric_id = latent_fits.metric_id

),

abilities as (

    select
        others.canonical_id,
        others.metric_id,
        {{ exact_wide_sum('others.slope * (others.value - others.level) / others.variance') }}
        / (1.0 + {{ exact_wide_sum('others.slope * others.slope / others.variance') }}) as ability
    from others
    group by others.canonical_id, others.metric_id
    having count(*) >= (select thresholds.offset_minimum_others from thresholds)

),

residuals as (

    select
        inputs.metric_id,
        inputs.evidence_class,
        inputs.unclipped_value - latent_fits.level - latent_fits.slope * abilities.ability
            as residual
    from inputs
    inner join abilities
        on
            inputs.canonical_id = abilities.canonical_id
            and inputs.metric_id = abilities.metric_id
    inner join latent_fits on inputs.fitted_metric_id = latent_fits.metric_id

),

means as (

    select
        metric_id,
        evidence_class,
        count(*) as n_values,
        {{ exact_wide_sum('residual') }} / count(*) as mean_residual
    from residuals
    group by metric_id, evidence_class

),

deviations as (

    select
        residuals.metric_id,
        {{ exact_wide_sum('pow(residuals.residual - means.mean_residual, 2)') }} as squares
    from residuals
    inner join means
        on
            residuals.metric_id = means.metric_id
            and residuals.evidence_class = means.evidence_class
    group by residuals.metric_id

),

compared as (

    select
        reported.metric_id,
        reported.n_values as n_reported,
        direct.n_values as n_direct,
        reported.mean_residual - direct.mean_residual as reported_offset,
        sqrt(
            deviations.squares / (reported.n_values + direct.n_values - 2)
            * (1.0 / reported.n_values + 1.0 / direct.n_values)
        ) as offset_error
    from means as reported
    inner join means as direct
        on reported.metric_id = direct.metric_id and direct.evidence_class = 'direct'
    inner join deviations on reported.metric_id = deviations.metric_id
    cross join thresholds
    where
        reported.evidence_class = 'reported'
        and reported.n_values >= thresholds.offset_minimum_reported
        and direct.n_values >= thresholds.offset_minimum_direct

),

final as (

    select
        compared.*,
        compared.reported_offset / nullif(compared.offset_error, 0.0) as offset_t,
        coalesce(offset_t > thresholds.offset_warning_t, false) as is_not_comparable
    from compared
    cross join thresholds

)

select * from final
