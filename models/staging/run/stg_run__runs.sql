select
    generated_at,
    generator,
    is_offline,
    edition,
    is_experiment
from {{ source('raw', 'runs') }}
