select
    generated_at,
    generator,
    is_offline,
    edition,
    is_experiment,
    is_demo
from {{ source('raw', 'runs') }}
