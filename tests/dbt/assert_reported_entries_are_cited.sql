-- Every reported figure is a finite number for a known model and a declared metric, cites its
-- publication, and stands once. What the edition withholds has lost figure and citation, and is
-- judged in the full one.
with entries as (

    select * from {{ ref('stg_overrides__observations') }}

),

problems as (

    select
        entries.position,
        entries.source_model_name as canonical_id,
        entries.source_metric_name as metric_id,
        entries.raw_text as figure,
        entries.note,
        case
            when coalesce(trim(entries.note), '') = '' then 'no note cites a publication'
            when models.canonical_id is null then 'unknown model'
            when metrics.metric_id is null then 'unknown metric'
            when isfinite(try_cast(entries.raw_text as double)) is not true
                then 'not a finite number'
            when
                count(*) over (
                    partition by entries.source_model_name, entries.source_metric_name
                ) > 1
                then 'stands more than once'
        end as problem
    from entries
    left join {{ ref('stg_config__models') }} as models
        on entries.source_model_name = models.canonical_id
    left join {{ ref('stg_config__metrics') }} as metrics
        on entries.source_metric_name = metrics.metric_id
    where entries.ignore_reason is null

)

select * from problems
where problem is not null
