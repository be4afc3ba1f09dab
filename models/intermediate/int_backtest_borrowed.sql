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

-- As in int_measurements_synthesised, but for a last step to a model that has its own value: what
-- it would borrow if it had none. Nobody borrows from there on.
paths as (

    select
        canonical_id as target_id,
        metric_id,
        source_id,
        canonical_id as origin_id,
        0 as hops,
        [canonical_id] as visited,
        cast([] as bigint[]) as pair_positions,
        false as is_conservative,
        false as has_own
    from origins
    union all
    select
        pairs.target_id,
        paths.metric_id,
        paths.source_id,
        paths.origin_id,
        paths.hops + 1 as hops,
        list_prepend(pairs.target_id, paths.visited) as visited,
        list_prepend(pairs.pair_position, paths.pair_positions) as pair_positions,
        paths.is_conservative or pairs.category = 'conservative' as is_conservative,
        origins.canonical_id is not null as has_own
    from paths
    inner join pairs on paths.target_id = pairs.donor_id
    left join origins
        on pairs.target_id = origins.canonical_id and paths.metric_id = origins.metric_id
    where
        not paths.has_own
        and not list_contains(paths.visited, pairs.target_id)
        and (pairs.source_ids is null or list_contains(pairs.source_ids, paths.source_id))

),

chosen as (

    select
        paths.*,
        case when paths.is_conservative then 'conservative' else 'same_series_forward' end
            as category
    from paths
    where paths.has_own
    qualify
        row_number() over (
            partition by paths.target_id, paths.metric_id
            order by paths.hops, paths.pair_positions, paths.origin_id
        ) = 1

),

measured_models as (

    select
        source_id,
        count(distinct canonical_id) as measured_count
    from origins
    group by source_id

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

withheld as (

    select distinct
        passed.target_id,
        passed.metric_id
    from (
        select
            target_id,
            metric_id,
            source_id,
            unnest(visited[2:]) as donor_id
        from chosen
    ) as passed
    inner join fills
        on
            passed.source_id = fills.source_id
            and passed.donor_id = fills.target_id
            and fills.is_cap_blocked

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
        measurements.normalised_value * (1.0 - discount_share) + 50.0 * discount_share as value
    from chosen
    inner join capped
        on chosen.source_id = capped.source_id and chosen.target_id = capped.target_id
    inner join measurements
        on
            chosen.origin_id = measurements.canonical_id
            and chosen.metric_id = measurements.metric_id
    left join withheld
        on chosen.target_id = withheld.target_id and chosen.metric_id = withheld.metric_id
    cross join settings
    where not capped.is_cap_blocked and withheld.target_id is null

)

select * from final
