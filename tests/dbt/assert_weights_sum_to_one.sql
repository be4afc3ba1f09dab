-- The weights of every group, composite and role sum to 1; no group and no role lacks its weights.
-- Asked of staging, so that nothing is built on weights that do not.
with weights as (

    select * from {{ ref('stg_config__weights') }}

),

parents as (

    select
        'group' as weight_kind,
        group_id as parent_id
    from {{ ref('groups') }}
    union all
    select
        'role' as weight_kind,
        score_key as parent_id
    from {{ ref('roles') }}
    union all
    select distinct
        weight_kind,
        parent_id
    from weights
    where weight_kind = 'composite'

),

sums as (

    select
        weight_kind,
        parent_id,
        sum(weight) as weight_sum,
        string_agg(child_id || ' ' || weight, ', ' order by position) as weights
    from weights
    group by weight_kind, parent_id

)

select
    coalesce(parents.weight_kind, sums.weight_kind) as weight_kind,
    coalesce(parents.parent_id, sums.parent_id) as parent_id,
    sums.weight_sum,
    sums.weights,
    case
        when parents.parent_id is null then 'no such group or role'
        when sums.parent_id is null then 'has no weights'
        else 'the weights do not sum to 1'
    end as problem
from parents
full outer join sums
    on parents.weight_kind = sums.weight_kind and parents.parent_id = sums.parent_id
where parents.parent_id is null or (abs(sums.weight_sum - 1) <= 1e-9) is not true
