-- The formulas of macros/scores.sql at values computed by hand, with the published settings
-- (threshold 0.70, width 0.20) that binary floats do not hit exactly.
with trust_values as (

    select
        'trust' as formula,
        coverage as input,
        {{ trust('coverage', '0.70', '0.20') }} as value,
        expected
    from (
        values (0.0, 0.0), (0.55, 0.0), (0.60, 0.0), (0.65, 0.15625), (0.70, 0.5),
        (0.75, 0.84375), (0.80, 1.0), (1.0, 1.0)
    ) as by_hand (coverage, expected)

),

-- Without a width trust is a step at the threshold.
step_values as (

    select
        'trust without width' as formula,
        coverage as input,
        {{ trust('coverage', '0.70', '0.0') }} as value,
        expected
    from (
        values (0.0, 0.0), (0.6999, 0.0), (0.70, 1.0), (1.0, 1.0)
    ) as by_hand (coverage, expected)

),

tail_values as (

    select
        'tail_penalty' as formula,
        place as input,
        {{ tail_penalty('place') }} as value,
        expected
    from (
        values (0.0, 0.0), (0.1, 35.0), (0.2, 70.0), (0.6, 85.0), (0.8, 92.5), (1.0, 100.0)
    ) as by_hand (place, expected)

),

-- At coverage c and trust u the mean m gives (m·c + 50·(1 − c))·(1 − u) + m·u; for m = 80.
average_values as (

    select
        'average of 80 at trust ' || trust as formula,
        coverage as input,
        80 * {{ retained_share('coverage', 'trust') }}
        + 50 * (1 - {{ retained_share('coverage', 'trust') }}) as value,
        expected
    from (
        values (0.0, 0.0, 50.0), (0.6, 0.0, 68.0), (0.7, 0.5, 75.5), (1.0, 1.0, 80.0)
    ) as by_hand (coverage, trust, expected)

),

results as (

    select * from trust_values
    union all
    select * from step_values
    union all
    select * from tail_values
    union all
    select * from average_values

)

select * from results
where (abs(value - expected) <= 1e-12) is not true
