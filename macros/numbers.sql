{#
  Numbers: how they are read, and arithmetic that gives the same result on every machine. A value stays
  text until it is read, since the text carries the exact decimals.
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

{% macro is_percentage(expression) -%}
    {#- Whether a cell says itself that its number is a percentage: `77.47%`, `82.0% ± 2.2`. -#}
    coalesce(ends_with(trim(split_part({{ expression }}, '±', 1)), '%'), false)
{%- endmacro %}

{% macro share_text(expression) -%}
    {#- A share as text, also where the cell has it as a percentage; what is no number stays. -#}
    case
        when {{ is_percentage(expression) }}
            then coalesce(
                cast(
                    {{ as_number(number_text(expression), 'decimal(18, 9)') }}
                    * cast(0.01 as decimal(3, 2)) as varchar
                ),
                {{ expression }}
            )
        else {{ expression }}
    end
{%- endmacro %}

{% macro as_number(text, type='double') -%}
    {#-
      A number text as a number, null if it is none. DuckDB alone would read digits with underlines,
      as in a program: `1_0` as 10. NaN and infinity are read, for the reason why they are not used.
    -#}
    case
        when
            regexp_full_match(
                {{ text }},
                '(?i)\s*[-+]?(([0-9]+([.][0-9]*)?|[.][0-9]+)(e[-+]?[0-9]+)?|inf(inity)?|nan)\s*'
            )
            then try_cast({{ text }} as {{ type }})
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
        when {{ as_number(text) }} is null then 'not a number'
        when not isfinite({{ as_number(text) }}) then 'not a finite number'
        when {{ is_zero_missing }} and {{ value }} <= 0 then 'zero or less means not measured'
        when {{ value }} < {{ minimum_value }} then 'below the lowest possible value'
        when {{ value }} > {{ maximum_value }} then 'above the highest possible value'
    end
{%- endmacro %}

{% macro error_issue(standard_error, interval_lower, interval_upper, has_own_unit) -%}
    {#-
      Why the error and the interval that a source gives with a figure cannot be used, or null. They
      stand and fall together, as most sources give one of them and the other follows from it. With
      `has_own_unit` the figure is written in another unit than the source's others.
    -#}
    case
        when coalesce({{ standard_error }}, {{ interval_lower }}, {{ interval_upper }}) is null then null
        when
            not isfinite(coalesce({{ standard_error }}, 0))
            or not isfinite(coalesce({{ interval_lower }}, 0))
            or not isfinite(coalesce({{ interval_upper }}, 0))
            then 'not a finite error or interval'
        when {{ interval_lower }} > {{ interval_upper }}
            then 'the lower end of the interval is above the upper end'
        when ({{ interval_lower }} is null) != ({{ interval_upper }} is null)
            then 'one end of the interval is missing'
        when {{ standard_error }} < 0 then 'the error is below zero'
        when {{ has_own_unit }} then 'it is not stated whether the error is in percent, too'
    end
{%- endmacro %}

{% macro exact_sum(expression, window='') -%}
    {#-
      A sum that does not depend on the order of its rows: whole multiples of 1e-12 below 9e3 are
      exact in binary, and so are their sums.
    -#}
    (sum(round(({{ expression }}) * 1e12)) {{ window }} / 1e12)
{%- endmacro %}

{% macro exact_wide_sum(expression, window='') -%}
    {#- As exact_sum, for sums above 9e3: whole multiples of 1e-12 in 128 bits. -#}
    (sum(cast(round(({{ expression }}) * 1e12) as hugeint)) {{ window }} / 1e12)
{%- endmacro %}

{% macro binomial_error(percent, task_count) -%}
    {#- The standard error, in percent, of a share of so many tasks solved. -#}
    sqrt({{ percent }} * (100.0 - {{ percent }}) / {{ task_count }})
{%- endmacro %}
