select
    source_id,
    n_rows_ingested
from {{ source('raw', 'previous_sources') }}
