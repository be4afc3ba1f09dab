select
    source_id,
    n_rows_ingested,
    scale_version
from {{ source('raw', 'previous_sources') }}
