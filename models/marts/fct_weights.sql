select
    weight_kind,
    parent_id,
    child_id,
    weight
from {{ ref('stg_config__weights') }}
