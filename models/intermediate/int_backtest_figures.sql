with scenarios as (

    select distinct
        canonical_id,
        scenario_kind,
        scenario_id
    from {{ ref('int_backtest_scenarios') }}

),

measurements as (

    select * from {{ ref('int_measurements_discounted') }}

),

borrowed as (

    select * from {{ ref('int_backtest_borrowed') }}

),

metrics as (

    select * from {{ ref('metrics') }}

),

weighted as (

    select distinct metric_id from {{ ref('int_role_weights') }}

),

figures as (

    select
        scenarios.canonical_id,
        scenarios.scenario_kind,
        scenarios.scenario_id,
        measurements.metric_id,
        measurements.evidence_class,
        measurements.value,
        -- Of an own value of a family that is hidden nothing is known.
        metrics.metric_class = 'capability'
        and measurements.evidence_class in ('direct', 'reported')
        and case scenarios.scenario_kind
            when 'kept alone' then metrics.family != scenarios.scenario_id
            else list_contains(string_split(scenarios.scenario_id, ' + '), metrics.family)
        end as is_hidden
    from scenarios
    inner join measurements on scenarios.canonical_id = measurements.canonical_id
    inner join metrics on measurements.metric_id = metrics.metric_id
    inner join weighted on measurements.metric_id = weighted.metric_id

),

final as (

    select
        figures.canonical_id,
        figures.scenario_kind,
        figures.scenario_id,
        figures.metric_id,
        case when figures.is_hidden then 'synthesised' else figures.evidence_class end
            as evidence_class,
        case when figures.is_hidden then borrowed.value else figures.value end as value,
        figures.is_hidden
    from figures
    left join borrowed
        on
            figures.canonical_id = borrowed.canonical_id
            and figures.metric_id = borrowed.metric_id
    where not figures.is_hidden or borrowed.canonical_id is not null

)

select * from final
