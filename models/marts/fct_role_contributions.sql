with roles as (

    select * from {{ ref('dim_roles') }}

),

weights as (

    select * from {{ ref('int_weights') }}
    where weight_kind = 'role'

),

scores as (

    select * from {{ ref('fct_group_scores') }}

),

final as (

    select
        scores.canonical_id,
        roles.role_id,
        weights.child_id as group_id,
        weights.weight,
        scores.score as group_score,
        weights.weight * scores.score as contribution
    from weights
    inner join roles on weights.parent_id = roles.score_key
    inner join scores on weights.child_id = scores.group_id

)

select * from final
