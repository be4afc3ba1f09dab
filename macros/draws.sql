{#
  Chance, drawn from MD5 so that the same draws come out on every machine and version. The text
  that is hashed holds the seed, what is drawn for, and the number of the draw.
#}

{% macro drawn_uniform(hash, part) -%}
    {#-
      A number strictly between 0 and 1 from one of the four parts (0 to 3, the lowest first) of an
      MD5 as md5_number gives it: its 16 bytes, the first of them the lowest.
    -#}
    ((cast(({{ hash }} >> {{ 32 * part }}) & 4294967295 as uinteger) + 0.5e0) / 4294967296e0)
{%- endmacro %}

{% macro drawn_normal(uniform_1, uniform_2) -%}
    {#- A standard normal number from two uniform ones (Box and Muller). -#}
    (sqrt(-2.0 * ln({{ uniform_1 }})) * cos(2.0 * pi() * {{ uniform_2 }}))
{%- endmacro %}

{% macro exact_sum(expression, window='') -%}
    {#-
      A sum that does not depend on the order of its rows: whole multiples of 1e-12 below 9e3 are
      exact in binary, and so are their sums.
    -#}
    (sum(round(({{ expression }}) * 1e12)) {{ window }} / 1e12)
{%- endmacro %}

{% macro binomial_error(percent, task_count) -%}
    {#- The standard error, in percent, of a share of so many tasks solved. -#}
    sqrt({{ percent }} * (100.0 - {{ percent }}) / {{ task_count }})
{%- endmacro %}
