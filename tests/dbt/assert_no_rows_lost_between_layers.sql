-- Every mapped figure that a source's staging model gives is in the union, in resolution and in
-- the ledger, once.
-- depends_on: {{ ref('fct_observation_ledger') }}
{%- set staged = [] -%}
{%- if execute -%}
    {%- for node in graph.nodes.values() -%}
        {%- if node.resource_type == "model" and node.name.endswith("__observations") -%}
            {%- do staged.append(api.Relation.create(schema=node.schema, identifier=node.alias)) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endif %}

with mappings as (

    select
        source_id,
        source_metric_name
    from {{ ref('source_metrics') }}
    union all
    select
        'overrides' as source_id,
        metric_id as source_metric_name
    from {{ ref('metrics') }}

),

staged as (

    {% for relation in staged %}
        select
            source_id,
            source_metric_name
        from {{ relation }}
        {{ "union all" if not loop.last }}
    {% else %}
        select
            null as source_id,
            null as source_metric_name
    {% endfor %}

),

counts as (

    select
        'staging' as layer,
        staged.source_id,
        count(*) as row_count
    from staged
    inner join mappings
        on
            staged.source_id = mappings.source_id
            and staged.source_metric_name = mappings.source_metric_name
    group by staged.source_id
    union all
    select
        'union' as layer,
        source_id,
        count(*) as row_count
    from {{ ref('int_observations_unioned') }}
    group by source_id
    union all
    select
        'resolution' as layer,
        source_id,
        count(*) as row_count
    from {{ ref('int_observations_resolved') }}
    group by source_id
    union all
    select
        'ledger' as layer,
        source_id,
        count(*) filter (where resolution in ('resolved', 'ignored', 'unmatched')) as row_count
    from {{ ref('fct_observation_ledger') }}
    group by source_id

),

by_source as (

    select
        source_id,
        coalesce(sum(row_count) filter (where layer = 'staging'), 0) as staging_count,
        coalesce(sum(row_count) filter (where layer = 'union'), 0) as union_count,
        coalesce(sum(row_count) filter (where layer = 'resolution'), 0) as resolution_count,
        coalesce(sum(row_count) filter (where layer = 'ledger'), 0) as ledger_count
    from counts
    group by source_id

)

select
    source_id,
    'rows per layer: staging ' || staging_count || ', union ' || union_count || ', resolution '
    || resolution_count || ', ledger ' || ledger_count as problem
from by_source
where
    staging_count != union_count
    or union_count != resolution_count
    or resolution_count != ledger_count
union all
select
    'all' as source_id,
    'no staging model has a mapped row' as problem
where not exists (select 1 from counts)
