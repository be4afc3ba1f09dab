with records as (

    select * from {{ source('raw', 'raw_records') }}
    where starts_with(source_id, 'terminal_bench')

),

-- The pages of until mid 2026.
page_rows as (

    select
        source_id,
        part,
        position,
        from_json(record -> '$.model', '["varchar"]') as model_names,
        from_json(record -> '$.modelNames', '["varchar"]') as api_names,
        record ->> '$.displayed.model' as displayed_model,
        cast(null as varchar) as effort_text,
        coalesce(record ->> '$.agent', record ->> '$.displayed.agent') as harness,
        coalesce(
            record ->> '$.modelOrganization[0]', record ->> '$.displayed.model_organization'
        ) as vendor_hint,
        coalesce(
            record ->> '$.accuracy',
            -- Without the streamed record only the displayed percentage is known.
            cast(
                try_cast(
                    regexp_replace(record ->> '$.displayed.accuracy', '[%\s]', '', 'g')
                    as decimal(18, 9)
                ) * cast(0.01 as decimal(3, 2)) as varchar
            )
        ) as accuracy,
        {{ as_number("(record ->> '$.stderr')") }} as standard_error,
        cast(null as double) as half_width,
        cast(null as varchar) as cost_per_trial,
        try_cast(coalesce(record ->> '$.date', record ->> '$.displayed.date') as date)
            as observed_on,
        cast(null as varchar) as ignore_reason
    from records
    where part = 'rows'

),

-- The endpoint since; a label is a text, or an object with one and a link.
submissions as (

    select
        source_id,
        part,
        position,
        record,
        coalesce(record ->> '$.metadata.model_display.label', record ->> '$.metadata.model_display')
            as model_label,
        coalesce(record ->> '$.metadata.agent_display.label', record ->> '$.metadata.agent_display')
            as agent_label,
        coalesce(record ->> '$.metadata.model_org.label', record ->> '$.metadata.model_org')
            as vendor_label,
        {{ as_number("(record ->> '$.metrics.accuracy_ci95_half_width')") }} as half_width,
        try_cast(record ->> '$.metrics.total_cost_usd' as decimal(18, 6)) as total_cost,
        -- The count beside the metrics is 0 for rows that were carried over from the older board.
        coalesce(
            nullif(try_cast(record ->> '$.metrics.n_trials' as integer), 0),
            nullif(try_cast(record ->> '$.n_trials' as integer), 0)
        ) as n_trials
    from records
    where part = 'submissions'

),

submission_rows as (

    select
        source_id,
        part,
        position,
        [model_label] as model_names,
        from_json(record -> '$.metadata.model_names', '["varchar"]') as api_names,
        model_label as displayed_model,
        -- `none` stands for agents that have no setting for it, such as Grok Build.
        nullif(record ->> '$.metadata.reasoning_effort', 'none') as effort_text,
        agent_label as harness,
        vendor_label as vendor_hint,
        record ->> '$.metrics.accuracy' as accuracy,
        coalesce(
            {{ as_number("(record ->> '$.metrics.accuracy_stderr')") }}, half_width / 1.96
        ) as standard_error,
        half_width,
        cast(cast(total_cost as double) / n_trials as varchar) as cost_per_trial,
        try_cast(record ->> '$.metadata.date' as date) as observed_on,
        case
            when record ->> '$.status' != 'display'
                then 'not shown on the board (status ' || (record ->> '$.status') || ')'
        end as ignore_reason
    from submissions

),

entries as (

    select
        * replace (
            coalesce(
                ignore_reason,
                case
                    -- The table shows several models as `Multiple`.
                    when
                        len(model_names) > 1
                        or (part = 'submissions' and len(api_names) > 1)
                        or displayed_model = 'Multiple'
                        then 'names several models'
                end
            ) as ignore_reason
        )
    from (
        select * from page_rows
        union all by name
        select * from submission_rows
    ) as either_shape

),

figures as (

    select
        *,
        case part when 'rows' then 'accuracy' else 'accuracy_percent' end as source_metric_name,
        accuracy as raw_text,
        {{ as_number('accuracy') }} - half_width as interval_lower,
        {{ as_number('accuracy') }} + half_width as interval_upper
    from entries
    union all by name
    select
        * replace (cast(null as double) as standard_error),
        'cost_per_trial_usd' as source_metric_name,
        cost_per_trial as raw_text
    from entries
    where part = 'submissions'

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
        effort_text,
        harness,
        source_metric_name,
        raw_text,
        standard_error,
        interval_lower,
        interval_upper,
        observed_on,
        ignore_reason
    from figures

)

select * from final
