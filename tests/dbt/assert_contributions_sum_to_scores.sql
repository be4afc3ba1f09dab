-- The contributions of a composite, a group and a role sum to its score, also down to figures.
with sums as (

    select
        'composite' as score_kind,
        canonical_id,
        metric_id as parent_id,
        sum(contribution) as contribution_sum
    from {{ ref('fct_metric_contributions') }}
    group by canonical_id, metric_id
    union all
    select
        'group' as score_kind,
        canonical_id,
        group_id as parent_id,
        sum(contribution) as contribution_sum
    from {{ ref('fct_group_contributions') }}
    group by canonical_id, group_id
    union all
    select
        'role' as score_kind,
        canonical_id,
        role_id as parent_id,
        sum(contribution) as contribution_sum
    from {{ ref('fct_role_contributions') }}
    group by canonical_id, role_id
    union all
    select
        'role, by figure' as score_kind,
        canonical_id,
        role_id as parent_id,
        sum(contribution) as contribution_sum
    from {{ ref('fct_score_parts') }}
    group by canonical_id, role_id

),

scores as (

    select
        'composite' as score_kind,
        canonical_id,
        metric_id as parent_id,
        value as score
    from {{ ref('fct_measurements') }}
    where metric_kind = 'composite' and is_present
    union all
    select
        'group' as score_kind,
        canonical_id,
        group_id as parent_id,
        score
    from {{ ref('fct_group_scores') }}
    union all
    select
        unnest(['role', 'role, by figure']) as score_kind,
        canonical_id,
        role_id as parent_id,
        score
    from {{ ref('fct_role_scores') }}

)

select
    coalesce(sums.score_kind, scores.score_kind) as score_kind,
    coalesce(sums.canonical_id, scores.canonical_id) as canonical_id,
    coalesce(sums.parent_id, scores.parent_id) as parent_id,
    sums.contribution_sum,
    scores.score
from sums
full outer join scores
    on
        sums.score_kind = scores.score_kind
        and sums.canonical_id = scores.canonical_id
        and sums.parent_id = scores.parent_id
where (abs(sums.contribution_sum - scores.score) <= 1e-9) is not true
