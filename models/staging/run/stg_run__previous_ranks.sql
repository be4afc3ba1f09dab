select
    canonical_id,
    display_name,
    role_id,
    rank,
    status,
    place,
    generated_at
from {{ source('raw', 'previous_ranks') }}
