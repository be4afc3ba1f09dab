-- Every normalised value, group score and role score lies between 0 and 100.
with scores as (

    select
        'normalised value' as score_kind,
        canonical_id,
        metric_id as child_id,
        normalised_value as score
    from {{ ref('int_measurements_normalised') }}
    union all
    select
        'value' as score_kind,
        canonical_id,
        metric_id as child_id,
        value as score
    from {{ ref('fct_measurements') }}
    where is_present
    union all
    select
        'group score' as score_kind,
        canonical_id,
        group_id as child_id,
        score
    from {{ ref('fct_group_scores') }}
    union all
    select
        'role score' as score_kind,
        canonical_id,
        role_id as child_id,
        score
    from {{ ref('fct_role_scores') }}

)

select * from scores
where (score between 0 and 100) is not true
