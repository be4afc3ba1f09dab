with weights as (

    select * from {{ ref('int_role_weights') }}

),

parameters as (

    select * from {{ ref('int_latent_parameters') }}

),

abilities as (

    select * from {{ ref('int_latent_abilities') }}

),

measurements as (

    select * from {{ ref('int_measurements_discounted') }}

),

errors as (

    select * from {{ ref('int_standard_errors') }}

),

published as (

    select * from {{ ref('fct_role_evidence') }}

),

thresholds as (

    {{ threshold_columns(['expected_error_factor']) }}

),

-- Borrowed values count as missing here.
figures as (

    select
        published.canonical_id,
        published.role_id,
        weights.weight,
        measurements.canonical_id is null and weights.metric_class = 'capability' as is_predicted,
        case
            when measurements.canonical_id is not null then measurements.value
            -- A price or a speed follows from no ability: the middle, as in the score.
            when weights.metric_class != 'capability' then 50.0
            else {{ expected_value('abilities.ability') }}
        end as value,
        abilities.ability_variance,
        parameters.slope,
        parameters.variance,
        {{ own_variance('abilities.ability_variance') }} as own_variance
    from published
    inner join weights on published.role_id = weights.role_id
    inner join abilities on published.canonical_id = abilities.canonical_id
    left join measurements
        on
            published.canonical_id = measurements.canonical_id
            and weights.metric_id = measurements.metric_id
            and measurements.evidence_class in ('direct', 'reported')
    left join errors
        on
            measurements.canonical_id = errors.canonical_id
            and measurements.metric_id = errors.metric_id
    left join parameters on weights.metric_id = parameters.metric_id

),

sums as (

    select
        canonical_id,
        role_id,
        {{ expected_score() }} as expected_score,
        {{ expected_error() }} as expected_error
    from figures
    group by canonical_id, role_id

),

final as (

    select
        published.canonical_id,
        published.role_id,
        {{ clipped('sums.expected_score') }} as expected_score,
        sums.expected_error,
        {{ expected_bound('sums.expected_score', '-', 'sums.expected_error') }} as expected_p05,
        {{ expected_bound('sums.expected_score', '+', 'sums.expected_error') }} as expected_p95,
        {{ shared_rank('sums.expected_score', 'published.role_id') }} as expected_rank,
        case
            when published.score > expected_p95 then 'above'
            when published.score < expected_p05 then 'below'
        end as disagreement
    from published
    inner join sums
        on published.canonical_id = sums.canonical_id and published.role_id = sums.role_id
    cross join thresholds

)

select * from final
