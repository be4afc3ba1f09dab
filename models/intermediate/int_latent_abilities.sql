with cells as (

    select * from {{ ref('int_latent_cells') }}

),

parameters as (

    select
        'board' as fit_id,
        *
    from {{ ref('int_latent_parameters') }}

),

selected as (

    select * from {{ ref('int_measurements_selected') }}

),

active_models as (

    select distinct canonical_id from selected

),

abilities as (

    {{ latent_abilities('cells', 'parameters') }}

),

-- Of a model without a cell nothing is known but what models are like in general.
final as (

    select
        active_models.canonical_id,
        coalesce(abilities.ability, 0.0) as ability,
        coalesce(abilities.ability_variance, 1.0) as ability_variance
    from active_models
    left join abilities on active_models.canonical_id = abilities.canonical_id
    where exists (select 1 from parameters)

)

select * from final
