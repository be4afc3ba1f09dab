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
        record ->> '$.score' as raw_text
    from records
    where part = 'evaluations' and record ->> '$.datasetId' = 'v2_Semi_Private'

),

final as (

    select
        evaluations.source_id,
        evaluations.part,
        evaluations.position,
        coalesce(models.display_name, evaluations.model_id) as source_model_name,
        coalesce(models.display_name, evaluations.model_id) as candidate_name,
        models.provider_id as vendor_hint,
        models.released_on as model_date,
        {{ stamp_in('evaluations.model_id') }} as model_stamp,
        -- A name without brackets states no effort, and a base model does not think.
        case
            when models.model_type = 'Base LLM' and not contains(models.display_name, '(')
                then 'non-reasoning'
        end as effort_text,
        cast(null as varchar) as harness,
        'score' as source_metric_name,
        evaluations.raw_text,
        cast(null as double) as standard_error,
        cast(null as double) as interval_lower,
        cast(null as double) as interval_upper,
        cast(null as date) as observed_on,
        case
            when models.provider_id = 'Human' then 'people and not a model'
            when models.model_type in ('Refinement', 'Custom', '')
                then 'entry of a team and not a model alone'
        end as ignore_reason
    from evaluations
    left join models on evaluations.model_id = models.model_id

)

select * from final
