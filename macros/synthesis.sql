{#
  How values are borrowed: docs/methodology.md, "Synthesis".
#}

{% macro synthesis_paths(is_for_holders=false) -%}
    {#-
      The recursive CTE `paths`: how a value can travel from the model that has it to one that has none,
      or, for holders, to one that has its own as if it had none. Reads the CTEs origins (canonical_id,
      metric_id, source_id) and pairs. A path grows from the origin; it never visits a model twice and
      ends where the next model has its own. Of as many hops the best path alone is followed: the one
      whose pairs are declared first, from the target on.
    -#}
paths as (

    select
        canonical_id as target_id,
        metric_id,
        canonical_id as origin_id,
        source_id,
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
        ) as is_conservative,
        any_value(origins.canonical_id) is not null as has_own
    from paths
    inner join pairs on paths.target_id = pairs.donor_id
    left join origins
        on pairs.target_id = origins.canonical_id and paths.metric_id = origins.metric_id
    where
        {{ 'not paths.has_own' if is_for_holders else 'origins.canonical_id is null' }}
        and not list_contains(paths.visited, pairs.target_id)
        and (pairs.source_ids is null or list_contains(pairs.source_ids, paths.source_id))
    group by pairs.target_id, paths.metric_id, paths.origin_id

)
{%- endmacro %}

{% macro synthesis_category(is_conservative) -%}
    {#- What a path is called by whether any of its pairs is a conservative one. -#}
    case when {{ is_conservative }} then 'conservative' else 'same_series_forward' end
{%- endmacro %}

{% macro first_paths() -%}
    {#- Fewest hops first, then the pair nearest to the target that is declared first; of `paths`. -#}
    row_number() over (
        partition by paths.target_id, paths.metric_id
        order by paths.hops, paths.pair_positions, paths.origin_id
    ) = 1
{%- endmacro %}

{% macro measured_models() -%}
    {#- How many models a source has a value of, from the CTE origins. -#}
    select
        source_id,
        count(distinct canonical_id) as measured_count
    from origins
    group by source_id
{%- endmacro %}

{% macro cap_blocked_values(fills) -%}
    {#-
      A value that its donor may not hold cannot be passed on by it: of the CTE chosen, as far as
      `fills` (source_id, target_id, is_cap_blocked) blocks a donor.
    -#}
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
    inner join {{ fills }} as fills
        on
            passed.source_id = fills.source_id
            and passed.donor_id = fills.target_id
            and fills.is_cap_blocked
{%- endmacro %}
