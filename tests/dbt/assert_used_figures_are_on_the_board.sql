-- Whatever the ledger calls used is selected and on the board, and nothing else is.
with used as (

    select
        (
            select count(*)
            from {{ ref('fct_observation_ledger') }}
            where is_used
        ) as ledger_count,
        (
            select count(*)
            from {{ ref('int_measurements_selected') }}
        ) as selected_count,
        (
            select count(*)
            from {{ ref('fct_measurements') }}
            where metric_kind = 'metric' and evidence_class in ('direct', 'reported')
        ) as board_count

)

select
    'used figures: ledger ' || ledger_count || ', selected ' || selected_count || ', board '
    || board_count as problem
from used
where ledger_count != selected_count or selected_count != board_count
