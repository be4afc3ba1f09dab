with records as (

    select * from {{ source('raw', 'raw_records') }}
    where source_id = 'livebench'

),

categories as (

    select
        record ->> '$.category' as category,
        unnest(from_json(record -> '$.tasks', '["varchar"]')) as task_name
    from records
    where part = 'categories'

),

scores as (

    select
        records.source_id,
        records.part,
        records.position,
        records.record ->> '$.model' as model_name,
        categories.category,
        json_extract_string(records.record, '$.scores."' || categories.task_name || '"')
            as task_text,
        {{ as_number('task_text', 'decimal(18, 6)') }} as task_score
    from records
    cross join categories
    where records.part = 'table'

),

-- The mean of a category is that of all its tasks, or it is none; decimals add up in any order.
category_means as (

    select
        source_id,
        part,
        position,
        model_name,
        category,
        case
            when count(task_score) = count(*)
                then cast(sum(task_score) as double) / count(*)
        end as mean_score
    from scores
    group by source_id, part, position, model_name, category

),

overall as (

    select
        source_id,
        part,
        position,
        model_name,
        case
            when count(mean_score) = count(*)
                then sum(mean_score order by category) / count(*)
        end as mean_score
    from category_means
    group by source_id, part, position, model_name

),

figures as (

    select
        source_id,
        part,
        position,
        model_name,
        'category/' || category as source_metric_name,
        cast(mean_score as varchar) as raw_text
    from category_means
    union all
    select
        source_id,
        part,
        position,
        model_name,
        'overall' as source_metric_name,
        cast(mean_score as varchar) as raw_text
    from overall
    union all
    select
        source_id,
        part,
        position,
        record ->> '$.model' as model_name,
        'cost_per_question' as source_metric_name,
        record ->> '$.cost_per_question' as raw_text
    from records
    where part = 'cost'

),

final as (

    select
        source_id,
        part,
        position,
        model_name as source_model_name,
        -- `thinking-64k-high-effort`, `xhigh-effort`: the level behind the kind of thinking counts.
        regexp_replace(model_name, '(-thinking-(auto|\d+k))?-(\w+)-effort$', '-\3')
            as candidate_name,
        nullif(regexp_extract(model_name, '-(\w+)-effort$', 1), '') as effort_text,
        source_metric_name,
        raw_text
    from figures

)

select * from final
