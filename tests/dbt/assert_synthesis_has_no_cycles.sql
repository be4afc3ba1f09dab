-- A sibling's figure comes over declared pairs only, on a path that visits no model twice, from a
-- model with a figure of its own, past models without one; one conservative hop makes it so.
with synthesised as (

    select * from {{ ref('int_measurements_synthesised') }}

),

pairs as (

    select * from {{ ref('stg_config__synthesis_pairs') }}

),

own as (

    select
        canonical_id,
        metric_id,
        source_id
    from {{ ref('int_measurements_selected') }}

),

hops as (

    select
        canonical_id,
        metric_id,
        source_id,
        category,
        synthesis_path,
        hops,
        generate_subscripts(pair_positions, 1) as hop,
        unnest(pair_positions) as pair_position
    from synthesised

),

checked_hops as (

    select
        hops.canonical_id,
        hops.metric_id,
        hops.synthesis_path,
        bool_or(pairs.category = 'conservative') as is_conservative,
        any_value(hops.category) as category,
        bool_and(
            pairs.target_id = hops.synthesis_path[hops.hop]
            and pairs.donor_id = hops.synthesis_path[hops.hop + 1]
            and (pairs.source_ids is null or list_contains(pairs.source_ids, hops.source_id))
        ) as is_declared
    from hops
    left join pairs on hops.pair_position = pairs.pair_position
    group by hops.canonical_id, hops.metric_id, hops.synthesis_path

),

problems as (

    select
        canonical_id,
        metric_id,
        synthesis_path,
        'visits a model twice' as problem
    from synthesised
    where len(list_distinct(synthesis_path)) != len(synthesis_path)
    union all
    select
        canonical_id,
        metric_id,
        synthesis_path,
        'path, hops, donor and origin disagree' as problem
    from synthesised
    where
        synthesis_path[1] != canonical_id
        or synthesis_path[2] != donor_id
        or synthesis_path[-1] != origin_id
        or len(synthesis_path) != hops + 1
        or len(pair_positions) != hops
        or hops < 1
    union all
    select
        synthesised.canonical_id,
        synthesised.metric_id,
        synthesised.synthesis_path,
        'the origin has no figure of its own' as problem
    from synthesised
    left join own
        on
            synthesised.origin_id = own.canonical_id
            and synthesised.metric_id = own.metric_id
            and synthesised.source_id = own.source_id
    where own.canonical_id is null
    union all
    select
        passed.canonical_id,
        passed.metric_id,
        passed.synthesis_path,
        own.canonical_id || ' on the path has a figure of its own' as problem
    from (
        select
            canonical_id,
            metric_id,
            synthesis_path,
            unnest(synthesis_path[:-2]) as passed_id
        from synthesised
    ) as passed
    inner join own
        on passed.passed_id = own.canonical_id and passed.metric_id = own.metric_id
    union all
    select
        canonical_id,
        metric_id,
        synthesis_path,
        'a hop is not a declared pair of that source' as problem
    from checked_hops
    where is_declared is not true
    union all
    select
        canonical_id,
        metric_id,
        synthesis_path,
        'the category is not that of its hops' as problem
    from checked_hops
    where (category = 'conservative') is distinct from is_conservative

)

select * from problems
