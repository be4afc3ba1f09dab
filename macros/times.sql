{#
  Times are timestamps in UTC without a zone.
#}

{% macro start_of_last_week(time) -%}
    {#- Weeks open on Sunday at 00:00; DuckDB cuts them on Monday, hence the day to and fro. -#}
    date_trunc('week', {{ time }} + interval 1 day) - interval 1 day - interval 1 week
{%- endmacro %}
