{#
  The step from figures to groups where a board is scored many times over: the tables of expressions
  that follow `weighted_sums` (model_number, parent_number, the number of the scoring, present_weight,
  weighted_value), the last one `group_values`. Read besides: `settings`, and `parents`
  (parent_number, weight_kind). `weights` is a table of weight_kind, parent_number, metric_number,
  the number of the scoring and weight; `totals` of total_weight by parent and scoring; `scoring` is
  the column of that number.
#}

{% macro group_values(weights, totals, scoring) -%}
composite_values as (

    {{ shrunk_values('weighted_sums', totals, scoring) }}
    inner join parents on sums.parent_number = parents.parent_number
    where parents.weight_kind = 'composite'

),

composite_parts as (

    select
        composite_values.model_number,
        weights.parent_number,
        composite_values.{{ scoring }},
        {{ exact_sum('weights.weight') }} as present_weight,
        {{ exact_sum('weights.weight * composite_values.value') }} as weighted_value
    from composite_values
    inner join {{ weights }} as weights
        on
            composite_values.parent_number = weights.metric_number
            and composite_values.{{ scoring }} = weights.{{ scoring }}
    where weights.weight_kind = 'group'
    group by composite_values.model_number, weights.parent_number, composite_values.{{ scoring }}

),

metric_parts as (

    select weighted_sums.*
    from weighted_sums
    inner join parents on weighted_sums.parent_number = parents.parent_number
    where parents.weight_kind = 'group'

),

group_sums as (

    select
        coalesce(metric_parts.model_number, composite_parts.model_number) as model_number,
        coalesce(metric_parts.parent_number, composite_parts.parent_number) as parent_number,
        coalesce(metric_parts.{{ scoring }}, composite_parts.{{ scoring }}) as {{ scoring }},
        coalesce(metric_parts.present_weight, 0.0) + coalesce(composite_parts.present_weight, 0.0)
            as present_weight,
        coalesce(metric_parts.weighted_value, 0.0) + coalesce(composite_parts.weighted_value, 0.0)
            as weighted_value
    from metric_parts
    full outer join composite_parts
        on
            metric_parts.model_number = composite_parts.model_number
            and metric_parts.parent_number = composite_parts.parent_number
            and metric_parts.{{ scoring }} = composite_parts.{{ scoring }}

),

group_values as (

    {{ shrunk_values('group_sums', totals, scoring) }}

)
{%- endmacro %}

{% macro shrunk_values(sums, totals, scoring) -%}
    {#- Averages of what is present, pulled to the middle for what is missing. -#}
    select
        sums.model_number,
        sums.parent_number,
        sums.{{ scoring }},
        sums.present_weight / totals.total_weight as coverage,
        {{ trust(
            'coverage', 'settings.trust_threshold', 'settings.trust_transition_width'
        ) }} as trust,
        {{ retained_share('coverage', 'trust') }} as retained_share,
        retained_share * (sums.weighted_value / sums.present_weight)
        + 50.0 * (1.0 - retained_share) as value
    from {{ sums }} as sums
    inner join {{ totals }} as totals
        on
            sums.parent_number = totals.parent_number
            and sums.{{ scoring }} = totals.{{ scoring }}
    cross join settings
{%- endmacro %}
