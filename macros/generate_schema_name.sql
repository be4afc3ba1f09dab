{% macro generate_schema_name(custom_schema_name, node) -%}
    {#- Schemas are called staging, intermediate, marts and seeds: no prefix, for short queries. -#}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
