{% macro show_failures(results) -%}
    {#- Logs the first rows of each data test that failed, as dbt itself says only how many there are. -#}
    {%- for result in results
        if result.node.resource_type == "test" and result.status == "fail" and result.node.compiled_code
    -%}
        {%- set found = run_query(
            "select * from (\n" ~ result.node.compiled_code ~ "\n) limit 5"
        ) -%}
        {%- set lines = [result.node.name ~ ", its first rows:", found.column_names | join(" | ")] -%}
        {%- for row in found.rows -%}
            {%- do lines.append(row.values() | join(" | ")) -%}
        {%- endfor -%}
        {%- do log(lines | join("\n  "), info=true) -%}
    {%- endfor -%}
{%- endmacro %}
