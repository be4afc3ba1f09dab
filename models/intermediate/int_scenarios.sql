with leading_models as (select * from {{ ref('int_leading_models') }}),

measurements as (select * from {{ ref('int_measurements_transformed') }}),

weighted_ids as (select * from {{ ref('int_weighted_ids') }}),

families as (select * from {{ ref('metrics') }}),

figures as (

    select
        measurements.canonical_id,
        measurements.metric_id
    from measurements
    inner join leading_models on measurements.canonical_id = leading_models.canonical_id
    inner join weighted_ids on measurements.metric_id = weighted_ids.id

),

-- Every kind of scenario, and whether figures or weights are others than the published ones.
scenarios as (

    select
        'published' as scenario_kind,
        null as scenario_id,
        null as draw,
        false as has_own_figures,
        false as has_own_weights
    union all
    select
        'draw' as scenario_kind,
        null as scenario_id,
        range as draw,
        true as has_own_figures,
        true as has_own_weights
    from range({{ var('uncertainty_draws') }})
    union all
    -- Without what is borrowed, and without what is claimed, too.
    select
        'evidence' as scenario_kind,
        unnest(['claimed', 'measured']) as scenario_id,
        null as draw,
        true as has_own_figures,
        false as has_own_weights
    union all
    select
        'weights' as scenario_kind,
        null as scenario_id,
        range as draw,
        false as has_own_figures,
        true as has_own_weights
    from range({{ var('robustness_draws') }})
    union all
    select distinct
        'family' as scenario_kind,
        families.family as scenario_id,
        null as draw,
        false as has_own_figures,
        true as has_own_weights
    from figures
    inner join families on figures.metric_id = families.metric_id
    union all
    select distinct
        'metric' as scenario_kind,
        metric_id as scenario_id,
        null as draw,
        false as has_own_figures,
        true as has_own_weights
    from figures
    union all
    select distinct
        'model' as scenario_kind,
        canonical_id as scenario_id,
        null as draw,
        true as has_own_figures,
        false as has_own_weights
    from figures
    -- With some models out of sight the bounds without one would be wrong; and of so many, one
    -- hardly moves a bound.
    where
        (select count(*) from leading_models)
        = (select count(distinct measurements.canonical_id) from measurements)

),

final as (

    select
        cast(row_number() over (
            order by scenario_kind != 'published', scenario_kind, scenario_id, draw
        ) - 1 as integer) as scenario,
        scenario_kind,
        scenario_id,
        cast(draw as integer) as draw,
        case when has_own_figures then scenario else 0 end as figures_scenario,
        case when has_own_weights then scenario else 0 end as weights_scenario
    from scenarios

)

select * from final
