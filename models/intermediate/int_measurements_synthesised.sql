with recursive
measurements as (

    select * from {{ ref('int_measurements_selected') }}

),

pairs as (

    select * from {{ ref('stg_config__synthesis_pairs') }}

),

settings as (

    select * from {{ ref('stg_config__settings') }}

),

metrics as (

    select * from {{ ref('metrics') }}
    where metric_class = 'capability'

),

origins as (

    select
        measurements.canonical_id,
        measurements.metric_id,
        measurements.source_id
    from measurements
    inner join metrics on measurements.metric_id = metrics.metric_id

),

active_models as (

    select distinct canonical_id from measurements

),

{{ synthesis_paths() }},

chosen as (

    select paths.*
    from paths
    inner join active_models on paths.target_id = active_models.canonical_id
    where paths.hops > 0
    qualify {{ first_paths() }}

),

measured_models as (

    {{ measured_models() }}

),

-- Models join the filled ones of a source in the order of declaration of their pairs.
fill_order as (

    select
        source_id,
        target_id,
        row_number() over (
            partition by source_id order by min(pair_positions[1]), target_id
        ) as fill_rank
    from chosen
    group by source_id, target_id

),

capped as (

    select
        fill_order.source_id,
        fill_order.target_id,
        fill_order.fill_rank
        > settings.per_source_cap
        * (measured_models.measured_count + fill_order.fill_rank) + 1e-9 as is_cap_blocked
    from fill_order
    inner join measured_models on fill_order.source_id = measured_models.source_id
    cross join settings

),

cap_blocked as (

    {{ cap_blocked_values('capped') }}

),

marked as (

    select
        chosen.*,
        capped.is_cap_blocked or cap_blocked.target_id is not null as is_cap_blocked
    from chosen
    inner join capped
        on chosen.source_id = capped.source_id and chosen.target_id = capped.target_id
    left join cap_blocked
        on chosen.target_id = cap_blocked.target_id and chosen.metric_id = cap_blocked.metric_id

),

final as (

    select
        marked.target_id as canonical_id,
        marked.metric_id,
        marked.source_id,
        marked.visited[2] as donor_id,
        marked.origin_id,
        marked.hops,
        marked.visited as synthesis_path,
        marked.pair_positions,
        {{ synthesis_category('marked.is_conservative') }} as category,
        marked.is_cap_blocked
    from marked

)

select * from final
