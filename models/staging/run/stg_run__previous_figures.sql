select
    canonical_id,
    metric_id,
    source_id,
    raw_value
from {{ source('raw', 'previous_figures') }}
