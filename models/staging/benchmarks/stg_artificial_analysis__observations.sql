with records as (

    select * from {{ source('raw', 'raw_records') }}
    where source_id = 'artificial_analysis' and part = 'models'

),

entries as (

    select
        source_id,
        part,
        position,
        record,
        record ->> '$.slug' as slug,
        coalesce(record -> '$.evaluations', '{}') as evaluations,
        coalesce(record -> '$.performance', record) as performance,
        -- The endpoints of today have a name only.
        coalesce(record ->> '$.model_creator.slug', record ->> '$.model_creator.name')
            as vendor_hint,
        record ->> '$.index_version' as scale_version,
        try_cast(record ->> '$.release_date' as date) as model_date,
        -- Several efforts of one model are told apart by the last bracket of the display name.
        nullif(regexp_extract(record ->> '$.name', '\(([^()]*)\)\s*$', 1), '') as effort_text
    from records

),

scores as (

    select
        entries.*,
        score.key as source_metric_name,
        score.value ->> '$' as raw_text
    from entries, json_each(entries.evaluations) as score
    where json_type(score.value) != 'NULL'

),

science as (

    select
        *,
        -- One may be a percentage where the other is a share.
        {{ share_text("coalesce(evaluations ->> '$.gpqa', evaluations ->> '$.gpqa_diamond')") }}
            as gpqa,
        {{ share_text("(evaluations ->> '$.hle')") }} as hle,
        {{ as_number('gpqa', 'decimal(30, 18)') }} as gpqa_share,
        {{ as_number('hle', 'decimal(30, 18)') }} as hle_share
    from entries

),

reasoning as (

    select
        * exclude (gpqa, hle, gpqa_share, hle_share),
        'gpqa_hle_mean' as source_metric_name,
        case
            when gpqa is null or hle is null then coalesce(gpqa, hle)
            else
                coalesce(
                    cast((gpqa_share + hle_share) * cast(0.5 as decimal(2, 1)) as varchar),
                    -- Either alone if the other cannot be read.
                    case when gpqa_share is null then hle else gpqa end
                )
        end as raw_text
    from science
    where gpqa is not null or hle is not null

),

priced as (

    select
        *,
        {{ as_number("(record ->> '$.pricing.price_1m_input_tokens')", 'decimal(30, 18)') }}
            as input_price,
        {{ as_number("(record ->> '$.pricing.price_1m_output_tokens')", 'decimal(30, 18)') }}
            as output_price
    from entries

),

operations as (

    select
        *,
        'median_output_tokens_per_second' as source_metric_name,
        performance ->> '$.median_output_tokens_per_second' as raw_text
    from entries
    union all
    select
        *,
        'median_time_to_first_token_seconds' as source_metric_name,
        performance ->> '$.median_time_to_first_token_seconds' as raw_text
    from entries
    union all
    select
        * exclude (input_price, output_price),
        'price_1m_blended_3_to_1' as source_metric_name,
        -- One of the three shapes has the two prices without their blend.
        coalesce(
            record ->> '$.pricing.price_1m_blended_3_to_1',
            cast((input_price * 3 + output_price) * cast(0.25 as decimal(3, 2)) as varchar)
        ) as raw_text
    from priced

),

figures as (

    select * from scores
    union all
    select * from reasoning
    union all
    select * from operations
    where raw_text is not null

),

final as (

    select
        source_id,
        part,
        position,
        slug as source_model_name,
        slug as candidate_name,
        vendor_hint,
        scale_version,
        model_date,
        effort_text,
        source_metric_name,
        raw_text
    from figures

)

select * from final
