select
    weight_kind,
    parent_id,
    child_id,
    weight,
    position
from {{ ref('int_weights') }}
