{#
  What is known of a board's data tests: ops.build_verdicts and what it follows from. Each command of
  dbt first takes back what it is about to change, so that one that is killed leaves no old verdict,
  and last says what it came to. docs/decisions/0053-verdicts.md; ipbr_rank/engine/verdicts.py reads it, and
  writes the same where dbt's statements are run without dbt.
#}

{% macro begin_build() -%}
    {#-
      Before the first node: tests below what is selected have no result any more, and all tables below
      it are stale until they are built. New responses make everything that follows from them so.
    -#}
    {%- set selected = [] -%}
    {%- for name in selected_resources if name.split(".")[0] in ("model", "seed", "snapshot") -%}
        {%- do selected.append(name) -%}
    {%- endfor -%}
    {%- set landed = landed_hash() -%}
    {%- if not execute or flags.WHICH not in ("build", "run", "seed", "snapshot", "test") -%}
    select 1
    {%- else -%}
    {%- set below = nodes_below(selected) if flags.WHICH != "test" else [] -%}
    {%- set below_landed = nodes_below(graph.sources.keys() | list) -%}
    create schema if not exists ops;
    create table if not exists ops.build_verdicts (
        invocation_id varchar not null primary key,
        ended_at timestamp not null,
        configuration_hash varchar,
        landed_hash varchar not null,
        n_tests_enabled integer not null,
        n_tests_run integer not null,
        n_tests_failed integer not null,
        n_tests_warned integer not null,
        n_nodes_stale integer not null
    );
    create table if not exists ops.test_results (
        test_id varchar not null primary key,
        status varchar not null,
        n_failures bigint not null
    );
    create table if not exists ops.stale_nodes (node_id varchar not null primary key);
    create or replace temp table new_landing as
    select landed_hash != ({{ landed }}) as is_new
    from ops.build_verdicts
    order by ended_at desc, rowid desc
    limit 1;
    delete from ops.test_results where list_contains({{ below }}::varchar[], test_id);
    delete from ops.test_results
    where list_contains({{ below_landed }}::varchar[], test_id) and (select is_new from new_landing);
    insert or ignore into ops.stale_nodes
    select unnest({{ tables_among(below) }}::varchar[]);
    insert or ignore into ops.stale_nodes
    select unnest({{ tables_among(below_landed) }}::varchar[]) from new_landing where is_new;
    drop table new_landing
    {%- endif -%}
{%- endmacro %}

{% macro end_build(results) -%}
    {#- After the last node: what the tests that ran came to, and the verdict on all that are enabled. -#}
    {%- set landed = landed_hash() -%}
    {%- set files = ref("stg_config__files") -%}
    {%- if not execute or flags.WHICH not in ("build", "run", "seed", "snapshot", "test") -%}
    select 1
    {%- else -%}
    {%- do show_failures(results) -%}
    {%- set built, found = [], [] -%}
    {%- for result in results -%}
        {%- if result.node.resource_type in ("model", "seed", "snapshot") and result.status == "success" -%}
            {%- do built.append(result.node.unique_id) -%}
        {%- elif result.node.resource_type == "test" and result.status != "skipped" -%}
            {%- set status = result.status if result.status in ("pass", "warn", "fail") else "error" -%}
            {%- do found.append(
                "('" ~ result.node.unique_id ~ "', '" ~ status ~ "', " ~ (result.failures or 0) ~ ")"
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set enabled = [] -%}
    {%- for name, node in graph.nodes.items() if node.resource_type == "test" -%}
        {%- do enabled.append(name) -%}
    {%- endfor -%}
    {%- set has_files = run_query(
        "select count(*) from duckdb_tables() where database_name = current_database() "
        ~ "and schema_name = 'staging' and table_name = 'stg_config__files'"
    ).columns[0][0] -%}
    delete from ops.stale_nodes
    where
        list_contains({{ built }}::varchar[], node_id)
        or not list_contains({{ graph.nodes.keys() | list }}::varchar[], node_id);
    delete from ops.test_results where not list_contains({{ enabled }}::varchar[], test_id);
    {% if found -%}
    insert or replace into ops.test_results values {{ found | join(", ") }};
    {% endif -%}
    insert into ops.build_verdicts
    select
        '{{ invocation_id }}',
        make_timestamp(epoch_us(now())),
        {% if has_files -%}
        (
            select sha256(string_agg(file_id || ' ' || sha256, chr(10) order by file_id))
            from {{ files }}
        )
        {%- else -%}
        null
        {%- endif %},
        ({{ landed }}),
        {{ enabled | length }},
        count(*),
        count(*) filter (where status in ('fail', 'error')),
        count(*) filter (where status = 'warn'),
        (select count(*) from ops.stale_nodes)
    from ops.test_results;
    delete from ops.build_verdicts
    where invocation_id not in (
        select invocation_id from ops.build_verdicts order by ended_at desc, rowid desc limit 100
    )
    {%- endif -%}
{%- endmacro %}

{% macro landed_hash() -%}
    {#- A query for what the landed tables are told by: number and hash of the rows of each. -#}
    select sha256(string_agg(name || ' ' || contents, chr(10) order by name))
    from (
        {% for name in [
            "previous_history", "previous_ranks", "previous_sources",
            "raw_records", "raw_responses", "runs", "source_runs",
        ] -%}
        {% if not loop.first %}union all{% endif %}
        select
            '{{ name }}' as name,
            count(*) || ' ' || coalesce(bit_xor(hash(landed)), 0) as contents
        from {{ source("raw", name) }} as landed
        {% endfor -%}
    )
{%- endmacro %}

{% macro nodes_below(names) -%}
    {#- The ids of nodes, and of all models, seeds and tests that follow from them. -#}
    {%- set found = {} -%}
    {%- for name in names -%}{%- do found.update({name: true}) -%}{%- endfor -%}
    {%- set state = namespace(grew=true) -%}
    {%- for _ in graph.nodes -%}
        {%- if state.grew -%}
            {%- set state.grew = false -%}
            {%- for name, node in graph.nodes.items() if name not in found -%}
                {%- for parent in node.get("depends_on", {}).get("nodes", []) if parent in found -%}
                    {%- do found.update({name: true}) -%}
                    {%- set state.grew = true -%}
                {%- endfor -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found.keys() | list) }}
{%- endmacro %}

{% macro tables_among(names) -%}
    {#- Those of the nodes that hold rows of their own: a view is never older than what it reads. -#}
    {%- set found = [] -%}
    {%- for name in names if name in graph.nodes -%}
        {%- set node = graph.nodes[name] -%}
        {%- if node.resource_type == "seed" or (
            node.resource_type == "model" and node.config.materialized != "view"
        ) -%}
            {%- do found.append(name) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}
