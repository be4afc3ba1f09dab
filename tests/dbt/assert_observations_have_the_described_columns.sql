-- `union all by name` would take a misspelt column of one source for one that the others lack.
-- depends_on: {{ ref('int_observations_appended') }}
{%- set described = [] -%}
{%- if execute -%}
    {%- for node in graph.nodes.values() -%}
        {%- if node.resource_type == "model" and node.name.endswith("__observations") -%}
            {%- do described.append(node) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endif %}

with described as (

    {% for node in described %}
        select
            '{{ node.schema }}' as schema_name,
            '{{ node.alias }}' as table_name,
            unnest({{ node.columns.keys() | list }}) as column_name
        {{ "union all" if not loop.last }}
    {% else %}
        select
            null as schema_name,
            null as table_name,
            null as column_name
    {% endfor %}

),

found as (

    -- In whichever database: a question in memory is put beside the built one.
    select distinct
        schema_name,
        table_name,
        column_name
    from duckdb_columns()
    where (schema_name, table_name) in (select (schema_name, table_name) from described)

)

select
    'described, but not there' as problem,
    missing.*
from (select * from described except select * from found) as missing
union all
select
    'there, but not described' as problem,
    undescribed.*
from (select * from found except select * from described) as undescribed
