with leading_models as (select * from {{ ref('int_leading_models') }}),

weighted_ids as (select * from {{ ref('int_weighted_ids') }}),

figures as (

    select errors.*
    from {{ ref('int_standard_errors') }} as errors
    inner join leading_models on errors.canonical_id = leading_models.canonical_id
    inner join weighted_ids on errors.metric_id = weighted_ids.id
    where {{ var('uncertainty_has_noise') | int }} = 1

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

),

numbered as (

    select
        *,
        row_number() over (order by noise_kind, canonical_id, metric_id) as noise_number
    from noise

),

-- A cross join of so few rows is the work of one thread, the two halves of a union that of two.
digests as (

    {% for half in range(2) %}
        select
            numbered.noise_kind,
            numbered.canonical_id,
            numbered.metric_id,
            draws.range as draw,
            md5_number(concat_ws(
                '|', {{ var('uncertainty_seed') }}, numbered.noise_kind, numbered.canonical_id,
                numbered.metric_id, draws.range
            )) as digest
        from numbered
        cross join range({{ var('uncertainty_draws') }}) as draws
        where numbered.noise_number % 2 = {{ half }}
        {{ "union all" if not loop.last }}
    {% endfor %}

),

final as (

    select
        noise_kind,
        canonical_id,
        metric_id,
        list(
            {{ drawn_normal(drawn_uniform('digest', 0), drawn_uniform('digest', 1)) }}
            order by draw
        ) as normals
    from digests
    group by noise_kind, canonical_id, metric_id

)

select * from final
