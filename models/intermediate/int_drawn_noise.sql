with leading_models as (select * from {{ ref('int_leading_models') }}),

weighted_ids as (select * from {{ ref('int_weighted_ids') }}),

errors as (select * from {{ ref('int_standard_errors') }}),

metrics as (

    select * from {{ ref('metrics') }}
    where metric_class = 'capability'

),

figures as (

    select errors.*
    from errors
    inner join leading_models on errors.canonical_id = leading_models.canonical_id
    inner join weighted_ids on errors.metric_id = weighted_ids.id

),

-- Of a price or a speed that is not known nothing is drawn.
gaps as (

    select
        leading_models.canonical_id,
        metrics.metric_id
    from leading_models
    cross join metrics
    inner join weighted_ids on metrics.metric_id = weighted_ids.id
    left join errors
        on
            leading_models.canonical_id = errors.canonical_id
            and metrics.metric_id = errors.metric_id
    where errors.canonical_id is null

),

-- A figure that stands in for another model's has that one's error of measurement.
noise as (

    select
        'figure' as noise_kind,
        origin_id as canonical_id,
        metric_id
    from figures
    where sampling_error > 0
    union
    select
        'evidence' as noise_kind,
        canonical_id,
        metric_id
    from figures
    where evidence_error > 0
    union
    select
        'evidence' as noise_kind,
        canonical_id,
        metric_id
    from gaps
    union all
    select
        'shared' as noise_kind,
        canonical_id,
        null as metric_id
    from leading_models

),

final as (

    select * from ({{ drawn_normals('noise', var('uncertainty_draws') | int) }})
    where {{ var('uncertainty_has_noise') | int }} = 1

)

select * from final
