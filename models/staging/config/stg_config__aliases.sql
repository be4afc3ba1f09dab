with models as (

    select * from {{ ref('stg_config__models') }}

),

names as (

    select
        canonical_id,
        cast(null as varchar) as source_id,
        canonical_id as alias
    from models
    union
    select
        canonical_id,
        null as source_id,
        display_name as alias
    from models
    union
    select
        canonical_id,
        null as source_id,
        unnest(aliases) as alias
    from models
    union
    select
        models.canonical_id,
        scope.key as source_id,
        unnest(from_json(scope.value, '["varchar"]')) as alias
    from models, json_each(models.source_aliases) as scope

),

final as (

    select
        canonical_id,
        source_id,
        alias,
        {{ normalise_name('alias') }} as normalised_alias,
        {{ compact_name('alias') }} as compact_alias
    from names

)

select * from final
