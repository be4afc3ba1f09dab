with recursive
selected as (

    select * from {{ ref('int_measurements_selected') }}

),

measurements as (

    select * from {{ ref('int_measurements_normalised') }}

),

pairs as (

    select * from {{ ref('stg_config__synthesis_pairs') }}

),

filled as (

    select * from {{ ref('int_measurements_synthesised') }}

),

metrics as (

    select * from {{ ref('metrics') }}
    where metric_class = 'capability'

),

settings as (

    select * from {{ ref('stg_config__settings') }}

),

origins as (

    select
        selected.canonical_id,
        selected.metric_id,
        selected.source_id
    from selected
    inner join metrics on selected.metric_id = metrics.metric_id

),

-- What a model that has its own value would borrow if it had none. Nobody borrows from there on.
{{ synthesis_paths(is_for_holders=true) }},

chosen as (

    select
        paths.*,
        {{ synthesis_category('paths.is_conservative') }} as category
    from paths
    where paths.has_own
    qualify {{ first_paths() }}

),

measured_models as (

    {{ measured_models() }}

),

fills as (

    select
        source_id,
        canonical_id as target_id,
        min(pair_positions[1]) as first_pair,
        bool_or(is_cap_blocked) as is_cap_blocked
    from filled
    group by source_id, canonical_id

),

asking as (

    select
        source_id,
        target_id,
        min(pair_positions[1]) as first_pair
    from chosen
    group by source_id, target_id

),

-- The place it would take among those that a source fills, of whose own models it is one fewer.
capped as (

    select
        asking.source_id,
        asking.target_id,
        1 + count(fills.target_id) as fill_rank,
        fill_rank
        > any_value(settings.per_source_cap)
        * (any_value(measured_models.measured_count) - 1 + fill_rank) + 1e-9 as is_cap_blocked
    from asking
    inner join measured_models on asking.source_id = measured_models.source_id
    cross join settings
    left join fills
        on
            asking.source_id = fills.source_id
            and asking.target_id != fills.target_id
            and (fills.first_pair, fills.target_id) < (asking.first_pair, asking.target_id)
    group by asking.source_id, asking.target_id

),

cap_blocked as (

    {{ cap_blocked_values('fills') }}

),

final as (

    select
        chosen.target_id as canonical_id,
        chosen.metric_id,
        chosen.origin_id,
        chosen.category as synthesis_category,
        {{ discount_share(
            "'synthesised'", 'chosen.category', 'settings.synthesis_penalty',
            'settings.reported_penalty',
        ) }} as discount_share,
        {{ discounted('measurements.normalised_value', 'discount_share') }} as value
    from chosen
    inner join capped
        on chosen.source_id = capped.source_id and chosen.target_id = capped.target_id
    inner join measurements
        on
            chosen.origin_id = measurements.canonical_id
            and chosen.metric_id = measurements.metric_id
    left join cap_blocked
        on chosen.target_id = cap_blocked.target_id and chosen.metric_id = cap_blocked.metric_id
    cross join settings
    where not capped.is_cap_blocked and cap_blocked.target_id is null

)

select * from final
