with errors as (select * from {{ ref('int_backtest_errors') }}),

weights as (

    select * from {{ ref('int_role_weights') }}
    where metric_class = 'capability'

),

noise as (

    select
        'figure' as noise_kind,
        origin_id as canonical_id,
        metric_id
    from errors
    where sampling_error > 0
    union
    select
        'evidence' as noise_kind,
        errors.canonical_id,
        weights.metric_id
    from errors
    cross join weights
    union
    select
        'evidence' as noise_kind,
        canonical_id,
        metric_id
    from errors
    where evidence_error > 0
    union
    select
        'shared' as noise_kind,
        canonical_id,
        null as metric_id
    from errors

),

final as (

    {{ drawn_normals('noise', var('backtest_draws') | int) }}

)

select * from final
