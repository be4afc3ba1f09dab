{% macro require_landing() -%}
    {#- Stops a run in one sentence when the database holds no landed responses yet. -#}
    {%- if execute and flags.WHICH in ("build", "run", "test") -%}
        {%- set found = run_query(
            "select count(*) from duckdb_tables() where schema_name = 'raw' and table_name = 'raw_records'"
        ).columns[0][0] -%}
        {%- if found == 0 -%}
            {{ exceptions.raise_compiler_error(
                "Nothing has been landed in " ~ env_var("IPBR_DATABASE", "data/ipbr.duckdb")
                ~ " yet: run `ipbr-rank score --offline --cache data/fixtures` first."
            ) }}
        {%- endif -%}
    {%- endif -%}
    select 1
{%- endmacro %}
