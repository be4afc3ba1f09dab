with measurements as (

    select * from {{ ref('fct_measurements') }}

),

models as (

    select * from {{ ref('dim_models') }}
    where is_active

),

weights as (

    select * from {{ ref('stg_config__weights') }}
    where weight_kind = 'group' and weight > 0

),

settings as (

    select * from {{ ref('stg_config__settings') }}

),

weighted as (

    select
        models.canonical_id,
        weights.parent_id as group_id,
        weights.child_id as metric_id,
        weights.weight,
        measurements.value
    from models
    cross join weights
    left join measurements
        on
            models.canonical_id = measurements.canonical_id
            and weights.child_id = measurements.metric_id

),

averages as (

    select
        weighted.canonical_id,
        weighted.group_id,
        coalesce(
            sum(weighted.weight order by weighted.metric_id)
            filter (where weighted.value is not null), 0
        ) as present_weight,
        present_weight / sum(weighted.weight order by weighted.metric_id) as coverage,
        -- Nothing present is the middle, however low the threshold is set.
        case
            when present_weight > 0
                then {{ trust(
                    'coverage', 'any_value(settings.trust_threshold)',
                    'any_value(settings.trust_transition_width)',
                ) }}
            else 0.0
        end as trust
    from weighted
    cross join settings
    group by weighted.canonical_id, weighted.group_id

),

present as (

    select
        weighted.canonical_id,
        weighted.group_id,
        weighted.metric_id,
        weighted.weight,
        weighted.value,
        {{ retained_share('averages.coverage', 'averages.trust') }}
        * weighted.weight * weighted.value / averages.present_weight as contribution,
        false as is_pull,
        averages.coverage,
        averages.trust
    from weighted
    inner join averages
        on
            weighted.canonical_id = averages.canonical_id
            and weighted.group_id = averages.group_id
    where weighted.value is not null

),

final as (

    select * from present
    union all
    select
        canonical_id,
        group_id,
        null as metric_id,
        null as weight,
        50.0 as value,
        50.0 * (1.0 - {{ retained_share('coverage', 'trust') }}) as contribution,
        true as is_pull,
        coverage,
        trust
    from averages

)

select * from final
