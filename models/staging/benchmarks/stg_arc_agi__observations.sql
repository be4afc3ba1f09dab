with records as (

    select * from {{ source('raw', 'raw_records') }}
    where source_id = 'arc_agi'

),

models as (

    select
        record ->> '$.id' as model_id,
        any_value(record ->> '$.displayName' order by position) as display_name,
        any_value(record ->> '$.providerId' order by position) as provider_id,
        any_value(record ->> '$.modelType' order by position) as model_type,
        any_value(try_cast(record ->> '$.modelReleaseDate' as date) order by position)
            as released_on
    from records
    where part = 'models'
    group by record ->> '$.id'

),

evaluations as (

    select
        source_id,
        part,
        position,
        record ->> '$.modelId' as model_id,
        record ->> '$.modelDisplayName' as display_name,
        record ->> '$.providerId' as provider_id,
        record ->> '$.modelType' as model_type,
        record ->> '$.score' as score,
        record ->> '$.costPerTask' as cost_per_task,
        coalesce(try_cast(record ->> '$.display' as boolean), true) as is_shown,
        try_cast(record ->> '$.generatedAt' as timestamp) as generated_at,
        case record ->> '$.datasetId'
            when 'v2_Semi_Private' then 'score'
            when 'v3_Semi_Private' then 'score_v3'
        end as metric_name
    from records
    where part = 'evaluations'

),

figures as (

    select
        *,
        metric_name as source_metric_name,
        score as raw_text
    from evaluations
    where metric_name is not null
    union all
    select
        *,
        'cost_per_task_usd' as source_metric_name,
        cost_per_task as raw_text
    from evaluations
    where metric_name = 'score'

),

named as (

    select
        figures.* exclude (display_name, provider_id, model_type),
        coalesce(models.display_name, figures.display_name, figures.model_id) as display_name,
        coalesce(models.provider_id, figures.provider_id) as provider_id,
        coalesce(models.model_type, figures.model_type) as model_type,
        models.released_on
    from figures
    left join models on figures.model_id = models.model_id

),

final as (

    select
        source_id,
        part,
        position,
        display_name as source_model_name,
        -- A footnote behind the name is none of it.
        regexp_replace(display_name, '\s*[¹²³⁴⁵⁶⁷⁸⁹⁰]+$', '') as candidate_name,
        provider_id as vendor_hint,
        released_on as model_date,
        {{ stamp_in('model_id') }} as model_stamp,
        -- A name without brackets states no effort, and a base model does not think.
        case
            when model_type = 'Base LLM' and not contains(display_name, '(') then 'non-reasoning'
        end as effort_text,
        source_metric_name,
        raw_text,
        cast(generated_at as date) as observed_on,
        case
            when provider_id = 'Human' then 'people, not a model'
            when model_type in ('Refinement', 'Custom', '')
                then 'entry of a team, not of a model alone'
            when display_name ilike '%provider adapter%' or model_id like '%provider-adapter'
                then 'run in the provider''s own harness, not in the common one'
            when not is_shown then 'not shown on the board'
        end as ignore_reason
    from named

)

select * from final
