select
    generated_at,
    generator,
    is_offline
from {{ source('raw', 'runs') }}
