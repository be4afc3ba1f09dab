-- What one seed names, another defines; orders of preference hold no ties, so that a choice does
-- not depend on the order of rows.
with problems as (

    select
        'source_metrics' as seed,
        source_id || ' ' || source_metric_name as entry,
        'unknown source ' || source_id as problem
    from {{ ref('source_metrics') }}
    where source_id not in (select sources.source_id from {{ ref('sources') }} as sources)
    union all
    select
        'source_metrics' as seed,
        source_id || ' ' || source_metric_name as entry,
        'unknown metric ' || metric_id as problem
    from {{ ref('source_metrics') }}
    where metric_id not in (select metrics.metric_id from {{ ref('metrics') }} as metrics)
    union all
    select
        'source_metrics' as seed,
        metric_id as entry,
        'sources share rank ' || source_rank as problem
    from {{ ref('source_metrics') }}
    group by metric_id, source_rank
    having count(distinct source_id) > 1
    union all
    select
        'citation_names' as seed,
        source_id || ' ' || citation_name as entry,
        'unknown source ' || source_id as problem
    from {{ ref('citation_names') }}
    where source_id not in (select sources.source_id from {{ ref('sources') }} as sources)
    union all
    select
        'ignored_names' as seed,
        source_id || ' ' || source_name as entry,
        'unknown source ' || source_id as problem
    from {{ ref('ignored_names') }}
    where source_id not in (select sources.source_id from {{ ref('sources') }} as sources)
    union all
    select
        'ignored_names' as seed,
        source_id || ' ' || {{ normalise_name('source_name') }} as entry,
        'the same name after normalisation' as problem
    from {{ ref('ignored_names') }}
    group by source_id, {{ normalise_name('source_name') }}
    having count(*) > 1
    union all
    select
        'name_suffixes' as seed,
        suffix as entry,
        'unknown effort ' || effort as problem
    from {{ ref('name_suffixes') }}
    where effort not in (select efforts.effort from {{ ref('effort_policy') }} as efforts)
    union all
    select
        'vendor_spellings' as seed,
        spelling as entry,
        'unknown vendor ' || vendor as problem
    from {{ ref('vendor_spellings') }}
    where vendor not in (select vendors.vendor from {{ ref('vendors') }} as vendors)
    union all
    select
        'vendor_spellings, harnesses, name_hosts' as seed,
        spelling as entry,
        'not in its normalised form' as problem
    from (
        select spelling from {{ ref('vendor_spellings') }}
        union all
        select harness as spelling from {{ ref('harnesses') }}
        union all
        select words as spelling from {{ ref('name_hosts') }}
    ) as spellings
    where spelling != {{ normalise_name('spelling') }}
    union all
    select
        'effort_policy' as seed,
        string_agg(effort, ', ' order by effort) as entry,
        'share capability_rank ' || capability_rank as problem
    from {{ ref('effort_policy') }}
    group by capability_rank
    having count(*) > 1
    union all
    select
        'effort_policy' as seed,
        string_agg(effort, ', ' order by effort) as entry,
        'share operational_rank ' || operational_rank as problem
    from {{ ref('effort_policy') }}
    group by operational_rank
    having count(*) > 1
    union all
    select
        'effort_policy' as seed,
        'default' as entry,
        'stands for names without an effort and must be listed' as problem
    where 'default' not in (select efforts.effort from {{ ref('effort_policy') }} as efforts)
    union all
    select
        'roles' as seed,
        score_key as entry,
        'stands for several roles' as problem
    from {{ ref('roles') }}
    group by score_key
    having count(*) > 1

)

select * from problems
