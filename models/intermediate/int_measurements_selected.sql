with ranked as (

    select * from {{ ref('int_observations_ordered') }}

),

final as (

    select
        canonical_id,
        metric_id,
        evidence_class,
        source_id,
        part,
        position,
        source_model_name,
        match_method,
        effort,
        harness,
        observed_on,
        raw_value,
        standard_error,
        interval_lower,
        interval_upper,
        note,
        url
    from ranked
    where choice = 1

)

select * from final
