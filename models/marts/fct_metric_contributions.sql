select
    canonical_id,
    metric_id,
    input_metric_id,
    weight,
    value,
    contribution,
    is_pull
from {{ ref('int_composite_contributions') }}
