with records as (

    select * from {{ source('raw', 'raw_records') }}
    where source_id = 'swebench'

),

harnesses as (

    select * from {{ ref('harnesses') }}

),

boards as (

    select coalesce(bool_or(part = 'bash-only'), false) as has_bash_only from records

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
        -- Since the autumn of 2026 what the name says stands in fields of its own, too.
        nullif(trim(record ->> '$.model_display'), '') as model_display,
        nullif(trim(record ->> '$.model_org'), '') as model_org,
        nullif(trim(record ->> '$.reasoning_effort'), '') as reasoning_effort,
        coalesce(
            nullif(trim(record ->> '$.agent'), ''),
            nullif(regexp_extract(record ->> '$.name', '^(.*) \+ ', 1), '')
        ) as harness,
        -- The board hides what it warns of.
        case
            when record ->> '$.warning' not in ('', 'false') then record ->> '$.warning'
        end as warning,
        -- Behind the model's name a date in brackets is the model's; behind an agent's it is not.
        case
            when
                record ->> '$.name' like '% + %'
                or part = 'bash-only'
                or starts_with(record ->> '$.name', record ->> '$.model_display')
                then nullif(replace(regexp_extract(
                    regexp_extract(record ->> '$.name', '(?:.* \+ |^)(.*)$', 1),
                    '\((\d{4}-?\d{2}-?\d{2})\)', 1
                ), '-', ''), '')
        end as model_stamp,
        record ->> '$.resolved' as raw_text,
        try_cast(record ->> '$.date' as date) as observed_on
    from records

),

figures as (

    select
        *,
        part as source_metric_name
    from entries
    union all
    -- The board of the one fixed harness has gone into the whole one.
    select
        entries.*,
        'bash-only' as source_metric_name
    from entries
    cross join boards
    where
        entries.part = 'Verified'
        and lower(entries.harness) = 'mini-swe-agent'
        and not boards.has_bash_only

),

-- A name that begins with a known agent and says no size of weights is no model's.
agents as (

    select distinct figures.source_model_name
    from figures
    inner join harnesses
        on
            starts_with(
                {{ agent_name('figures.source_model_name') }} || ' ', harnesses.harness || ' '
            )
    where not regexp_matches(figures.source_model_name, '[0-9][bB]\b')

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
            else coalesce(model_display, model_in_name)
        end as candidate_name,
        -- What is made from a model is tagged with it, too: its own name has to say the same.
        case
            when len(model_tags) != 1 then null
            when model_in_name is not null then model_in_name
            when source_model_name not in (select agents.source_model_name from agents)
                then coalesce(
                    model_display,
                    regexp_replace(source_model_name, '\s*\(\d{4}-?\d{2}-?\d{2}\)$', '')
                )
        end as own_name,
        model_org as vendor_hint,
        model_stamp,
        coalesce(
            reasoning_effort,
            nullif(
                regexp_extract(
                    lower(
                        case
                            when model_display is null then model_in_name
                            else coalesce(model_in_name, source_model_name)
                        end
                    ),
                    '\b(minimal|low|medium|high|xhigh)\b', 1
                ),
                ''
            )
        ) as effort_text,
        harness,
        source_metric_name,
        raw_text,
        observed_on,
        case
            when warning is not null then 'the source warns of it: ' || warning
            when len(model_tags) > 1 then 'names several models'
            when
                coalesce(len(model_tags), 0) = 0
                and model_in_name is null
                and model_display is null
                then 'does not name its model'
        end as ignore_reason
    from figures

)

select * from final
