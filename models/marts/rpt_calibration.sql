with backtests as (

    select * from {{ ref('calibration') }}

),

final as (

    {{ judged_calibration('backtests') }}

)

select * from final
