select
    generated_at,
    methodology,
    edition,
    coefficients_sha256,
    canonical_id,
    display_name,
    role_id,
    score,
    rank,
    score_p05,
    score_p95,
    status,
    place,
    own_share,
    scale_versions
from {{ source('raw', 'previous_history') }}
