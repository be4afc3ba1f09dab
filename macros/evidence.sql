{#
  What a score stands on: shares of weight by evidence, and who has a place. docs/methodology.md.
#}

{% macro ranked_status(own_share, n_families, n_possible_families, rules) -%}
    {#- Whether own evidence is enough for a place; it is summed, so the last digits are no rule. -#}
    case
        when
            {{ own_share }} >= {{ rules }}.ranked_minimum_share - 1e-9
            and {{ n_families }} >= least({{ rules }}.ranked_minimum_families, {{ n_possible_families }})
            then 'ranked'
        else 'provisional'
    end
{%- endmacro %}

{% macro evidence_shares(shares, figures) -%}
    {#-
      The rows of int_role_evidence from `shares` (role_id, metric_id, capability_share, family,
      is_board_family), in which a mix of roles is one more role, and `figures` (canonical_id, metric_id,
      evidence_class, normalised_value), one row per model and capability metric, missing ones too. A
      CTE or table `thresholds` has the columns ranked_minimum_share and ranked_minimum_families.
    -#}
    select
        canonical_id,
        role_id,
        direct_share,
        reported_share,
        synthesised_share,
        missing_share,
        direct_share + reported_share as own_share,
        n_families,
        n_possible_families,
        {{ ranked_status('own_share', 'n_families', 'n_possible_families', 'thresholds') }} as status,
        ceiling_weight / nullif(own_share, 0.0) as ceiling_share,
        floor_weight / nullif(own_share, 0.0) as floor_share
    from (
        select
            figures.canonical_id,
            shares.role_id,
            {% for evidence_class in ("direct", "reported", "synthesised") -%}
                {{ exact_sum(
                    "case when figures.evidence_class = '" ~ evidence_class
                    ~ "' then shares.capability_share else 0.0 end"
                ) }} as {{ evidence_class }}_share,
            {% endfor -%}
            {{ exact_sum(
                'case when figures.evidence_class is null then shares.capability_share else 0.0 end'
            ) }} as missing_share,
            count(distinct shares.family) filter (
                where
                    shares.is_board_family and figures.evidence_class in ('direct', 'reported')
                    and shares.capability_share > 0
            ) as n_families,
            count(distinct shares.family)
            filter (where shares.is_board_family and shares.capability_share > 0)
                as n_possible_families,
            {% for end, value in (("ceiling", "100.0"), ("floor", "0.0")) -%}
                {{ exact_sum(
                    "case when figures.evidence_class in ('direct', 'reported')"
                    ~ " and figures.normalised_value = " ~ value
                    ~ " then shares.capability_share else 0.0 end"
                ) }} as {{ end }}_weight{{ "," if not loop.last }}
            {% endfor %}
        from {{ figures }} as figures
        inner join {{ shares }} as shares on figures.metric_id = shares.metric_id
        group by figures.canonical_id, shares.role_id
    ) as sums
    cross join thresholds
{%- endmacro %}

{% macro judged_calibration(backtests) -%}
    {#-
      The rows of `backtests` with is_miscalibrated: whether intervals hold the score in too few or too
      many of its `n` cases, of which `inside_share` was inside.
    -#}
    select
        backtests.*,
        backtests.n >= limits.backtest_minimum_cases
        and backtests.inside_share
        not between limits.calibration_minimum_share and limits.calibration_maximum_share
            as is_miscalibrated
    from {{ backtests }} as backtests
    cross join (
        {{ threshold_columns([
            'backtest_minimum_cases', 'calibration_minimum_share', 'calibration_maximum_share'
        ]) }}
    ) as limits
{%- endmacro %}

{% macro is_robust(moves) -%}
    {#-
      Whether no choice moves a rank far; `moves` are numbers of places. A CTE or table `thresholds` has the
      column robustness_places.
    -#}
    {% for move in moves -%}
        {{ move }} <= thresholds.robustness_places{{ " and" if not loop.last }}
    {% endfor %}
{%- endmacro %}

{% macro counts_as_evidence(scenario_id, evidence_class) -%}
    {#- Whether values of a class count in a scenario of kind `evidence`; see int_scenarios. -#}
    (
        {{ evidence_class }} = 'direct'
        or ({{ scenario_id }} = 'claimed' and {{ evidence_class }} = 'reported')
    )
{%- endmacro %}

{% macro spreads(intervals, best, worst) -%}
    {#-
      The columns `best` and `worst`, one row per model and role of the CTE `intervals` (canonical_id,
      role_id, p05_score, p95_score): the first and the last place that intervals which do not touch
      leave open.
    -#}
    select
        mine.canonical_id,
        mine.role_id,
        1 + count(*) filter (where other.p05_score > mine.p95_score) as {{ best }},
        count(*) - count(*) filter (where other.p95_score < mine.p05_score) as {{ worst }}
    from {{ intervals }} as mine
    inner join {{ intervals }} as other on mine.role_id = other.role_id
    group by mine.canonical_id, mine.role_id
{%- endmacro %}

{% macro draws_not_ahead(scores, other_scores) -%}
    {#- In how many draws a model's score is not above another's; both are lists of the same draws. -#}
    list_sum(list_transform(
        list_zip({{ scores }}, {{ other_scores }}),
        lambda pair: case when round(pair[2], 6) >= round(pair[1], 6) then 1 else 0 end
    ))
{%- endmacro %}

{% macro tiers(scores) -%}
    {#-
      The CTEs `left_over`, which is recursive, and `tiers` (canonical_id, role_id, tier) from the CTE
      `scores` (canonical_id, role_id, place without ties, scores: the list of all draws). A tier holds
      those that its leader does not beat in nearly every draw; a leader never beats itself, so fewer
      are left each time.
    -#}
left_over as (

    select
        canonical_id,
        role_id,
        place,
        scores,
        1 as tier,
        first(scores) over (partition by role_id order by place) as leader_scores
    from {{ scores }}
    union all
    select
        canonical_id,
        role_id,
        place,
        scores,
        tier + 1 as tier,
        first(scores) over (partition by role_id order by place) as leader_scores
    from left_over
    where
        {{ draws_not_ahead('leader_scores', 'scores') }}
        <= {{ var('uncertainty_tail_share') }} * len(scores)

),

tiers as (

    select
        canonical_id,
        role_id,
        max(tier) as tier
    from left_over
    group by canonical_id, role_id

)
{%- endmacro %}
