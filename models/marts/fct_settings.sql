with settings as (

    select * from {{ ref('stg_config__settings') }}

)

select
    'synthesis.per_model_cap' as setting_id,
    per_model_cap as value
from settings
union all
select
    'synthesis.per_source_cap' as setting_id,
    per_source_cap as value
from settings
union all
select
    'aggregation.trust_threshold' as setting_id,
    trust_threshold as value
from settings
union all
select
    'aggregation.trust_transition_width' as setting_id,
    trust_transition_width as value
from settings
union all
select
    'penalties.synthesis' as setting_id,
    synthesis_penalty as value
from settings
union all
select
    'penalties.override_reported' as setting_id,
    reported_penalty as value
from settings
