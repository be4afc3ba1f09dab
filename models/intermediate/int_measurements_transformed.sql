with selected as (

    select * from {{ ref('int_measurements_selected') }}

),

synthesised as (

    select * from {{ ref('int_measurements_synthesised') }}

),

metrics as (

    select * from {{ ref('stg_config__metrics') }}

),

present as (

    select
        canonical_id,
        metric_id,
        evidence_class,
        source_id,
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
        url,
        cast(null as varchar) as donor_id,
        cast(null as varchar) as synthesis_category,
        cast(null as bigint) as synthesis_hops,
        cast(null as varchar[]) as synthesis_path
    from selected
    union all
    select
        synthesised.canonical_id,
        synthesised.metric_id,
        'synthesised' as evidence_class,
        selected.source_id,
        selected.source_model_name,
        selected.match_method,
        selected.effort,
        selected.harness,
        selected.observed_on,
        selected.raw_value,
        selected.standard_error,
        selected.interval_lower,
        selected.interval_upper,
        selected.note,
        selected.url,
        synthesised.donor_id,
        synthesised.category as synthesis_category,
        synthesised.hops as synthesis_hops,
        synthesised.synthesis_path
    from synthesised
    inner join selected
        on
            synthesised.origin_id = selected.canonical_id
            and synthesised.metric_id = selected.metric_id
    where not synthesised.is_cap_blocked

),

final as (

    select
        present.*,
        case when metrics.log_scale then ln(present.raw_value) else present.raw_value end
            as transformed_value
    from present
    inner join metrics on present.metric_id = metrics.metric_id

)

select * from final
