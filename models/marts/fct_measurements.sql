with models as (

    select * from {{ ref('dim_models') }}
    where is_active

),

metrics as (

    select * from {{ ref('dim_metrics') }}

),

measurements as (

    select * from {{ ref('int_measurements_discounted') }}

),

-- A composite stands on its weakest evidence.
composites as (

    select
        canonical_id,
        metric_id,
        -- Cut to 0 and 100 against rounding in the last binary digit.
        {{ clipped('sum(contribution order by is_pull, input_metric_id)') }} as value,
        any_value(coverage) as coverage,
        max(
            case evidence_class
                when 'synthesised' then 3 when 'reported' then 2 when 'direct' then 1
            end
        ) as evidence_rank,
        max(synthesis_category) filter (where evidence_class = 'synthesised')
            as any_category,
        bool_or(synthesis_category = 'conservative') as is_conservative
    from {{ ref('int_composite_contributions') }}
    group by canonical_id, metric_id

),

figures as (

    select
        models.canonical_id,
        metrics.metric_id,
        metrics.metric_kind,
        coalesce(measurements.value, composites.value) is not null as is_present,
        coalesce(
            measurements.evidence_class,
            case composites.evidence_rank
                when 3 then 'synthesised' when 2 then 'reported' when 1 then 'direct'
            end
        ) as evidence_class,
        measurements.source_id,
        measurements.source_model_name,
        measurements.match_method,
        measurements.effort,
        measurements.harness,
        measurements.observed_on,
        measurements.raw_value,
        measurements.standard_error,
        measurements.interval_lower,
        measurements.interval_upper,
        measurements.normalised_value,
        measurements.discount_share,
        coalesce(measurements.value, composites.value) as value,
        composites.coverage as input_coverage,
        measurements.donor_id,
        coalesce(
            measurements.synthesis_category,
            case
                when composites.evidence_rank = 3 and composites.is_conservative
                    then 'conservative'
                when composites.evidence_rank = 3 then composites.any_category
            end
        ) as synthesis_category,
        measurements.synthesis_hops,
        measurements.synthesis_path,
        measurements.note,
        measurements.url,
        metrics.higher_better
    from models
    cross join metrics
    left join measurements
        on
            models.canonical_id = measurements.canonical_id
            and metrics.metric_id = measurements.metric_id
    left join composites
        on
            models.canonical_id = composites.canonical_id
            and metrics.metric_id = composites.metric_id

),

placed as (

    select
        *,
        is_present
        and (metric_kind = 'composite' or evidence_class != 'synthesised') as has_place
    from figures

),

final as (

    select
        * exclude (higher_better, has_place),
        case
            when has_place
                then
                    {{ figure_rank(
                        'metric_id, has_place', 'raw_value', 'value', 'higher_better'
                    ) }}
        end as rank
    from placed

)

select * from final
