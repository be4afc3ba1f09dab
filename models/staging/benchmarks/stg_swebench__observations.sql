with records as (

    select * from {{ source('raw', 'raw_records') }}
    where source_id = 'swebench'

),

entries as (

    select
        source_id,
        part,
        position,
        record ->> '$.name' as source_model_name,
        list_filter(
            from_json(record -> '$.tags', '["varchar"]'), lambda tag: starts_with(tag, 'Model: ')
        ) as model_tags,
        -- Agent and model stand as `agent + model (date)`; the bash-only board has one agent.
        case
            when record ->> '$.name' like '% + %' or part = 'bash-only'
                then regexp_replace(
                    regexp_extract(record ->> '$.name', '(?:.* \+ |^)(.*)$', 1),
                    '\s*\(\d{4}-?\d{2}-?\d{2}\)$', ''
                )
        end as model_in_name,
        -- Behind the model's name a date in brackets is the model's; behind an agent's it is not.
        case
            when record ->> '$.name' like '% + %' or part = 'bash-only'
                then nullif(replace(regexp_extract(
                    regexp_extract(record ->> '$.name', '(?:.* \+ |^)(.*)$', 1),
                    '\((\d{4}-?\d{2}-?\d{2})\)', 1
                ), '-', ''), '')
        end as model_stamp,
        record ->> '$.resolved' as raw_text,
        try_cast(record ->> '$.date' as date) as observed_on
    from records

),

final as (

    select
        source_id,
        part,
        position,
        source_model_name,
        case
            when len(model_tags) = 1
                then regexp_replace(trim(substr(model_tags[1], 8)), '^.*/', '')
            else model_in_name
        end as candidate_name,
        cast(null as varchar) as vendor_hint,
        model_stamp,
        nullif(
            regexp_extract(lower(model_in_name), '\b(minimal|low|medium|high|xhigh)\b', 1), ''
        ) as effort_text,
        case
            when source_model_name like '% + %'
                then regexp_extract(source_model_name, '^(.*) \+ ', 1)
        end as harness,
        part as source_metric_name,
        raw_text,
        cast(null as double) as standard_error,
        cast(null as double) as interval_lower,
        cast(null as double) as interval_upper,
        observed_on,
        case
            when len(model_tags) > 1 then 'names several models'
            when coalesce(len(model_tags), 0) = 0 and model_in_name is null
                then 'does not tell its model'
        end as ignore_reason
    from entries

)

select * from final
