with declared as (

    select * from {{ ref('stg_config__metrics') }}

),

descriptions as (

    select * from {{ ref('metrics') }}

),

bounds as (

    select * from {{ ref('int_metric_bounds') }}

),

weights as (

    select * from {{ ref('int_weights') }}

),

mappings as (

    select distinct
        source_id,
        metric_id
    from {{ ref('source_metrics') }}
    union
    select
        source_id,
        metric_id
    from {{ ref('int_measurements_selected') }}

),

sources as (

    select
        metric_id,
        list(distinct source_id order by source_id) as source_ids
    from mappings
    group by metric_id

),

composites as (

    select
        inputs.parent_id as metric_id,
        list(distinct used.parent_id order by used.parent_id)
        filter (where used.parent_id is not null) as group_ids
    from weights as inputs
    left join weights as used
        on inputs.parent_id = used.child_id and used.weight_kind = 'group'
    where inputs.weight_kind = 'composite'
    group by inputs.parent_id

),

final as (

    select
        declared.metric_id,
        coalesce(descriptions.display_name, declared.metric_id) as display_name,
        coalesce(descriptions.family, '') as family,
        coalesce(descriptions.unit, '') as unit,
        coalesce(descriptions.metric_class, 'capability') as metric_class,
        'metric' as metric_kind,
        coalesce(descriptions.description, '') as description,
        descriptions.task_count,
        descriptions.task_count_source,
        declared.higher_better,
        declared.log_scale,
        declared.transform,
        declared.group_ids,
        coalesce(sources.source_ids, []) as source_ids,
        declared.metric_id in (select weights.child_id from weights) as is_weighted,
        bounds.baseline_basis,
        bounds.baseline_count,
        bounds.lower_bound,
        bounds.upper_bound
    from declared
    left join descriptions on declared.metric_id = descriptions.metric_id
    left join bounds on declared.metric_id = bounds.metric_id
    left join sources on declared.metric_id = sources.metric_id
    union all
    select
        metric_id,
        regexp_replace(metric_id, 'Composite$', ' composite') as display_name,
        '' as family,
        'points, 0 to 100' as unit,
        'capability' as metric_class,
        'composite' as metric_kind,
        'Weighted average of several related metrics' as description,
        null as task_count,
        null as task_count_source,
        true as higher_better,
        false as log_scale,
        'composite' as transform,
        coalesce(group_ids, []) as group_ids,
        [] as source_ids,
        coalesce(len(group_ids), 0) > 0 as is_weighted,
        null as baseline_basis,
        null as baseline_count,
        null as lower_bound,
        null as upper_bound
    from composites

)

select * from final
