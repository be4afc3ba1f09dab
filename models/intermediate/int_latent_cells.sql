with inputs as (

    select * from {{ ref('int_latent_inputs') }}

),

offsets as (

    select * from {{ ref('int_reported_offsets') }}

),

final as (

    select
        'board' as fit_id,
        inputs.canonical_id,
        inputs.metric_id,
        inputs.normalised_value - coalesce(offsets.reported_offset, 0.0) as value
    from inputs
    left join offsets
        on
            inputs.metric_id = offsets.metric_id
            and inputs.evidence_class = 'reported'
            and offsets.is_not_comparable
    where inputs.metric_id = inputs.fitted_metric_id

)

select * from final
