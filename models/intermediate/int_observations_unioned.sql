with observations as (

    select * from {{ ref('int_observations_appended') }}

),

metrics as (

    select * from {{ ref('metrics') }}

),

mappings as (

    select
        source_id,
        source_metric_name,
        metric_id,
        source_rank,
        multiplier
    from {{ ref('source_metrics') }}
    union all
    -- A reported figure names the metric itself, in the metric's own unit.
    select
        'overrides' as source_id,
        metric_id as source_metric_name,
        metric_id,
        1 as source_rank,
        1 as multiplier
    from metrics

),

read as (

    select
        observations.* exclude (source_model_name),  -- noqa: RF02
        coalesce(observations.source_model_name, observations.candidate_name) as source_model_name,
        mappings.metric_id,
        mappings.source_rank,
        {{ is_percentage('observations.raw_text') }} as is_percentage,
        -- A share that the source writes as a percentage is one already.
        is_percentage and mappings.multiplier = 100 as has_own_unit,
        case when has_own_unit then 1 else mappings.multiplier end as multiplier,
        {{ number_text('observations.raw_text') }} as number_text
    from observations
    inner join mappings
        on
            observations.source_id = mappings.source_id
            and observations.source_metric_name = mappings.source_metric_name

),

scaled as (

    select
        * exclude (multiplier, number_text, standard_error, interval_lower, interval_upper),
        {{ scale_value('number_text', 'multiplier') }} as value,
        number_text,
        standard_error * multiplier as error_in_unit,
        interval_lower * multiplier as lower_in_unit,
        interval_upper * multiplier as upper_in_unit
    from read

),

final as (

    select
        scaled.* exclude (
            value, number_text, has_own_unit,  -- noqa: RF02
            error_in_unit, lower_in_unit, upper_in_unit  -- noqa: RF02
        ),
        coalesce(
            {{ value_issue(
                'scaled.number_text', 'metrics.minimum_value', 'metrics.maximum_value',
                'metrics.is_zero_missing', 'scaled.value',
            ) }},
            case
                when scaled.is_percentage and metrics.unit not in ('percent', 'index')
                    then 'a percentage, but the metric is not in percent'
            end
        ) as value_issue,
        case when value_issue is null then scaled.value end as raw_value,
        {{ error_issue(
            'scaled.error_in_unit', 'scaled.lower_in_unit', 'scaled.upper_in_unit',
            'scaled.has_own_unit',
        ) }} as error_issue,
        case when error_issue is null then scaled.error_in_unit end as standard_error,
        case when error_issue is null then scaled.lower_in_unit end as interval_lower,
        case when error_issue is null then scaled.upper_in_unit end as interval_upper
    from scaled
    inner join metrics on scaled.metric_id = metrics.metric_id

)

select * from final
