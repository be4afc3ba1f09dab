with files as (

    select * from {{ ref('stg_config__files') }}

),

final as (

    select
        cast(content ->> '$.synthesis.per_model_cap' as double) as per_model_cap,
        cast(content ->> '$.synthesis.per_source_cap' as double) as per_source_cap,
        cast(content ->> '$.aggregation.trust_threshold' as double) as trust_threshold,
        cast(content ->> '$.aggregation.trust_transition_width' as double)
            as trust_transition_width,
        cast(content ->> '$.penalties.synthesis' as double) as synthesis_penalty,
        cast(content ->> '$.penalties.override_reported' as double) as reported_penalty
    from files
    where file_id = 'coefficients'

)

select * from final
