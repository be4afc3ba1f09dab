-- Every weighted metric is declared with a known transform and described, and a source or an
-- override gives it figures; every weighted group is known.
with weights as (

    select * from {{ ref('fct_weights') }}

),

declared as (

    select * from {{ ref('stg_config__metrics') }}

),

descriptions as (

    select * from {{ ref('metrics') }}

),

fillable as (

    select metric_id from {{ ref('source_metrics') }}
    union
    select source_metric_name as metric_id from {{ ref('stg_overrides__observations') }}

),

composites as (

    select distinct parent_id as metric_id
    from weights
    where weight_kind = 'composite'

),

final as (

    select
        weights.weight_kind,
        weights.parent_id,
        weights.child_id,
        case
            when weights.weight_kind = 'role'
                then case when dim_groups.group_id is null then 'unknown group' end
            when weights.weight_kind = 'group' and composites.metric_id is not null then null
            when declared.metric_id is null then 'the coefficients do not declare it'
            when (declared.transform in ('percentile', 'tail_penalty', 'as_score')) is not true
                then 'unknown transform'
            when declared.higher_better is null or declared.log_scale is null
                then 'higher_better or log_scale is missing'
            when descriptions.metric_id is null then 'seeds/metrics.csv does not describe it'
            when fillable.metric_id is null then 'no source and no override has figures for it'
        end as problem
    from weights
    left join declared on weights.child_id = declared.metric_id
    left join descriptions on weights.child_id = descriptions.metric_id
    left join fillable on weights.child_id = fillable.metric_id
    left join composites on weights.child_id = composites.metric_id
    left join {{ ref('dim_groups') }} as dim_groups on weights.child_id = dim_groups.group_id

)

select * from final
where problem is not null
