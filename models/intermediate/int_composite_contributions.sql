with measurements as (

    select * from {{ ref('int_measurements_discounted') }}

),

weights as (

    select * from {{ ref('stg_config__weights') }}
    where weight_kind = 'composite' and weight > 0

),

settings as (

    select * from {{ ref('stg_config__settings') }}

),

present as (

    select
        measurements.canonical_id,
        weights.parent_id as metric_id,
        weights.child_id as input_metric_id,
        weights.weight,
        measurements.value,
        measurements.evidence_class,
        measurements.synthesis_category
    from measurements
    inner join weights on measurements.metric_id = weights.child_id

),

totals as (

    select
        parent_id as metric_id,
        sum(weight order by child_id) as total_weight
    from weights
    group by parent_id

),

averages as (

    select
        present.canonical_id,
        present.metric_id,
        sum(present.weight order by present.input_metric_id) as present_weight,
        present_weight / any_value(totals.total_weight) as coverage,
        {{ trust(
            'coverage', 'any_value(settings.trust_threshold)',
            'any_value(settings.trust_transition_width)',
        ) }} as trust
    from present
    inner join totals on present.metric_id = totals.metric_id
    cross join settings
    group by present.canonical_id, present.metric_id

),

inputs as (

    select
        present.canonical_id,
        present.metric_id,
        present.input_metric_id,
        present.weight,
        present.value,
        present.evidence_class,
        present.synthesis_category,
        {{ retained_share('averages.coverage', 'averages.trust') }}
        * present.weight * present.value / averages.present_weight as contribution,
        averages.coverage,
        averages.trust,
        false as is_pull
    from present
    inner join averages
        on present.canonical_id = averages.canonical_id and present.metric_id = averages.metric_id

),

final as (

    select * from inputs
    union all
    select
        canonical_id,
        metric_id,
        null as input_metric_id,
        null as weight,
        50.0 as value,
        null as evidence_class,
        null as synthesis_category,
        50.0 * (1.0 - {{ retained_share('coverage', 'trust') }}) as contribution,
        coverage,
        trust,
        true as is_pull
    from averages

)

select * from final
