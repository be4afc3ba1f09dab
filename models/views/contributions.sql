with role_contributions as (

    select * from {{ ref('fct_role_contributions') }}

),

group_contributions as (

    select * from {{ ref('fct_group_contributions') }}

),

roles as (

    select * from {{ ref('dim_roles') }}

),

models as (

    select * from {{ ref('dim_models') }}

),

final as (

    select
        role_contributions.canonical_id as model,
        models.display_name as name,
        roles.display_name as role_name,
        role_contributions.group_id as group_name,
        role_contributions.group_id,
        group_contributions.metric_id as metric,
        role_contributions.weight * group_contributions.weight as weight,
        group_contributions.value as points,
        role_contributions.weight * group_contributions.contribution as contribution
    from role_contributions
    inner join group_contributions
        on
            role_contributions.canonical_id = group_contributions.canonical_id
            and role_contributions.group_id = group_contributions.group_id
    inner join roles on role_contributions.role_id = roles.role_id
    inner join models on role_contributions.canonical_id = models.canonical_id

)

select * from final
