with records as (

    select * from {{ source('raw', 'raw_records') }}
    where source_id = 'lmarena'

),

entries as (

    select
        *,
        -- The agent arena has a score, a share won over the others, where the others have ratings.
        coalesce(record ->> '$.rating', record ->> '$.score') as figure,
        {{ as_number("coalesce(record ->> '$.rating_lower', record ->> '$.score_ci_lower')") }}
            as interval_lower,
        {{ as_number("coalesce(record ->> '$.rating_upper', record ->> '$.score_ci_upper')") }}
            as interval_upper
    from records

),

final as (

    select
        source_id,
        part,
        position,
        record ->> '$.model_name' as source_model_name,
        regexp_replace(record ->> '$.model_name', '\s*\([a-z]+-harness\)', '') as candidate_name,
        record ->> '$.organization' as vendor_hint,
        nullif(trim(record ->> '$.license'), '') != 'Proprietary' as has_open_weights,
        nullif(regexp_extract(record ->> '$.model_name', '\(([a-z]+)-harness\)', 1), '') as harness,
        part || '/' || (record ->> '$.category') as source_metric_name,
        figure as raw_text,
        -- The published interval is rating ± 1.96 standard errors.
        (interval_upper - interval_lower) / (2 * 1.96) as standard_error,
        interval_lower,
        interval_upper,
        try_cast(record ->> '$.leaderboard_publish_date' as date) as observed_on,
        -- Each board is computed from all votes up to its day.
        cast(null as date) as window_start,
        try_cast(record ->> '$.leaderboard_publish_date' as date) as window_end
    from entries

)

select * from final
