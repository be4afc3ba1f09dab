-- No name belongs to two models, as it is normalised or without blanks and dots; none is empty.
with aliases as (

    select * from {{ ref('stg_config__aliases') }}

),

claims as (

    select
        'the same normalised name' as problem,
        normalised_alias as name,
        canonical_id,
        alias
    from aliases
    union all
    select
        'the same compact name' as problem,
        compact_alias as name,
        canonical_id,
        alias
    from aliases
    union all
    select
        'no letter and no digit' as problem,
        '' as name,
        canonical_id,
        alias
    from aliases
    where compact_alias = ''

)

select
    problem,
    name,
    string_agg(
        distinct canonical_id || ' (' || alias || ')', ', ' order by canonical_id || ' (' || alias || ')'
    ) as claimed_by
from claims
group by problem, name
having count(distinct canonical_id) > 1 or problem = 'no letter and no digit'
