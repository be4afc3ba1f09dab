with records as (

    select * from {{ source('raw', 'raw_records') }}
    where source_id = 'deepswe' and part = 'rows'

),

figures as (

    select
        *,
        'pass_at_1' as source_metric_name,
        record ->> '$.pass_at_1' as raw_text,
        {{ as_number("(record ->> '$.ci_half')") }} as half_width
    from records
    union all by name
    select
        *,
        'mean_cost_usd' as source_metric_name,
        record ->> '$.mean_cost_usd' as raw_text
    from records

),

final as (

    select
        source_id,
        part,
        position,
        record ->> '$.model' as source_model_name,
        record ->> '$.model' as candidate_name,
        record ->> '$.provider' as vendor_hint,
        record ->> '$.reasoning_effort' as effort_text,
        record ->> '$.harness' as harness,
        source_metric_name,
        raw_text,
        half_width / 1.96 as standard_error,
        {{ as_number('raw_text') }} - half_width as interval_lower,
        {{ as_number('raw_text') }} + half_width as interval_upper,
        cast(try_cast(record ->> '$.generated_at' as timestamptz) as date) as observed_on
    from figures

)

select * from final
