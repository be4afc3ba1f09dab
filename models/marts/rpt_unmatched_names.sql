with ledger as (

    select * from {{ ref('fct_observation_ledger') }}
    where resolution = 'unmatched'

),

final as (

    select
        source_id,
        source_model_name,
        any_value(vendor_hint order by part, position) as vendor_hint,
        count(*) as n_observations,
        list(distinct metric_id order by metric_id) as metric_ids,
        string_agg(distinct outcome, '; ' order by outcome) as reason
    from ledger
    group by source_id, source_model_name

)

select * from final
