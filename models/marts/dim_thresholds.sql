select * from {{ ref('thresholds') }}
