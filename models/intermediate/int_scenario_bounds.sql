with scenarios as (select * from {{ ref('int_scenarios') }}),

measurements as (select * from {{ ref('int_measurements_transformed') }}),

metrics as (select * from {{ ref('stg_config__metrics') }}),

weighted_ids as (select * from {{ ref('int_weighted_ids') }}),

left_figures as (

    select
        scenarios.scenario,
        metrics.metric_id,
        metrics.transform,
        measurements.evidence_class,
        measurements.transformed_value
    from scenarios
    inner join measurements
        on
            case scenarios.scenario_kind
                when 'model' then scenarios.scenario_id != measurements.canonical_id
                else
                    {{ counts_as_evidence('scenarios.scenario_id', 'measurements.evidence_class') }}
            end
    inner join metrics on measurements.metric_id = metrics.metric_id
    inner join weighted_ids on metrics.metric_id = weighted_ids.id
    where scenarios.scenario_kind in ('model', 'evidence')

),

final as (

    select
        0 as scenario,
        metric_id,
        lower_bound,
        upper_bound
    from {{ ref('int_metric_bounds') }}
    union all
    select
        scenario,
        metric_id,
        lower_bound,
        upper_bound
    from ({{ metric_bounds('left_figures', 'scenario') }})

)

select * from final
