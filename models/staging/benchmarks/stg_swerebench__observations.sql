with records as (

    select * from {{ source('raw', 'raw_records') }}
    where source_id = 'swerebench' and part = 'items'

),

entries as (

    select
        source_id,
        part,
        position,
        record ->> '$.modelName' as source_model_name,
        record ->> '$.agentVersion' as agent_version,
        record ->> '$.stats.resolvedRate' as resolved_rate,
        try_cast(record ->> '$.stats.sem' as double) as standard_error,
        coalesce(try_cast(record ->> '$.stats.passN' as double), 0) as pass_rate,
        try(cast(epoch_ms(try_cast(record ->> '$.taskRangeTimestamp.from' as bigint)) as date))
            as window_start,
        try(cast(epoch_ms(try_cast(record ->> '$.taskRangeTimestamp.to' as bigint)) as date))
            as window_end
    from records

),

figures as (

    select
        *,
        -- A window without data is all zeros; that is missing and not a score of zero.
        case
            when
                try_cast(resolved_rate as double) = 0 and pass_rate = 0
                and coalesce(standard_error, 0) = 0
                then null
            else resolved_rate
        end as raw_text
    from entries

),

final as (

    select
        source_id,
        part,
        position,
        source_model_name,
        source_model_name as candidate_name,
        agent_version as harness,
        'resolvedRate' as source_metric_name,
        raw_text,
        nullif(standard_error, 0) as standard_error,
        window_end as observed_on,
        window_start,
        window_end,
        case
            when
                agent_version = 'text'
                and bool_or(agent_version = 'tools' and raw_text is not null)
                    over (partition by source_model_name)
                then 'a run of the same model with tools exists'
        end as ignore_reason
    from figures

)

select * from final
