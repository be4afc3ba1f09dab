select * from {{ ref('stg_scale_labs__entries') }}
where source_id = 'hil_bench'
