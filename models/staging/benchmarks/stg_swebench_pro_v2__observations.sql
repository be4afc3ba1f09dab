select * from {{ ref('stg_scale_labs__entries') }}
where source_id = 'swebench_pro_v2'
