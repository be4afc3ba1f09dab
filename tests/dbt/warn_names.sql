-- Names that no ranked model has (counted per source), aliases that no source uses, and names
-- whose vendor is not the model's.
{{ config(severity='warn') }}

with unmatched as (

    select * from {{ ref('rpt_unmatched_names') }}

),

warnings as (

    select * from {{ ref('rpt_warnings') }}
    where warning_kind in ('unused_alias', 'vendor_contradicted', 'inactive_model')

)

select
    warning_kind,
    subject,
    message
from warnings
union all
select
    'unmatched_names' as warning_kind,
    source_id as subject,
    count(*) || ' names of no ranked model' as message
from unmatched
group by source_id
