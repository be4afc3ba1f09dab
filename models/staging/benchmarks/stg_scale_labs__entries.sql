with records as (

    select * from {{ source('raw', 'raw_records') }}
    where part = 'entries'

),

harnesses as (

    select * from {{ ref('harnesses') }}

),

entries as (

    select
        source_id,
        part,
        position,
        record ->> '$.model' as source_model_name,
        nullif(regexp_extract(record ->> '$.model', '\(([^()]*)\)', 1), '') as bracket,
        record ->> '$.company' as vendor_hint,
        record ->> '$.score' as raw_text,
        -- The field's name says upper, its value is the half width of the 95 % interval.
        {{ as_number("(record ->> '$.confidenceInterval_upper')") }} as half_width,
        try_cast(record ->> '$.createdAt' as timestamp) as created_at
    from records

),

named as (

    select
        entries.*,
        harnesses.display_name as harness,
        -- Some names write a decimal point as p (glm-5p1).
        regexp_replace(
            case
                when harnesses.harness is null then entries.source_model_name
                else replace(entries.source_model_name, '(' || entries.bracket || ')', ' ')
            end,
            '(\d)p(\d)', '\1.\2'
        ) as candidate_name
    from entries
    left join harnesses on {{ normalise_name('entries.bracket') }} = harnesses.harness

),

final as (

    select
        source_id,
        part,
        position,
        source_model_name,
        candidate_name,
        vendor_hint,
        nullif(
            regexp_extract(lower(source_model_name), '\b(minimal|low|medium|high|xhigh)\b', 1), ''
        ) as effort_text,
        harness,
        'score' as source_metric_name,
        raw_text,
        half_width / 1.96 as standard_error,
        {{ as_number(number_text('raw_text')) }} - half_width as interval_lower,
        {{ as_number(number_text('raw_text')) }} + half_width as interval_upper,
        cast(created_at as date) as observed_on
    from named

)

select * from final
