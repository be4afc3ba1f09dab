with scores as (

    select * from {{ ref('fct_role_scores') }}

),

roles as (

    select * from {{ ref('dim_roles') }}

),

models as (

    select * from {{ ref('dim_models') }}

),

final as (

    select
        scores.canonical_id as model,
        models.display_name as name,
        roles.display_name as role_name,
        scores.score,
        scores.rank,
        scores.rank_change
    from scores
    inner join roles on scores.role_id = roles.role_id
    inner join models on scores.canonical_id = models.canonical_id

)

select * from final
