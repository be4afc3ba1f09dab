-- With the results that rpt_missing_results lists, a model has enough own evidence for a place.
with evidence as (

    select * from {{ ref('int_role_evidence') }}
    where status = 'provisional'

),

missing as (

    select
        canonical_id,
        role_id,
        sum(added_share) as added_share
    from {{ ref('rpt_missing_results') }}
    group by canonical_id, role_id

),

thresholds as (

    {{ threshold_columns(['ranked_minimum_share']) }}

)

select evidence.*
from evidence
cross join thresholds
left join missing
    on
        evidence.canonical_id = missing.canonical_id
        and evidence.role_id = missing.role_id
where
    missing.added_share is null
    or evidence.own_share + missing.added_share < thresholds.ranked_minimum_share - 1e-9
