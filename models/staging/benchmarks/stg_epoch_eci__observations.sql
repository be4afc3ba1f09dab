with records as (

    select * from {{ source('raw', 'raw_records') }}
    where source_id = 'epoch_eci' and part = 'models'

),

entries as (

    select
        *,
        {{ as_number("(record ->> '$.eci_ci_low')") }} as ci_low,
        {{ as_number("(record ->> '$.eci_ci_high')") }} as ci_high
    from records

),

final as (

    select
        source_id,
        part,
        position,
        record ->> '$.Model' as source_model_name,
        record ->> '$.Model' as candidate_name,
        -- Of joint work the first names the model.
        split_part(record ->> '$.Organization', ',', 1) as vendor_hint,
        try_cast(record ->> '$.date' as date) as model_date,
        'eci' as source_metric_name,
        record ->> '$.eci' as raw_text,
        (ci_high - ci_low) / (2 * 1.96) as standard_error,
        ci_low as interval_lower,
        ci_high as interval_upper
    from entries

)

select * from final
