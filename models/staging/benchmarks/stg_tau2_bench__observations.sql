with records as (

    select * from {{ source('raw', 'raw_records') }}
    where source_id = 'tau2_bench' and part = 'submissions'

),

entries as (

    select
        source_id,
        part,
        position,
        record ->> '$.model_name' as model_name,
        record ->> '$.model_organization' as vendor_hint,
        case record ->> '$.reasoning_effort'
            when 'enabled' then 'thinking' else record ->> '$.reasoning_effort'
        end as effort_text,
        try_cast(record ->> '$.model_release.release_date' as date) as model_date,
        coalesce(
            try_cast(record ->> '$.methodology.evaluation_date' as date),
            try_cast(record ->> '$.submission_date' as date)
        ) as observed_on,
        case
            when record ->> '$.kind' = 'voice_submissions' then 'spoken, not written'
            when record ->> '$.kind' = 'legacy_submissions'
                then 'run with an older version of the benchmark'
            when record ->> '$.submission_type' = 'custom'
                then 'an agent of a team, not the common one'
        end as ignore_reason,
        unnest(map_entries(from_json(record -> '$.results', '"map(varchar, json)"'))) as result
    from records

),

figures as (

    select
        *,
        result['key'] || '/pass_1' as source_metric_name,
        result['value'] ->> '$.pass_1' as raw_text
    from entries
    union all
    select
        *,
        result['key'] || '/cost' as source_metric_name,
        result['value'] ->> '$.cost' as raw_text
    from entries

),

final as (

    select
        source_id,
        part,
        position,
        model_name as source_model_name,
        model_name as candidate_name,
        vendor_hint,
        model_date,
        effort_text,
        source_metric_name,
        raw_text,
        observed_on,
        ignore_reason
    from figures

)

select * from final
