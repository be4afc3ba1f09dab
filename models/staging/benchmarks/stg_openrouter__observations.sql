with records as (

    select * from {{ source('raw', 'raw_records') }}
    where source_id = 'openrouter' and part = 'models'

),

entries as (

    select
        source_id,
        part,
        position,
        record ->> '$.id' as source_model_name,
        split_part(record ->> '$.id', ':', 1) as plain_id,
        coalesce(
            record ->> '$.context_length', record ->> '$.top_provider.context_length'
        ) as context_length,
        record ->> '$.pricing.prompt' as prompt_price,
        record ->> '$.pricing.completion' as completion_price,
        try(cast(epoch_ms(try_cast(record ->> '$.created' as bigint) * 1000) as date)) as listed_on
    from records

),

prices as (

    select
        *,
        {{ as_number('prompt_price', 'decimal(30, 18)') }} as prompt,
        {{ as_number('completion_price', 'decimal(30, 18)') }} as completion
    from entries

),

plain_routes as (

    select distinct plain_id from entries
    where source_model_name = plain_id

),

figures as (

    select
        *,
        'context_length' as source_metric_name,
        context_length as raw_text
    from prices
    union all
    select
        *,
        'blended_usd_per_million_tokens' as source_metric_name,
        case
            -- A free or unknown side makes the blend meaningless: the sentinel goes on as it is.
            when prompt <= 0 or completion <= 0 then cast(least(prompt, completion) as varchar)
            -- A side that is missing or cannot be read takes the figure with it.
            when prompt is null then prompt_price
            when completion is null then completion_price
            else
                cast(
                    (prompt * 3 + completion) * cast(250000 as decimal(8, 0)) as varchar
                )
        end as raw_text
    from prices

),

final as (

    select
        figures.source_id,
        figures.part,
        figures.position,
        figures.source_model_name,
        figures.plain_id as candidate_name,
        split_part(figures.plain_id, '/', 1) as vendor_hint,
        figures.listed_on,
        figures.source_metric_name,
        figures.raw_text,
        case
            when plain.plain_id is not null
                then 'another route to ' || figures.plain_id || ', which is listed separately'
        end as ignore_reason
    from figures
    left join plain_routes as plain
        on
            figures.plain_id = plain.plain_id
            and figures.source_model_name != plain.plain_id

)

select * from final
