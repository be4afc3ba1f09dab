-- The formulas of macros/scores.sql, macros/draws.sql and macros/numbers.sql at values computed by
-- hand, with the published settings (threshold 0.70, width 0.20), not exact in binary floats.
with settings as (

    select
        cast(0.70 as double) as threshold,
        cast(0.20 as double) as width,
        cast(0 as double) as no_width

),

trust_values as (

    select
        cast(by_hand.coverage as double) as coverage,
        by_hand.expected
    from (
        values (0.0, 0.0), (0.55, 0.0), (0.60, 0.0), (0.65, 0.15625), (0.70, 0.5),
        (0.75, 0.84375), (0.80, 1.0), (1.0, 1.0)
    ) as by_hand (coverage, expected)

),

-- Without a width trust is a step at the threshold.
step_values as (

    select
        cast(by_hand.coverage as double) as coverage,
        by_hand.expected
    from (values (0.0, 0.0), (0.6999, 0.0), (0.70, 1.0), (1.0, 1.0)) as by_hand (coverage, expected)

),

tail_values as (

    select
        cast(by_hand.place as double) as place,
        by_hand.expected
    from (
        values (0.0, 0.0), (0.1, 35.0), (0.2, 70.0), (0.6, 85.0), (0.8, 92.5), (1.0, 100.0)
    ) as by_hand (place, expected)

),

-- At coverage c and trust u the mean m gives (m·c + 50·(1 − c))·(1 − u) + m·u; for m = 80.
average_values as (

    select
        cast(by_hand.coverage as double) as coverage,
        cast(by_hand.trust as double) as trust,
        by_hand.expected
    from (
        values (0.0, 0.0, 50.0), (0.6, 0.0, 68.0), (0.7, 0.5, 75.5), (1.0, 1.0, 80.0)
    ) as by_hand (coverage, trust, expected)

),

-- MD5 of the letter a begins with the bytes 0c c1 75 b9, the lowest first: 3111502092, a half more,
-- over 2^32. The logarithm of e^-2 is -2, its square root times a half turn is -2. 90 of 100 tasks:
-- sqrt(9).
draw_values as (

    select
        'uniform' as formula,
        {{ drawn_uniform("md5_number('a')", 0) }} as result,
        cast(0.7244530349271372 as double) as expected
    union all
    select
        'normal' as formula,
        {{ drawn_normal('cast(0.1353352832366127 as double)', '0.5') }} as result,
        cast(-2 as double) as expected
    union all
    select
        'binomial error' as formula,
        {{ binomial_error('cast(90 as double)', '100') }} as result,
        cast(3 as double) as expected
    union all
    select
        'exact sum' as formula,
        (
            select 6 / {{ exact_sum('addends.addend / 10') }}
            from range(1, 4) as addends (addend)
        ) as result,
        cast(10 as double) as expected

),

results as (

    select
        'trust' as formula,
        trust_values.coverage as argument,
        {{ trust('trust_values.coverage', 'settings.threshold', 'settings.width') }} as result,
        trust_values.expected
    from trust_values
    cross join settings
    union all
    select
        'trust without a width' as formula,
        step_values.coverage as argument,
        {{ trust('step_values.coverage', 'settings.threshold', 'settings.no_width') }} as result,
        step_values.expected
    from step_values
    cross join settings
    union all
    select
        'tail_penalty' as formula,
        place as argument,
        {{ tail_penalty('place') }} as result,
        expected
    from tail_values
    union all
    select
        'average of 80' as formula,
        coverage as argument,
        80 * {{ retained_share('coverage', 'trust') }}
        + 50 * (1 - {{ retained_share('coverage', 'trust') }}) as result,
        expected
    from average_values
    union all
    select
        formula,
        cast(null as double) as argument,
        result,
        expected
    from draw_values

)

select * from results
where (abs(result - expected) <= 1e-12) is not true
