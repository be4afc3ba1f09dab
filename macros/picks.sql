{#
  What a reader should take: the score of any mix of roles, and the best of those that fit. docs/database.md.
#}

{% macro mixed(inputs, mixes) -%}
    {#-
      One row per mix and model (key mix_id, canonical_id) from `inputs`, the rows of fct_mix_inputs, and
      `mixes` (mix_id, role_id, weight), of which only the ratios of the weights count: score, own_share
      and status as fct_role_evidence has them, and the place among the models ranked in the mix. A CTE or
      table `rules` has the columns ranked_minimum_share and ranked_minimum_families.
    -#}
    select
        *,
        case when status = 'ranked' then {{ shared_rank('score', 'mix_id, status') }} end as place
    from (
        select
            sums.*,
            {{ ranked_status(
                'sums.own_share', 'sums.n_families', 'sums.n_possible_families', 'rules'
            ) }} as status
        from (
            select
                mixes.mix_id,
                inputs.canonical_id,
                {{ exact_sum('mixes.weight * inputs.score') }}
                / {{ exact_sum('mixes.weight') }} as score,
                {{ exact_sum('mixes.weight * inputs.capability_share * inputs.own_share') }}
                / {{ exact_sum('mixes.weight * inputs.capability_share') }} as own_share,
                len(list_distinct(flatten(list(inputs.families)))) as n_families,
                len(list_distinct(flatten(list(inputs.possible_families)))) as n_possible_families
            from {{ inputs }} as inputs
            inner join {{ mixes }} as mixes on inputs.role_id = mixes.role_id
            where mixes.weight > 0
            group by mixes.mix_id, inputs.canonical_id
        ) as sums
        cross join rules
    ) as judged
{%- endmacro %}

{% macro pick_phrases() -%}
    {#-
      Why a model is picked, in words, as JSON: the only place where they stand. SQL fills them in
      (pick_reason), and so does the leaderboard's script (static/index.js) for what a reader filters by.
    -#}
    {
        "best": "the highest score of {count} ranked models; own evidence {own}",
        "open": "the highest score with open weights, {score} of the best score; own evidence {own}",
        "open_best": "the best model itself has open weights; own evidence {own}",
        "value": "{score} of the score and {price} of the price of the best model; own evidence {own}",
        "value_best": "the best model itself; no model with a similar score is cheaper; own evidence {own}",
        "value_unpriced": "{score} of the best score; the price of the best model is not known; own evidence {own}",
        "no_best": "no ranked model meets the conditions",
        "no_value": "no model with a known price is close enough to the best score",
        "no_open": "no ranked model with open weights meets the conditions"
    }
{%- endmacro %}

{% macro pick_reason() -%}
    {#- The phrase of a row of `picked`, filled in. -#}
    {%- set phrases = fromjson(pick_phrases()) -%}
    replace(replace(replace(replace(
        case
            when pick = 'best' then '{{ phrases["best"] }}'
            when pick = 'open' and best_score_share = 1 then '{{ phrases["open_best"] }}'
            when pick = 'open' then '{{ phrases["open"] }}'
            when best_cost_share is null then '{{ phrases["value_unpriced"] }}'
            when best_score_share = 1 and best_cost_share = 1 then '{{ phrases["value_best"] }}'
            else '{{ phrases["value"] }}'
        end,
        '{count}', cast(n_candidates as varchar)),
        {% for name, share in (("score", "best_score_share"), ("price", "best_cost_share")) -%}
        '{{ "{" ~ name ~ "}" }}', coalesce(cast(round(100 * {{ share }}) as integer) || ' %', '')),
        {% endfor -%}
        '{own}', cast(round(100 * own_share) as integer) || ' %')
{%- endmacro %}

{% macro picked(candidates) -%}
    {#-
      Up to three rows per mix (key mix_id, pick) from `candidates` (mix_id, canonical_id, score, own_share,
      place, blended_cost_usd, open_weights), the ranked models that fit what was asked: `best` has the
      highest score, `value` is the cheapest with at least value_minimum_share of it, `open` the best with
      open weights. Of equals the cheaper one, then the first by key. A CTE or table `rules` has the column
      value_minimum_share. The shares are of the best one's score and price; null where a price is not known.
      `reason` says it in words.
    -#}
    select
        mix_id,
        pick,
        canonical_id,
        score,
        own_share,
        place,
        blended_cost_usd,
        score / nullif(best_score, 0.0) as best_score_share,
        blended_cost_usd / nullif(best_cost_usd, 0.0) as best_cost_share,
        {{ pick_reason() }} as reason
    from (
        select
            fitting.*,
            best.score as best_score,
            best.n_candidates,
            best.blended_cost_usd as best_cost_usd,
            unnest([
                case when fitting.canonical_id = best.canonical_id then 'best' end,
                case
                    when
                        fitting.blended_cost_usd is not null
                        and round(fitting.score, 6) >= round(rules.value_minimum_share * best.score, 6)
                        then 'value'
                end,
                case when fitting.open_weights then 'open' end
            ]) as pick
        from {{ candidates }} as fitting
        inner join (
            select
                *,
                count(*) over (partition by mix_id) as n_candidates
            from {{ candidates }}
            qualify row_number() over (
                partition by mix_id
                order by round(score, 6) desc, blended_cost_usd asc nulls last, canonical_id asc
            ) = 1
        ) as best on fitting.mix_id = best.mix_id
        cross join rules
    ) as roles_played
    where pick is not null
    qualify row_number() over (
        partition by mix_id, pick
        order by
            case when pick = 'value' then blended_cost_usd end asc,
            round(score, 6) desc,
            blended_cost_usd asc nulls last,
            canonical_id asc
    ) = 1
{%- endmacro %}

{% macro pick_rules(thresholds) -%}
    {#- The one row `rules` that the other two macros read. -#}
    {{ threshold_columns([
        'ranked_minimum_share', 'ranked_minimum_families', 'value_minimum_share'
    ], thresholds) }}
{%- endmacro %}
