with backtests as (

    select * from {{ ref('calibration') }}

),

thresholds as (

    select
        max(value) filter (where threshold_id = 'backtest_minimum_cases') as minimum_cases,
        max(value) filter (where threshold_id = 'calibration_minimum_share')
            as minimum_inside_share,
        max(value) filter (where threshold_id = 'calibration_maximum_share')
            as maximum_inside_share
    from {{ ref('thresholds') }}

),

final as (

    select
        backtests.*,
        backtests.n >= thresholds.minimum_cases
        and backtests.inside_share not between thresholds.minimum_inside_share
        and thresholds.maximum_inside_share
            as is_miscalibrated
    from backtests
    cross join thresholds

)

select * from final
