with observations as (

    select * from {{ ref('int_observations_unioned') }}

),

suffixes as (

    select * from {{ ref('name_suffixes') }}
    where kind = 'effort'

),

efforts as (

    select * from {{ ref('effort_policy') }}

),

texts as (

    select distinct
        effort_text,
        {{ normalise_name('effort_text') }} as normalised_text
    from observations
    where effort_text is not null

),

final as (

    select
        texts.effort_text,
        suffixes.effort
    from texts
    inner join suffixes
        on contains(' ' || texts.normalised_text || ' ', ' ' || suffixes.suffix || ' ')
    inner join efforts on suffixes.effort = efforts.effort
    qualify
        row_number() over (
            partition by texts.effort_text
            order by efforts.specificity desc, efforts.capability_rank asc
        ) = 1

)

select * from final
