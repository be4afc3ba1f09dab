with records as (

    select * from {{ source('raw', 'raw_records') }}
    where source_id = 'eqbench_judgemark' and part = 'models'

),

entries as (

    select
        *,
        {{ as_number("(record ->> '$.ci_low')") }} as ci_low,
        {{ as_number("(record ->> '$.ci_high')") }} as ci_high
    from records

),

figures as (

    select
        *,
        'score' as source_metric_name,
        record ->> '$.score' as raw_text,
        -- The interval is not symmetric; its width is that of 2 · 1.96 standard errors.
        (ci_high - ci_low) / (2 * 1.96) as standard_error,
        ci_low as interval_lower,
        ci_high as interval_upper
    from entries
    union all by name
    select
        *,
        'cost_usd' as source_metric_name,
        ltrim(record ->> '$.cost', '$') as raw_text
    from entries

),

final as (

    select
        source_id,
        part,
        position,
        record ->> '$.model' as source_model_name,
        -- Open models stand under the names of their repositories: zai-org/GLM-5.2.
        regexp_replace(record ->> '$.model', '^.*/', '') as candidate_name,
        nullif(regexp_extract(record ->> '$.model', '^(.*)/', 1), '') as vendor_hint,
        source_metric_name,
        raw_text,
        standard_error,
        interval_lower,
        interval_upper
    from figures

)

select * from final
