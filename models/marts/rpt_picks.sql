with roles as (

    select * from {{ ref('dim_roles') }}

),

inputs as (

    select * from {{ ref('fct_mix_inputs') }}

),

models as (

    select * from {{ ref('rpt_scoreboard') }}

),

rules as (

    {{ pick_rules(ref('dim_thresholds')) }}

),

mixes as (

    select
        role_id as mix_id,
        role_id,
        1.0 as weight
    from roles
    union all
    select
        'balanced' as mix_id,
        role_id,
        1.0 as weight
    from roles

),

scored as (

    {{ mixed('inputs', 'mixes') }}

),

candidates as (

    select
        scored.*,
        models.blended_cost_usd,
        models.open_weights
    from scored
    inner join models on scored.canonical_id = models.canonical_id
    where scored.status = 'ranked'

),

picks as (

    {{ picked('candidates') }}

),

final as (

    select * rename (mix_id as role_id)
    from picks

)

select * from final
