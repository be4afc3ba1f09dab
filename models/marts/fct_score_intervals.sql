with recursive
draws as (

    select
        canonical_id,
        role_id,
        list(score order by draw) as scores,
        list(rank order by draw) as ranks
    from {{ ref('int_scenario_scores') }}
    where scenario_kind = 'draw'
    group by canonical_id, role_id

),

scores as (

    select * from {{ ref('fct_role_scores') }}

),

intervals as (

    select
        scores.canonical_id,
        scores.role_id,
        scores.score,
        draws.scores,
        row_number() over (
            partition by scores.role_id order by scores.rank, scores.canonical_id
        ) as place,
        {{ interval_bound('draws.scores', 'p05', 'scores.score') }} as p05_score,
        list_aggregate(draws.scores, 'quantile_cont', 0.5) as p50_score,
        {{ interval_bound('draws.scores', 'p95', 'scores.score') }} as p95_score,
        list_aggregate(
            draws.ranks, 'quantile_disc', {{ var('uncertainty_tail_share') }}
        ) as p05_rank,
        list_aggregate(
            draws.ranks, 'quantile_disc', 1.0 - {{ var('uncertainty_tail_share') }}
        ) as p95_rank,
        len(list_filter(draws.ranks, lambda drawn: drawn = 1))  -- noqa: RF02
        / len(draws.ranks) as best_share,
        len(list_filter(draws.ranks, lambda drawn: drawn <= 3))  -- noqa: RF02
        / len(draws.ranks) as top_three_share
    from scores
    inner join draws
        on scores.canonical_id = draws.canonical_id and scores.role_id = draws.role_id

),

spreads as (

    {{ spreads('intervals', 'best_rank', 'worst_rank') }}

),

{{ tiers('intervals') }},

final as (

    select
        intervals.canonical_id,
        intervals.role_id,
        intervals.p05_score,
        intervals.p50_score,
        intervals.p95_score,
        intervals.p05_rank,
        intervals.p95_rank,
        intervals.best_share,
        intervals.top_three_share,
        spreads.best_rank,
        spreads.worst_rank,
        tiers.tier
    from intervals
    inner join spreads
        on intervals.canonical_id = spreads.canonical_id and intervals.role_id = spreads.role_id
    inner join tiers
        on intervals.canonical_id = tiers.canonical_id and intervals.role_id = tiers.role_id

)

select * from final
