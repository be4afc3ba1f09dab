with measurements as (

    select * from {{ ref('int_measurements_normalised') }}

),

settings as (

    select * from {{ ref('stg_config__settings') }}

),

final as (

    select
        measurements.*,
        {{ discount_share(
            'measurements.evidence_class', 'measurements.synthesis_category',
            'settings.synthesis_penalty', 'settings.reported_penalty',
        ) }} as discount_share,
        {{ discounted('measurements.normalised_value', 'discount_share') }} as value
    from measurements
    cross join settings

)

select * from final
