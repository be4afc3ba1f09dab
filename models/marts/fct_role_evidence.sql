with recursive
evidence as (

    select * from {{ ref('int_role_evidence') }}

),

role_scores as (

    select * from {{ ref('fct_role_scores') }}

),

drawn as (

    select * from {{ ref('int_drawn_places') }}

),

scenarios as (

    select * from {{ ref('int_scenario_scores') }}
    where scenario_kind in ('metric', 'weights')

),

roles as (

    select * from {{ ref('dim_roles') }}

),

thresholds as (

    {{ threshold_columns(['robustness_places']) }}

),

published as (

    select
        canonical_id,
        role_id,
        score
    from role_scores
    union all
    select
        canonical_id,
        'balanced' as role_id,
        {{ balanced_score('score', 'role_id') }} as score
    from role_scores
    group by canonical_id

),

placed as (

    select
        evidence.canonical_id,
        evidence.role_id,
        published.score,
        {{ shared_rank('published.score', 'evidence.role_id') }} as place,
        row_number() over (
            partition by evidence.role_id
            order by round(published.score, 6) desc, evidence.canonical_id asc
        ) as order_place
    from evidence
    inner join published
        on
            evidence.canonical_id = published.canonical_id
            and evidence.role_id = published.role_id
    where evidence.status = 'ranked'

),

intervals as (

    select
        placed.canonical_id,
        placed.role_id,
        placed.order_place as place,
        drawn.scores,
        {{ interval_bound('drawn.scores', 'p05', 'placed.score') }} as p05_score,
        {{ interval_bound('drawn.scores', 'p95', 'placed.score') }} as p95_score,
        -- Where the published place lies outside the draws, the bound moves to it.
        least(list_aggregate(
            drawn.places, 'quantile_disc', {{ var('uncertainty_tail_share') }}
        ), placed.place) as place_p05,
        greatest(list_aggregate(
            drawn.places, 'quantile_disc', 1.0 - {{ var('uncertainty_tail_share') }}
        ), placed.place) as place_p95
    from placed
    inner join drawn
        on placed.canonical_id = drawn.canonical_id and placed.role_id = drawn.role_id

),

spreads as (

    {{ spreads('intervals', 'place_best', 'place_worst') }}

),

{{ tiers('intervals') }},

-- What rpt_robustness asks of ranks among all models, asked of places, which often differ.
reconsidered as (

    select
        scenario,
        scenario_kind,
        canonical_id,
        role_id,
        score
    from scenarios
    union all
    select
        scenario,
        any_value(scenario_kind) as scenario_kind,
        canonical_id,
        'balanced' as role_id,
        {{ balanced_score('score', 'role_id') }} as score
    from scenarios
    group by scenario, canonical_id
    having count(*) = (select count(*) from roles)

),

replaced as (

    select
        reconsidered.scenario_kind,
        reconsidered.canonical_id,
        reconsidered.role_id,
        {{ shared_rank('reconsidered.score', 'reconsidered.scenario, reconsidered.role_id') }}
        - rank() over (
            partition by reconsidered.scenario, reconsidered.role_id order by placed.place
        ) as places_lost
    from reconsidered
    inner join placed
        on
            reconsidered.canonical_id = placed.canonical_id
            and reconsidered.role_id = placed.role_id

),

robustness as (

    select
        replaced.canonical_id,
        replaced.role_id,
        {{ is_robust([
            "max(abs(replaced.places_lost)) filter (where replaced.scenario_kind = 'metric')",
            "-quantile_disc(replaced.places_lost, 0.05)"
            ~ " filter (where replaced.scenario_kind = 'weights')",
            "quantile_disc(replaced.places_lost, 0.95)"
            ~ " filter (where replaced.scenario_kind = 'weights')",
        ]) }} as is_robust
    from replaced
    cross join thresholds
    group by replaced.canonical_id, replaced.role_id, thresholds.robustness_places

),

final as (

    select
        evidence.canonical_id,
        evidence.role_id,
        published.score,
        evidence.direct_share,
        evidence.reported_share,
        evidence.synthesised_share,
        evidence.missing_share,
        evidence.own_share,
        evidence.n_families,
        evidence.n_possible_families,
        evidence.status,
        placed.place,
        intervals.place_p05,
        intervals.place_p95,
        spreads.place_best,
        spreads.place_worst,
        tiers.tier,
        robustness.is_robust,
        evidence.ceiling_share,
        evidence.floor_share
    from evidence
    inner join published
        on
            evidence.canonical_id = published.canonical_id
            and evidence.role_id = published.role_id
    left join placed
        on evidence.canonical_id = placed.canonical_id and evidence.role_id = placed.role_id
    left join intervals
        on evidence.canonical_id = intervals.canonical_id and evidence.role_id = intervals.role_id
    left join spreads
        on evidence.canonical_id = spreads.canonical_id and evidence.role_id = spreads.role_id
    left join tiers
        on evidence.canonical_id = tiers.canonical_id and evidence.role_id = tiers.role_id
    left join robustness
        on
            evidence.canonical_id = robustness.canonical_id
            and evidence.role_id = robustness.role_id

)

select * from final
