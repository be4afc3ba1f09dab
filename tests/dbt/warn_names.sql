-- Names that no ranked model has (counted per source), aliases that no source uses, and names
-- that a ranked model has but a date or the vendor refuses.
{{ config(severity='warn') }}

with unmatched as (

    select * from {{ ref('rpt_unmatched_names') }}

),

warnings as (

    select * from {{ ref('rpt_warnings') }}
    where
        warning_kind in (
            'unused_alias', 'refused_name', 'name_to_review', 'no_release_date', 'listed_late',
            'inactive_model'
        )

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
