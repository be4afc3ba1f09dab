{#
  One ability per model behind many benchmarks (Epoch's Capabilities Index is another such model):
  value = level + slope · ability + noise, with noise ~ N(0, variance) and ability ~ N(0, 1). Found by
  expectation and maximisation, in a fixed number of steps. docs/methodology.md explains it.
#}

{% macro latent_settings() -%}
    {#- The thresholds that the estimate follows, one row. -#}
    {{ threshold_columns([
        'latent_steps', 'latent_prior_level', 'latent_prior_slope', 'latent_prior_variance',
        'latent_prior_values', 'latent_start_variance', 'latent_minimum_models',
        'latent_minimum_metrics'
    ]) }}
{%- endmacro %}

{% macro latent_abilities(cells, parameters) -%}
    {#-
      Abilities and their variances from `cells` (fit_id, canonical_id, metric_id, value) and
      `parameters` (fit_id, metric_id, level, slope, variance): the step of expectation.
    -#}
    select
        cells.fit_id,
        cells.canonical_id,
        1.0 / (1.0 + {{ exact_wide_sum(
            'parameters.slope * parameters.slope / parameters.variance'
        ) }}) as ability_variance,
        ability_variance * {{ exact_wide_sum(
            'parameters.slope * (cells.value - parameters.level) / parameters.variance'
        ) }} as ability
    from {{ cells }} as cells
    inner join {{ parameters }} as parameters
        on cells.fit_id = parameters.fit_id and cells.metric_id = parameters.metric_id
    group by cells.fit_id, cells.canonical_id
{%- endmacro %}

{% macro latent_lines(cells, abilities, slopes) -%}
    {#-
      The step of maximisation, by least squares: one value more at the prior level, and a slope drawn
      to the common one in `slopes` (fit_id, common_slope).
    -#}
    select
        sums.fit_id,
        sums.metric_id,
        (sums.szz * sums.sy - sums.sz * sums.szy) / (sums.n * sums.szz - sums.sz * sums.sz)
            as level,
        (sums.n * sums.szy - sums.sz * sums.sy) / (sums.n * sums.szz - sums.sz * sums.sz)
            as slope
    from (
        select
            cells.fit_id,
            cells.metric_id,
            count(*) + 1.0 as n,
            {{ exact_wide_sum('abilities.ability') }} as sz,
            {{ exact_wide_sum(
                'abilities.ability * abilities.ability + abilities.ability_variance'
            ) }} + 1.0 as szz,
            {{ exact_wide_sum('cells.value') }} + any_value(settings.latent_prior_level) as sy,
            {{ exact_wide_sum('cells.value * abilities.ability') }}
            + any_value(slopes.common_slope) as szy
        from {{ cells }} as cells
        inner join {{ abilities }} as abilities
            on cells.fit_id = abilities.fit_id and cells.canonical_id = abilities.canonical_id
        inner join {{ slopes }} as slopes on cells.fit_id = slopes.fit_id
        cross join settings
        group by cells.fit_id, cells.metric_id
    ) as sums
{%- endmacro %}

{% macro latent_parameters(cells, abilities, lines) -%}
    {#- The lines with the variance of values about them, which starts from the prior variance. -#}
    select
        lines.fit_id,
        lines.metric_id,
        count(*) as n_values,
        lines.level,
        lines.slope,
        (
            {{ exact_wide_sum(
                'pow(cells.value - lines.level - lines.slope * abilities.ability, 2)'
                ~ ' + lines.slope * lines.slope * abilities.ability_variance'
            ) }}
            + any_value(settings.latent_prior_values) * any_value(settings.latent_prior_variance)
        ) / (count(*) + any_value(settings.latent_prior_values)) as variance
    from {{ lines }} as lines
    inner join {{ cells }} as cells
        on lines.fit_id = cells.fit_id and lines.metric_id = cells.metric_id
    inner join {{ abilities }} as abilities
        on cells.fit_id = abilities.fit_id and cells.canonical_id = abilities.canonical_id
    cross join settings
    group by lines.fit_id, lines.metric_id, lines.level, lines.slope
{%- endmacro %}

{% macro common_slopes(parameters) -%}
    {#- The mean slope of a fit, weighted by values. -#}
    select
        parameters.fit_id,
        {{ exact_wide_sum('parameters.slope * parameters.n_values') }}
        / {{ exact_wide_sum('parameters.n_values') }} as common_slope
    from {{ parameters }} as parameters
    group by parameters.fit_id
{%- endmacro %}

{% macro latent_fits(cells) -%}
    {#-
      The CTEs that end in `fits` (fit_id, step, metric_id, n_values, level, slope, variance) and
      `latent_fits`, its last step. `cells` (fit_id, canonical_id, metric_id, value) may hold several
      fits that know nothing of one another; one of too few models or metrics is left out. `settings` is
      latent_settings. The query needs `with recursive`.
    -#}
large_enough as (

    select cells.fit_id
    from {{ cells }} as cells
    cross join settings
    group by cells.fit_id, settings.latent_minimum_models, settings.latent_minimum_metrics
    having
        count(distinct cells.canonical_id) >= settings.latent_minimum_models
        and count(distinct cells.metric_id) >= settings.latent_minimum_metrics

),

fit_cells as materialized (

    select cells.*
    from {{ cells }} as cells
    inner join large_enough on cells.fit_id = large_enough.fit_id

),

start_levels as (

    select
        fit_cells.fit_id,
        fit_cells.metric_id,
        ({{ exact_wide_sum('fit_cells.value') }} + any_value(settings.latent_prior_level))
        / (count(*) + 1.0) as level
    from fit_cells
    cross join settings
    group by fit_cells.fit_id, fit_cells.metric_id

),

start_residuals as (

    select
        fit_cells.fit_id,
        fit_cells.canonical_id,
        {{ exact_wide_sum('fit_cells.value - start_levels.level') }} / count(*) as residual
    from fit_cells
    inner join start_levels
        on
            fit_cells.fit_id = start_levels.fit_id
            and fit_cells.metric_id = start_levels.metric_id
    group by fit_cells.fit_id, fit_cells.canonical_id

),

start_means as (

    select
        fit_id,
        {{ exact_wide_sum('residual') }} / count(*) as mean_residual
    from start_residuals
    group by fit_id

),

start_spreads as (

    select
        start_residuals.fit_id,
        sqrt({{ exact_wide_sum(
            'pow(start_residuals.residual - start_means.mean_residual, 2)'
        ) }} / count(*)) as spread
    from start_residuals
    inner join start_means on start_residuals.fit_id = start_means.fit_id
    group by start_residuals.fit_id

),

-- Models that are all alike have no ability to start from.
start_abilities as (

    select
        start_residuals.fit_id,
        start_residuals.canonical_id,
        case
            when start_spreads.spread < 1e-9 then 0.0
            else start_residuals.residual / start_spreads.spread
        end as ability,
        settings.latent_start_variance as ability_variance
    from start_residuals
    inner join start_spreads on start_residuals.fit_id = start_spreads.fit_id
    cross join settings

),

start_slopes as (

    select
        large_enough.fit_id,
        settings.latent_prior_slope as common_slope
    from large_enough
    cross join settings

),

start_lines as (

    {{ latent_lines('fit_cells', 'start_abilities', 'start_slopes') }}

),

start_parameters as (

    {{ latent_parameters('fit_cells', 'start_abilities', 'start_lines') }}

),

fits as (

    select
        1 as step,
        *
    from start_parameters
    union all
    select
        step + 1 as step,
        * exclude (step)
    from (
        with
        now as (

            select * from fits

        ),

        slopes as (

            {{ common_slopes('now') }}

        ),

        abilities as (

            {{ latent_abilities('fit_cells', 'now') }}

        ),

        lines as (

            {{ latent_lines('fit_cells', 'abilities', 'slopes') }}

        ),

        parameters as (

            {{ latent_parameters('fit_cells', 'abilities', 'lines') }}

        )

        select
            (select max(now.step) from now) as step,
            parameters.*
        from parameters
    )
    where step < (select settings.latent_steps from settings)

),

latent_fits as (

    select fits.* exclude (step)
    from fits
    inner join settings on fits.step = settings.latent_steps

)
{%- endmacro %}

{% macro expected_value(ability) -%}
    {#- What is predicted for a capability metric from its parameters and a model's ability. -#}
    {{ clipped('parameters.level + parameters.slope * ' ~ ability) }}
{%- endmacro %}

{% macro own_variance(ability_variance) -%}
    {#-
      Of a model's own value, in squared points: chance, and what its evidence leaves open, which is
      never more than if there were no value.
    -#}
    pow(coalesce(errors.sampling_points, 0.0), 2) + least(
        pow(coalesce(errors.evidence_error, 0.0), 2),
        parameters.variance + {{ ability_variance }} * pow(parameters.slope, 2)
    )
{%- endmacro %}

{% macro expected_score() -%}
    {#- Weighted sum over the metrics of a role: rows of weight and value. -#}
    {{ exact_sum('weight * (value - 50.0)') }} + 50.0
{%- endmacro %}

{% macro expected_error() -%}
    {#-
      Standard error of expected_score: rows of weight, is_predicted, slope, variance, own_variance and
      ability_variance, the same in all. One ability is behind all that is missing, so its error does
      not average out.
    -#}
    sqrt(
        any_value(ability_variance)
        * pow({{ exact_sum('case when is_predicted then weight * slope else 0.0 end') }}, 2)
        + {{ exact_sum(
            'weight * weight * case when is_predicted then variance else own_variance end'
        ) }}
    )
{%- endmacro %}

{% macro expected_bound(score, sign, error) -%}
    {#-
      One end of the 90 % interval of an expected score, null without an error; 1.645 is the normal
      quantile of 0.95.
    -#}
    case
        when {{ error }} is not null
            then {{ clipped(score ~ ' ' ~ sign ~ ' 1.645 * thresholds.expected_error_factor * ' ~ error) }}
    end
{%- endmacro %}

{% macro parameters_of_metrics() -%}
    {#- The columns of int_latent_parameters; a metric without a value has those of one in general. -#}
    metrics.metric_id,
    coalesce(inputs.fitted_metric_id, metrics.metric_id) as fitted_metric_id,
    coalesce(latent_fits.n_values, 0) as n_values,
    coalesce(latent_fits.level, settings.latent_prior_level) as level,
    coalesce(latent_fits.slope, slopes.common_slope) as slope,
    coalesce(latent_fits.variance, settings.latent_prior_variance) as variance
{%- endmacro %}
