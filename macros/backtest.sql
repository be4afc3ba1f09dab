{% macro backtest_averages(inputs, weight_kind) -%}
    {#-
      Composites or groups of back-tested models: averages of what is left, shrunk to the middle for
      what is missing. Reads the CTEs weights, totals and settings.
    -#}
    select
        sums.*,
        sums.present_weight / totals.total_weight as coverage,
        {{ trust('coverage', 'settings.trust_threshold', 'settings.trust_transition_width') }}
            as trust,
        {{ retained_share('coverage', 'trust') }} as retained_share,
        retained_share * (sums.weighted_value / sums.present_weight)
        + 50.0 * (1.0 - retained_share) as value
    from (
        select
            inputs.predictor,
            inputs.canonical_id,
            inputs.scenario_kind,
            inputs.scenario_id,
            weights.parent_id,
            {{ exact_sum('weights.weight') }} as present_weight,
            {{ exact_sum('weights.weight * inputs.value') }} as weighted_value
        from {{ inputs }} as inputs
        inner join weights
            on inputs.metric_id = weights.child_id and weights.weight_kind = '{{ weight_kind }}'
        group by
            inputs.predictor, inputs.canonical_id, inputs.scenario_kind, inputs.scenario_id,
            weights.parent_id
    ) as sums
    inner join totals on sums.parent_id = totals.parent_id
    cross join settings
{%- endmacro %}
