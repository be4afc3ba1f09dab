{%- set noise = var('uncertainty_has_noise') | int -%}

with leading_models as (

    select * from {{ ref('int_leading_models') }}

),

measurements as (

    select * from {{ ref('int_measurements_discounted') }}

),

errors as (

    select * from {{ ref('int_standard_errors') }}

),

bounds as (

    select * from {{ ref('int_metric_bounds') }}

),

metrics as (

    select * from {{ ref('stg_config__metrics') }}

),

ids as (

    select * from {{ ref('int_weighted_ids') }}

),

draws as (

    select cast(range as smallint) as draw
    from range({{ var('uncertainty_draws') }})

),

-- A figure that stands in for another model's has that one's error of measurement.
figures as (

    select
        leading_models.model_number,
        ids.id_number as metric_number,
        measurements.raw_value,
        measurements.value,
        measurements.discount_share,
        metrics.transform,
        metrics.higher_better,
        metrics.log_scale,
        bounds.lower_bound,
        bounds.upper_bound,
        errors.sampling_error,
        errors.evidence_error,
        case
            when {{ noise }} * errors.sampling_error > 0
                then concat_ws(
                    '|', {{ var('uncertainty_seed') }}, 'figure', errors.origin_id,
                    measurements.metric_id
                )
        end as sampling_key,
        case
            when {{ noise }} * errors.evidence_error > 0
                then concat_ws(
                    '|', {{ var('uncertainty_seed') }}, 'evidence', measurements.canonical_id,
                    measurements.metric_id
                )
        end as evidence_key
    from measurements
    inner join leading_models on measurements.canonical_id = leading_models.canonical_id
    inner join ids on measurements.metric_id = ids.id
    inner join metrics on measurements.metric_id = metrics.metric_id
    inner join bounds on measurements.metric_id = bounds.metric_id
    inner join errors
        on
            measurements.canonical_id = errors.canonical_id
            and measurements.metric_id = errors.metric_id

),

noise_keys as (

    select
        noise_key,
        row_number() over (order by noise_key) as key_number
    from (
        select sampling_key as noise_key from figures
        union
        select evidence_key as noise_key from figures
    ) as keys_of_figures
    where noise_key is not null

),

-- A cross join of so few rows is the work of one thread, the two halves of a union that of two.
digests as (

    {% for half in range(2) %}
        select
            noise_keys.noise_key,
            draws.draw,
            md5_number(concat_ws('|', noise_keys.noise_key, draws.draw)) as digest
        from noise_keys
        cross join draws
        where noise_keys.key_number % 2 = {{ half }}
        {{ "union all" if not loop.last }}
    {% endfor %}

),

noise as (

    select
        noise_key,
        list(
            {{ drawn_normal(drawn_uniform('digest', 0), drawn_uniform('digest', 1)) }}
            order by draw
        ) as normals
    from digests
    group by noise_key

),

-- A figure without noise is the same in every draw.
drawn as (

    select
        figures.*,
        unnest(range({{ var('uncertainty_draws') }})) as draw,
        unnest(sampling_noise.normals) as sampling_normal,
        unnest(evidence_noise.normals) as evidence_normal
    from figures
    left join noise as sampling_noise on figures.sampling_key = sampling_noise.noise_key
    left join noise as evidence_noise on figures.evidence_key = evidence_noise.noise_key

),

measured as (

    select
        *,
        raw_value + sampling_error * sampling_normal as drawn_raw_value,
        case
            when not log_scale then drawn_raw_value
            -- No logarithm below the lowest bound: what would be cut to it anyway.
            when drawn_raw_value > 0 then ln(drawn_raw_value)
            else lower_bound
        end as transformed_value,
        {{ position_between(
            'transformed_value', 'lower_bound', 'upper_bound', 'higher_better',
        ) }} as position_share
    from drawn

),

discounted as (

    select
        model_number,
        metric_number,
        draw,
        evidence_error,
        evidence_normal,
        case
            when sampling_normal is null then value
            else
                case
                    when transform = 'as_score'
                        then {{ as_score('drawn_raw_value', 'higher_better') }}
                    when position_share is null then 50.0
                    when transform = 'percentile' then 100.0 * position_share
                    when transform = 'tail_penalty' then {{ tail_penalty('position_share') }}
                end * (1.0 - discount_share) + 50.0 * discount_share
        end as value
    from measured

),

final as (

    select
        model_number,
        metric_number,
        cast(draw as smallint) as draw,
        case
            when evidence_normal is null then value
            else least(greatest(value + evidence_error * evidence_normal, 0.0), 100.0)
        end as value
    from discounted

)

select * from final
