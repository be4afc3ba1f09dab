{% macro backtest_averages(inputs, weight_kind) -%}
    {#-
      Composites or groups of back-tested models: averages of what is left, shrunk to the middle for
      what is missing. Reads the CTEs weights, totals and settings.
    -#}
    {% set sums -%}
    (
        select
            inputs.predictor,
            inputs.canonical_id,
            inputs.scenario_kind,
            inputs.scenario_id,
            weights.parent_id,
            any_value(totals.total_weight) as total_weight,
            {{ exact_sum('weights.weight') }} as present_weight,
            {{ exact_sum('weights.weight * inputs.value') }} as weighted_value
        from {{ inputs }} as inputs
        inner join weights
            on inputs.metric_id = weights.child_id and weights.weight_kind = '{{ weight_kind }}'
        inner join totals on weights.parent_id = totals.parent_id
        group by
            inputs.predictor, inputs.canonical_id, inputs.scenario_kind, inputs.scenario_id,
            weights.parent_id
    )
    {%- endset %}
    {{- shrunk_averages(sums, 'settings') }}
{%- endmacro %}
