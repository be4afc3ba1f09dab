with recursive
measurements as (

    select * from {{ ref('int_measurements_selected') }}

),

pairs as (

    select * from {{ ref('stg_config__synthesis_pairs') }}

),

settings as (

    select * from {{ ref('stg_config__settings') }}

),

metrics as (

    select * from {{ ref('metrics') }}
    where metric_class = 'capability'

),

origins as (

    select
        measurements.canonical_id,
        measurements.metric_id,
        measurements.source_id
    from measurements
    inner join metrics on measurements.metric_id = metrics.metric_id

),

active_models as (

    select distinct canonical_id from measurements

),

-- How a figure can travel from the model that has it to one that has none. A path grows from the
-- origin; it never visits a model twice and ends where the next model has its own. Of as many hops
-- the best path alone is followed: the one whose pairs are declared first, from the target on.
paths as (

    select
        canonical_id as target_id,
        metric_id,
        canonical_id as origin_id,
        source_id,
        0 as hops,
        [canonical_id] as visited,
        cast([] as bigint[]) as pair_positions,
        false as is_conservative
    from origins
    union all
    select
        pairs.target_id,
        paths.metric_id,
        paths.origin_id,
        any_value(paths.source_id) as source_id,
        any_value(paths.hops) + 1 as hops,
        arg_min(
            list_prepend(pairs.target_id, paths.visited),
            list_prepend(pairs.pair_position, paths.pair_positions)
        ) as visited,
        min(list_prepend(pairs.pair_position, paths.pair_positions)) as pair_positions,
        arg_min(
            paths.is_conservative or pairs.category = 'conservative',
            list_prepend(pairs.pair_position, paths.pair_positions)
        ) as is_conservative
    from paths
    inner join pairs on paths.target_id = pairs.donor_id
    left join origins
        on pairs.target_id = origins.canonical_id and paths.metric_id = origins.metric_id
    where
        origins.canonical_id is null
        and not list_contains(paths.visited, pairs.target_id)
        and (pairs.source_ids is null or list_contains(pairs.source_ids, paths.source_id))
    group by pairs.target_id, paths.metric_id, paths.origin_id

),

-- Fewest hops first, then the pair nearest to the target that is declared first.
chosen as (

    select paths.*
    from paths
    inner join active_models on paths.target_id = active_models.canonical_id
    where paths.hops > 0
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

-- Models join the filled ones of a source in the order of declaration of their pairs.
fill_order as (

    select
        source_id,
        target_id,
        row_number() over (
            partition by source_id order by min(pair_positions[1]), target_id
        ) as fill_rank
    from chosen
    group by source_id, target_id

),

capped as (

    select
        fill_order.source_id,
        fill_order.target_id,
        fill_order.fill_rank
        > settings.per_source_cap
        * (measured_models.measured_count + fill_order.fill_rank) + 1e-9 as is_cap_blocked
    from fill_order
    inner join measured_models on fill_order.source_id = measured_models.source_id
    cross join settings

),

-- A figure that its donor may not hold cannot be passed on by it.
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
    inner join capped
        on
            passed.source_id = capped.source_id
            and passed.donor_id = capped.target_id
            and capped.is_cap_blocked

),

marked as (

    select
        chosen.*,
        capped.is_cap_blocked or withheld.target_id is not null as is_cap_blocked
    from chosen
    inner join capped
        on chosen.source_id = capped.source_id and chosen.target_id = capped.target_id
    left join withheld
        on chosen.target_id = withheld.target_id and chosen.metric_id = withheld.metric_id

),

final as (

    select
        marked.target_id as canonical_id,
        marked.metric_id,
        marked.source_id,
        marked.visited[2] as donor_id,
        marked.origin_id,
        marked.hops,
        marked.visited as synthesis_path,
        marked.pair_positions,
        case
            when marked.is_conservative then 'conservative' else 'same_series_forward'
        end as category,
        marked.is_cap_blocked
    from marked

)

select * from final
