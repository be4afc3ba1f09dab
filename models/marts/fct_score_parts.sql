with role_contributions as (

    select * from {{ ref('fct_role_contributions') }}

),

group_contributions as (

    select * from {{ ref('fct_group_contributions') }}

),

metric_contributions as (

    select * from {{ ref('fct_metric_contributions') }}

),

composites as (

    select * from {{ ref('fct_measurements') }}
    where metric_kind = 'composite'

),

parts as (

    select
        role_contributions.canonical_id,
        role_contributions.role_id,
        role_contributions.group_id,
        group_contributions.metric_id,
        role_contributions.weight * group_contributions.weight as weight,
        group_contributions.value,
        role_contributions.weight * group_contributions.contribution as contribution,
        group_contributions.is_pull
    from role_contributions
    inner join group_contributions
        on
            role_contributions.canonical_id = group_contributions.canonical_id
            and role_contributions.group_id = group_contributions.group_id

),

-- A composite is shared out to its inputs and its own shrinkage to 50, by what they add to it.
final as (

    select
        parts.canonical_id,
        parts.role_id,
        parts.group_id,
        metric_contributions.metric_id as composite_id,
        case
            when metric_contributions.metric_id is null then parts.metric_id
            else metric_contributions.input_metric_id
        end as metric_id,
        parts.weight * coalesce(metric_contributions.weight, 1.0) as weight,
        coalesce(metric_contributions.value, parts.value) as value,
        case
            when metric_contributions.metric_id is null then parts.contribution
            when composites.value = 0.0 then 0.0
            else parts.contribution * metric_contributions.contribution / composites.value
        end as contribution,
        coalesce(metric_contributions.is_pull, parts.is_pull) as is_pull
    from parts
    left join metric_contributions
        on
            parts.canonical_id = metric_contributions.canonical_id
            and parts.metric_id = metric_contributions.metric_id
    left join composites
        on
            parts.canonical_id = composites.canonical_id
            and parts.metric_id = composites.metric_id

)

select
    * exclude (weight),
    case when not is_pull then weight end as weight
from final
