{#
  Tables are named without their database: a view then reads what lies beside it, whatever the file
  is called, and the compiled statements are those of any database.
#}

{% macro ref() -%}
    {%- do return(builtins.ref(*varargs, **kwargs).include(database=false)) -%}
{%- endmacro %}

{% macro source() -%}
    {#- The landed responses may be in another database; see models/staging/_sources.yml. -#}
    {%- set relation = builtins.source(*varargs, **kwargs) -%}
    {%- do return(relation.include(database=(relation.database != target.database))) -%}
{%- endmacro %}
