-- A conservative sibling's figure and a reported one move towards 50 by exactly their share; a
-- forward sibling's and a direct one do not move.
with settings as (

    select
        max(value) filter (where setting_id = 'penalties.synthesis') as synthesis_share,
        max(value) filter (where setting_id = 'penalties.override_reported') as reported_share
    from {{ ref('fct_settings') }}

),

expected as (

    select
        measurements.canonical_id,
        measurements.metric_id,
        measurements.evidence_class,
        measurements.synthesis_category,
        measurements.normalised_value,
        measurements.value,
        case
            when measurements.evidence_class = 'direct' then measurements.normalised_value
            when measurements.evidence_class = 'reported'
                then
                    measurements.normalised_value
                    + (50 - measurements.normalised_value) * settings.reported_share
            when measurements.synthesis_category = 'conservative'
                then
                    measurements.normalised_value
                    + (50 - measurements.normalised_value) * settings.synthesis_share
            when measurements.synthesis_category = 'same_series_forward'
                then measurements.normalised_value
        end as expected_value
    from {{ ref('fct_measurements') }} as measurements
    cross join settings
    where measurements.metric_kind = 'metric' and measurements.is_present

)

select * from expected
where (abs(value - expected_value) <= 1e-9) is not true
