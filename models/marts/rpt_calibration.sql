with backtests as (

    select * from {{ ref('calibration') }}

),

thresholds as (

    select * from {{ ref('thresholds') }}

),

final as (

    {{ judged_calibration('backtests', 'thresholds') }}

)

select * from final
