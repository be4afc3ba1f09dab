select
    generated_at,
    generator,
    is_offline,
    edition
from {{ source('raw', 'runs') }}
