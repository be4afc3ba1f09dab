{% macro threshold_columns(names, thresholds=none) -%}
    {#- One row with a column for each of these thresholds, all of them of seeds/thresholds.csv. -#}
    select
        {% for name in names -%}
            max(value) filter (where threshold_id = '{{ name }}') as {{ name }}{{ "," if not loop.last }}
        {% endfor %}
    from {{ ref('thresholds') if thresholds is none else thresholds }}
{%- endmacro %}
