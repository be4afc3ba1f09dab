-- Every active model, and no other, has a row per metric and composite, per group and per role,
-- and one on the board; every model with a figure of its own is active.
with models as (

    select canonical_id from {{ ref('dim_models') }}
    where is_active

),

expected as (

    select
        'figure of a metric' as row_kind,
        models.canonical_id,
        metrics.metric_id as child_id
    from models
    cross join {{ ref('dim_metrics') }} as metrics
    union all
    select
        'group score' as row_kind,
        models.canonical_id,
        dim_groups.group_id as child_id
    from models
    cross join {{ ref('dim_groups') }} as dim_groups
    union all
    select
        'role score' as row_kind,
        models.canonical_id,
        dim_roles.role_id as child_id
    from models
    cross join {{ ref('dim_roles') }} as dim_roles
    union all
    select
        'row of the board' as row_kind,
        canonical_id,
        '' as child_id
    from models
    union all
    -- Whoever has a figure must be active: its own figures stand for the active models here.
    select distinct
        'figure of its own' as row_kind,
        canonical_id,
        '' as child_id
    from models

),

found as (

    select
        'figure of a metric' as row_kind,
        canonical_id,
        metric_id as child_id
    from {{ ref('fct_measurements') }}
    union all
    select
        'group score' as row_kind,
        canonical_id,
        group_id as child_id
    from {{ ref('fct_group_scores') }}
    union all
    select
        'role score' as row_kind,
        canonical_id,
        role_id as child_id
    from {{ ref('fct_role_scores') }}
    union all
    select
        'row of the board' as row_kind,
        canonical_id,
        '' as child_id
    from {{ ref('rpt_scoreboard') }}
    union all
    select distinct
        'figure of its own' as row_kind,
        canonical_id,
        '' as child_id
    from {{ ref('fct_observation_ledger') }}
    where is_used

)

select
    coalesce(expected.row_kind, found.row_kind) as row_kind,
    coalesce(expected.canonical_id, found.canonical_id) as canonical_id,
    coalesce(expected.child_id, found.child_id) as child_id,
    case when found.row_kind is null then 'missing' else 'too many' end as problem
from expected
full outer join found
    on
        expected.row_kind = found.row_kind
        and expected.canonical_id = found.canonical_id
        and expected.child_id = found.child_id
where expected.row_kind is null or found.row_kind is null
union all
select
    'row of the board' as row_kind,
    null as canonical_id,
    null as child_id,
    'no model is active' as problem
where not exists (select 1 from models)
