with scenarios as (

    select * from {{ ref('int_scenarios') }}
    where weights_scenario = scenario

),

weights as (

    select * from {{ ref('int_weights') }}
    where weight > 0

),

metrics as (select * from {{ ref('metrics') }}),

drawn_factors as (select * from {{ ref('int_drawn_factors') }}),

-- What a weight is multiplied by: nothing of what is left out, all of the rest.
factors as (

    select
        weights.weight_kind,
        weights.parent_id,
        weights.child_id,
        weights.weight,
        scenarios.scenario,
        scenarios.scenario_kind,
        case scenarios.scenario_kind
            when 'family' then cast(metrics.family is distinct from scenarios.scenario_id as double)
            when 'metric' then cast(weights.child_id != scenarios.scenario_id as double)
            else coalesce(drawn_factors.factor, 1.0)
        end as factor
    from weights
    cross join scenarios
    left join metrics on weights.child_id = metrics.metric_id
    left join drawn_factors
        on
            scenarios.scenario_kind = drawn_factors.scenario_kind
            and scenarios.draw = drawn_factors.draw
            and weights.parent_id = coalesce(drawn_factors.parent_id, weights.parent_id)
            and case scenarios.scenario_kind
                when 'draw' then metrics.family else weights.child_id
            end = drawn_factors.drawn_id

),

-- Where metrics are left out or drawn, a composite counts as its inputs do on average.
composite_factors as (

    select
        parent_id as metric_id,
        scenario,
        {{ exact_sum('weight * factor') }} / {{ exact_sum('weight') }} as factor
    from factors
    where weight_kind = 'composite' and scenario_kind != 'weights'
    group by parent_id, scenario

),

multiplied as (

    select
        factors.scenario,
        factors.weight_kind,
        factors.parent_id,
        factors.child_id,
        factors.weight,
        factors.weight * coalesce(composite_factors.factor, factors.factor) as drawn_weight
    from factors
    left join composite_factors
        on
            factors.child_id = composite_factors.metric_id
            and factors.scenario = composite_factors.scenario
            and factors.weight_kind = 'group'

),

final as (

    -- The weights of a role keep their sum: nothing fills a role up where they have less.
    select
        scenario,
        weight_kind,
        parent_id,
        child_id,
        case
            when weight_kind = 'role'
                then
                    drawn_weight * {{ exact_sum('weight', 'over parent') }}
                    / {{ exact_sum('drawn_weight', 'over parent') }}
            else drawn_weight
        end as weight
    from multiplied
    window parent as (partition by scenario, weight_kind, parent_id)

)

select * from final
