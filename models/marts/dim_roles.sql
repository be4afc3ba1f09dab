select
    role_id,
    role_order,
    letter,
    display_name,
    score_key,
    description
from {{ ref('roles') }}
