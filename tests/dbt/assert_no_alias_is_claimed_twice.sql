-- No name belongs to two models, as it is normalised or without blanks and dots; none is empty.
with aliases as (

    select * from {{ ref('stg_config__aliases') }}

),

claims as (

    select
        'the same normalised name' as problem,
        normalised_alias as claimed_name,
        canonical_id,
        alias
    from aliases
    union all
    select
        'the same compact name' as problem,
        compact_alias as claimed_name,
        canonical_id,
        alias
    from aliases
    union all
    select
        'no letter and no digit' as problem,
        '' as claimed_name,
        canonical_id,
        alias
    from aliases
    where compact_alias = ''

)

select
    problem,
    claimed_name,
    string_agg(canonical_id || ' (' || alias || ')', ', ' order by canonical_id, alias)
        as claimed_by
from claims
group by problem, claimed_name
having count(distinct canonical_id) > 1 or problem = 'no letter and no digit'
