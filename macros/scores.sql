{#
  The formulas of the methodology, one expression each. docs/methodology.md explains them.
#}

{% macro shared_rank(score, within=none) -%}
    {#- The place of a score, 1 being the best; scores that agree to six decimals share one. -#}
    rank() over ({% if within %}partition by {{ within }} {% endif %}order by round({{ score }}, 6) desc)
{%- endmacro %}

{% macro figure_rank(metric_id, value, raw_value, higher_better) -%}
    {#-
      The place of a figure among those of its metric: by points, then by the figure itself, since
      many share 0 or 100 points. Composites have points alone.
    -#}
    rank() over (
        partition by {{ metric_id }}
        order by
            round({{ value }}, 6) desc,
            coalesce({{ raw_value }}, {{ value }}) * case when {{ higher_better }} then 1 else -1 end desc
    )
{%- endmacro %}

{% macro balanced_score(score, role_id) -%}
    {#- The unweighted mean of the roles. -#}
    sum({{ score }} order by {{ role_id }}) / count(*)
{%- endmacro %}

{% macro coverage_share(weight, coverage, role_id, group_id) -%}
    {#- The share of all role weight that stands on a present figure. -#}
    sum({{ weight }} * {{ coverage }} order by {{ role_id }}, {{ group_id }})
    / sum({{ weight }} order by {{ role_id }}, {{ group_id }})
{%- endmacro %}

{% macro position_between(value, lower_bound, upper_bound, higher_better) -%}
    {#- Where a value lies between two bounds, 0 to 1, 1 being good; null without a spread. -#}
    case
        when {{ upper_bound }} - {{ lower_bound }} > 1e-12
            then case
                when {{ higher_better }}
                    then least(greatest(
                        ({{ value }} - {{ lower_bound }}) / ({{ upper_bound }} - {{ lower_bound }}), 0.0
                    ), 1.0)
                else 1.0 - least(greatest(
                    ({{ value }} - {{ lower_bound }}) / ({{ upper_bound }} - {{ lower_bound }}), 0.0
                ), 1.0)
            end
    end
{%- endmacro %}

{% macro unclipped_position(value, lower_bound, upper_bound, higher_better) -%}
    {#- As position_between, and beyond 0 and 1 where the value lies beyond the bounds. -#}
    case
        when {{ upper_bound }} - {{ lower_bound }} > 1e-12
            then
                case
                    when {{ higher_better }} then {{ value }} - {{ lower_bound }}
                    else {{ upper_bound }} - {{ value }}
                end / ({{ upper_bound }} - {{ lower_bound }})
    end
{%- endmacro %}

{% macro tail_penalty(position_share) -%}
    {#- The best four fifths share 70 to 100, the worst fifth falls from 70 to 0. -#}
    case
        when {{ position_share }} >= 0.20 then 70.0 + ({{ position_share }} - 0.20) / 0.80 * 30.0
        else {{ position_share }} / 0.20 * 70.0
    end
{%- endmacro %}

{% macro as_score(value, higher_better) -%}
    {#- A value that is a score already: fractions times 100, cut to 0 and 100. -#}
    case
        when {{ higher_better }} then least(greatest(
            case when {{ value }} between 0 and 1 then {{ value }} * 100.0 else {{ value }} end, 0.0
        ), 100.0)
        else 100.0 - least(greatest(
            case when {{ value }} between 0 and 1 then {{ value }} * 100.0 else {{ value }} end, 0.0
        ), 100.0)
    end
{%- endmacro %}

{% macro discount_share(evidence_class, synthesis_category, synthesis_penalty, reported_penalty) -%}
    {#- The share of a normalised value that is replaced by 50, by its evidence. -#}
    case
        when {{ evidence_class }} = 'synthesised' and {{ synthesis_category }} = 'conservative'
            then {{ synthesis_penalty }}
        when {{ evidence_class }} = 'reported' then {{ reported_penalty }}
        else 0.0
    end
{%- endmacro %}

{% macro trust(coverage, threshold, width) -%}
    {#- 0 below the threshold, 1 above it, with a smooth step of the given width between. -#}
    case
        when {{ width }} <= 0 then case when {{ coverage }} >= {{ threshold }} then 1.0 else 0.0 end
        else pow(least(greatest(({{ coverage }} - ({{ threshold }} - {{ width }} / 2)) / {{ width }}, 0.0), 1.0), 2)
            * (3 - 2 * least(greatest(({{ coverage }} - ({{ threshold }} - {{ width }} / 2)) / {{ width }}, 0.0), 1.0))
    end
{%- endmacro %}

{% macro retained_share(coverage, trust) -%}
    {#- The share of an average that is its present inputs; the rest is the pull to 50. -#}
    ({{ coverage }} + (1.0 - {{ coverage }}) * {{ trust }})
{%- endmacro %}
