with models as (

    select * from {{ ref('stg_config__models') }}

),

names as (

    select
        canonical_id,
        canonical_id as alias
    from models
    union
    select
        canonical_id,
        display_name as alias
    from models
    union
    select
        canonical_id,
        unnest(aliases) as alias
    from models

),

final as (

    select
        canonical_id,
        alias,
        {{ normalise_name('alias') }} as normalised_alias,
        {{ compact_name('alias') }} as compact_alias
    from names

)

select * from final
