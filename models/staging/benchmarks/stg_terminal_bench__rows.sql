with records as (

    select * from {{ source('raw', 'raw_records') }}
    where source_id in ('terminal_bench', 'terminal_bench_2_1') and part = 'rows'

),

entries as (

    select
        source_id,
        part,
        position,
        from_json(record -> '$.model', '["varchar"]') as model_names,
        from_json(record -> '$.modelNames', '["varchar"]') as api_names,
        record ->> '$.displayed.model' as displayed_model,
        coalesce(record ->> '$.agent', record ->> '$.displayed.agent') as harness,
        coalesce(
            record ->> '$.modelOrganization[0]', record ->> '$.displayed.model_organization'
        ) as vendor_hint,
        record ->> '$.accuracy' as accuracy,
        record ->> '$.displayed.accuracy' as displayed_accuracy,
        {{ as_number("(record ->> '$.stderr')") }} as standard_error,
        try_cast(coalesce(record ->> '$.date', record ->> '$.displayed.date') as date)
            as observed_on
    from records

),

final as (

    select
        source_id,
        part,
        position,
        coalesce(array_to_string(model_names, ', '), displayed_model) as source_model_name,
        -- The name given to the API is more exact than the displayed one
        -- (`Kimi K2 Instruct` was run as Kimi-K2-Instruct-0905).
        coalesce(regexp_replace(api_names[1], '^.*/', ''), displayed_model) as candidate_name,
        vendor_hint,
        cast(null as varchar) as effort_text,
        harness,
        'accuracy' as source_metric_name,
        coalesce(
            accuracy,
            -- Without the streamed record only the displayed percentage is known.
            cast(
                try_cast(regexp_replace(displayed_accuracy, '[%\s]', '', 'g') as decimal(18, 9))
                * cast(0.01 as decimal(3, 2)) as varchar
            )
        ) as raw_text,
        standard_error,
        cast(null as double) as interval_lower,
        cast(null as double) as interval_upper,
        observed_on,
        case
            -- The table shows several models as `Multiple`.
            when len(model_names) > 1 or displayed_model = 'Multiple' then 'names several models'
        end as ignore_reason
    from entries

)

select * from final
