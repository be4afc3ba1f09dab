select
    group_id,
    group_order,
    display_name,
    description
from {{ ref('groups') }}
