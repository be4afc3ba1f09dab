-- Chance is MD5, so this cannot come out by chance: of so many numbers mean and spread are known.
with noise as (

    select unnest(normals) as normal
    from {{ ref('int_drawn_noise') }}

),

factors as (

    select * from {{ ref('int_drawn_factors') }}

),

sigma as (

    select value as robustness_sigma
    from {{ ref('thresholds') }}
    where threshold_id = 'robustness_sigma'

),

draws as (

    select
        draw,
        avg(factor) as mean
    from factors
    where scenario_kind = 'draw'
    group by draw

),

spreads as (

    select
        'noise has mean 0' as expectation,
        avg(normal) as found,
        0.0 as expected,
        count(*) as numbers
    from noise
    union all
    select
        'noise has spread 1' as expectation,
        stddev_pop(normal) as found,
        1.0 as expected,
        count(*) as numbers
    from noise
    union all
    select
        'weights have their spread' as expectation,
        stddev_pop(ln(factors.factor)) / any_value(sigma.robustness_sigma) as found,
        1.0 as expected,
        count(*) as numbers
    from factors
    cross join sigma
    where factors.scenario_kind = 'weights' and sigma.robustness_sigma > 0
    union all
    select
        'families have the spread of exponential numbers' as expectation,
        stddev_pop(factor) as found,
        -- Divided by their mean they spread a little less.
        sqrt(1.0 - 2.0 / (count(distinct drawn_id) + 1.0)) as expected,
        count(*) as numbers
    from factors
    where scenario_kind = 'draw' and {{ var('uncertainty_has_bootstrap') | int }} = 1

)

select
    expectation,
    found,
    expected
from spreads
where numbers > 10000 and abs(found - expected) > 0.03
union all
select
    'families are 1 on average in draw ' || draw as expectation,
    mean as found,
    1.0 as expected
from draws
where abs(mean - 1.0) > 1e-9
