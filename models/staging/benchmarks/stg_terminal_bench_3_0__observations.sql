select * from {{ ref('stg_terminal_bench__rows') }}
where source_id = 'terminal_bench_3_0'
