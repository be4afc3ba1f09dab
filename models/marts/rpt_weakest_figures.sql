with models as (

    select * from {{ ref('dim_models') }}
    where is_active

),

weights as (

    select * from {{ ref('stg_config__weights') }}
    where weight > 0

),

roles as (

    select * from {{ ref('dim_roles') }}

),

measurements as (

    select * from {{ ref('fct_measurements') }}

),

errors as (

    select * from {{ ref('int_standard_errors') }}

),

-- What a metric weighs in a role over all its groups and composites.
metric_weights as (

    select
        roles.role_id,
        coalesce(inputs.child_id, in_group.child_id) as metric_id,
        sum(
            in_role.weight * in_group.weight * coalesce(inputs.weight, 1.0)
            order by in_role.child_id, inputs.parent_id
        ) as weight
    from roles
    inner join weights as in_role
        on roles.score_key = in_role.parent_id and in_role.weight_kind = 'role'
    inner join weights as in_group
        on in_role.child_id = in_group.parent_id and in_group.weight_kind = 'group'
    left join weights as inputs
        on in_group.child_id = inputs.parent_id and inputs.weight_kind = 'composite'
    group by roles.role_id, coalesce(inputs.child_id, in_group.child_id)

),

judged as (

    select
        models.canonical_id,
        metric_weights.role_id,
        metric_weights.metric_id,
        metric_weights.weight,
        case when measurements.is_present then measurements.evidence_class else 'missing' end
            as weakness,
        case
            when measurements.is_present then coalesce(errors.evidence_error, 0.0)
            else {{ var('uncertainty_missing_error') }}
        end as figure_error,
        metric_weights.weight * figure_error as score_error
    from models
    cross join metric_weights
    inner join measurements
        on
            models.canonical_id = measurements.canonical_id
            and metric_weights.metric_id = measurements.metric_id
    left join errors
        on
            models.canonical_id = errors.canonical_id
            and metric_weights.metric_id = errors.metric_id

),

final as (

    select
        *,
        row_number() over (
            partition by canonical_id, role_id order by score_error desc, metric_id asc
        ) as place
    from judged
    where score_error > 0

)

select * from final
