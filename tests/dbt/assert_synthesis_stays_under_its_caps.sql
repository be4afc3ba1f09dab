-- Of the models that a source measured or filled, no more are filled than its cap allows; the flag
-- for models that stand on siblings' figures is set by the cap per model; speed, waiting time,
-- price and context are never a sibling's.
with settings as (

    select
        max(value) filter (where setting_id = 'synthesis.per_source_cap') as per_source_cap,
        max(value) filter (where setting_id = 'synthesis.per_model_cap') as per_model_cap
    from {{ ref('fct_settings') }}

),

measurements as (

    select
        measurements.*,
        metrics.metric_class
    from {{ ref('fct_measurements') }} as measurements
    inner join {{ ref('dim_metrics') }} as metrics on measurements.metric_id = metrics.metric_id
    where measurements.metric_kind = 'metric' and measurements.is_present

),

by_source as (

    select
        source_id,
        count(distinct canonical_id) filter (where evidence_class = 'synthesised') as filled,
        count(distinct canonical_id) filter (where evidence_class != 'synthesised') as measured
    from measurements
    where metric_class = 'capability'
    group by source_id

),

by_model as (

    select
        canonical_id,
        count(*) filter (where evidence_class = 'synthesised') as filled,
        count(*) as present
    from measurements
    group by canonical_id

)

select
    by_source.source_id as subject,
    by_source.filled || ' filled and ' || by_source.measured || ' measured models pass the cap '
    || settings.per_source_cap as problem
from by_source
cross join settings
where by_source.filled > settings.per_source_cap * (by_source.filled + by_source.measured) + 1e-9
union all
select
    by_model.canonical_id as subject,
    by_model.filled || ' of ' || by_model.present || ' figures are siblings'', the flag says '
    || scoreboard.synthesis_dominant as problem
from by_model
inner join {{ ref('rpt_scoreboard') }} as scoreboard
    on by_model.canonical_id = scoreboard.canonical_id
cross join settings
where
    scoreboard.synthesis_dominant
    is distinct from (by_model.filled > settings.per_model_cap * by_model.present)
union all
select
    canonical_id || ' ' || metric_id as subject,
    'an operational metric is a sibling''s' as problem
from measurements
where metric_class = 'operational' and evidence_class = 'synthesised'
