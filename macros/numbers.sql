{#
  Reading numbers. A value stays text until here, since the text carries the exact decimals.
#}

{% macro number_text(expression) -%}
    {#- The bare number in a cell such as `1,234.5`, `77.47%` or `82.0% ± 2.2`. -#}
    {%- set bare = "regexp_replace(trim(split_part(" ~ expression ~ ", '±', 1)), '\\s*%$', '')" -%}
    case
        when regexp_full_match({{ bare }}, '-?[0-9]{1,3}(,[0-9]{3})+([.][0-9]+)?')
            then replace({{ bare }}, ',', '')
        else {{ bare }}
    end
{%- endmacro %}

{% macro scale_value(text, multiplier) -%}
    {#-
      A number text times a whole multiplier. Done in decimals where the text fits them, so that
      0.57 becomes 57 and not 56.99999999999999; else in binary.
    -#}
    case
        when
            cast(try_cast({{ text }} as decimal(30, 18)) as double) = try_cast({{ text }} as double)
            then cast(
                try_cast({{ text }} as decimal(30, 18)) * cast({{ multiplier }} as decimal(8, 0))
                as double
            )
        else try_cast({{ text }} as double) * {{ multiplier }}
    end
{%- endmacro %}

{% macro value_issue(text, minimum_value, maximum_value, is_zero_missing, value) -%}
    {#- Why a figure cannot be used, or null. `value` is the figure in the metric's unit. -#}
    case
        when {{ text }} is null or lower({{ text }}) in ('', 'n/a', 'na', '-', '--', '—', 'none', 'null')
            then 'no figure'
        when try_cast({{ text }} as double) is null then 'not a number'
        when not isfinite(try_cast({{ text }} as double)) then 'not a finite number'
        when {{ is_zero_missing }} and {{ value }} <= 0 then 'zero or less stands for not measured'
        when {{ value }} < {{ minimum_value }} then 'below the lowest possible value'
        when {{ value }} > {{ maximum_value }} then 'above the highest possible value'
    end
{%- endmacro %}
