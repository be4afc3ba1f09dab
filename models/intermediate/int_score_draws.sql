{%- set noise = var('uncertainty_has_noise') | int -%}
{%- set bootstrap = var('uncertainty_has_bootstrap') | int -%}

with measurements as (

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

families as (

    select * from {{ ref('metrics') }}

),

weights as (

    select * from {{ ref('stg_config__weights') }}
    where weight > 0

),

roles as (

    select * from {{ ref('roles') }}

),

settings as (

    select * from {{ ref('stg_config__settings') }}

),

draws as (

    select cast(range as integer) as draw
    from range({{ var('uncertainty_draws') }})

),

models as (

    select
        canonical_id,
        cast(row_number() over (order by canonical_id) as integer) as model_number
    from (select distinct canonical_id from measurements) as measured_models

),

used_families as (

    select distinct families.family
    from families
    inner join weights on families.metric_id = weights.child_id

),

drawn_families as (

    select
        used_families.family,
        draws.draw,
        md5(concat_ws(
            '|', {{ var('uncertainty_seed') }}, 'family', used_families.family, draws.draw
        )) as digest,
        -ln({{ drawn_uniform('digest', 0) }}) as drawn_weight
    from used_families
    cross join draws

),

-- One Exp(1) number per family and draw; divided by its mean over the families of the draw.
family_weights as (

    select
        family,
        draw,
        case
            when {{ bootstrap }} = 1
                then
                    drawn_weight * count(*) over (partition by draw)
                    / {{ exact_sum('drawn_weight', 'over (partition by draw)') }}
            else 1.0
        end as family_weight
    from drawn_families

),

weight_totals as (

    select
        parent_id,
        sum(weight order by child_id) as total_weight
    from weights
    group by parent_id

),

-- A weight in a draw. A composite weighs as its inputs do on average.
input_weights as (

    select
        weights.weight_kind,
        weights.parent_id,
        weights.child_id,
        family_weights.draw,
        weights.weight * family_weights.family_weight as weight
    from weights
    inner join families on weights.child_id = families.metric_id
    inner join family_weights on families.family = family_weights.family

),

drawn_weights as (

    select * from input_weights
    union all
    select
        weights.weight_kind,
        weights.parent_id,
        weights.child_id,
        inputs.draw,
        weights.weight * {{ exact_sum('inputs.weight') }} / any_value(weight_totals.total_weight)
            as weight
    from weights
    inner join input_weights as inputs on weights.child_id = inputs.parent_id
    inner join weight_totals on weights.child_id = weight_totals.parent_id
    where inputs.weight_kind = 'composite' and weights.weight_kind = 'group'
    group by
        weights.weight_kind, weights.parent_id, weights.child_id, weights.weight, inputs.draw

),

drawn_totals as (

    select
        parent_id,
        draw,
        {{ exact_sum('weight') }} as total_weight
    from drawn_weights
    group by parent_id, draw

),

figures as (

    select
        models.model_number,
        measurements.metric_id,
        measurements.canonical_id,
        errors.origin_id,
        measurements.raw_value,
        measurements.discount_share,
        metrics.transform,
        metrics.higher_better,
        metrics.log_scale,
        bounds.lower_bound,
        bounds.upper_bound,
        measurements.value,
        {{ noise }} * errors.sampling_error as sampling_error,
        {{ noise }} * errors.evidence_error as evidence_error
    from measurements
    inner join models on measurements.canonical_id = models.canonical_id
    inner join metrics on measurements.metric_id = metrics.metric_id
    inner join bounds on measurements.metric_id = bounds.metric_id
    inner join errors
        on
            measurements.canonical_id = errors.canonical_id
            and measurements.metric_id = errors.metric_id
    where measurements.metric_id in (select weights.child_id from weights)

),

-- A figure that stands in for another model's has that one's error of measurement.
noise_keys as (

    select distinct
        'figure' as noise_kind,
        origin_id as canonical_id,
        metric_id
    from figures
    where sampling_error > 0
    union all
    select
        'evidence' as noise_kind,
        canonical_id,
        metric_id
    from figures
    where evidence_error > 0

),

noise as (

    select
        noise_kind,
        canonical_id,
        metric_id,
        draw,
        {{ drawn_normal(drawn_uniform('digest', 0), drawn_uniform('digest', 1)) }} as z
    from (
        select
            noise_keys.*,
            draws.draw,
            md5(concat_ws(
                '|', {{ var('uncertainty_seed') }}, noise_keys.noise_kind,
                noise_keys.canonical_id, noise_keys.metric_id, draws.draw
            )) as digest
        from noise_keys
        cross join draws
    )

),

measured as (

    select
        figures.*,
        noise.draw,
        figures.raw_value + figures.sampling_error * noise.z as drawn_raw_value,
        case
            when not figures.log_scale then drawn_raw_value
            -- No logarithm below the lowest bound: what would be cut to it anyway.
            when drawn_raw_value > 0 then ln(drawn_raw_value)
            else figures.lower_bound
        end as transformed_value,
        {{ position_between(
            'transformed_value', 'figures.lower_bound', 'figures.upper_bound',
            'figures.higher_better',
        ) }} as position_share
    from figures
    inner join noise
        on
            figures.origin_id = noise.canonical_id
            and figures.metric_id = noise.metric_id
            and noise.noise_kind = 'figure'
    where figures.sampling_error > 0

),

drawn_figures as (

    select
        model_number,
        canonical_id,
        metric_id,
        evidence_error,
        draw,
        case
            when transform = 'as_score' then {{ as_score('drawn_raw_value', 'higher_better') }}
            when position_share is null then 50.0
            when transform = 'percentile' then 100.0 * position_share
            when transform = 'tail_penalty' then {{ tail_penalty('position_share') }}
        end * (1.0 - discount_share) + 50.0 * discount_share as value
    from measured
    union all
    select
        figures.model_number,
        figures.canonical_id,
        figures.metric_id,
        figures.evidence_error,
        draws.draw,
        figures.value
    from figures
    cross join draws
    where figures.sampling_error is null or figures.sampling_error = 0

),

metric_values as (

    select
        drawn_figures.model_number,
        drawn_figures.metric_id,
        drawn_figures.draw,
        case
            when noise.z is null then drawn_figures.value
            else least(greatest(
                drawn_figures.value + drawn_figures.evidence_error * noise.z, 0.0
            ), 100.0)
        end as value
    from drawn_figures
    left join noise
        on
            drawn_figures.canonical_id = noise.canonical_id
            and drawn_figures.metric_id = noise.metric_id
            and drawn_figures.draw = noise.draw
            and noise.noise_kind = 'evidence'

),

composite_averages as (

    select
        metric_values.model_number,
        drawn_weights.parent_id,
        metric_values.draw,
        {{ exact_sum('drawn_weights.weight') }} as present_weight,
        {{ exact_sum('drawn_weights.weight * metric_values.value') }} / present_weight as mean
    from metric_values
    inner join drawn_weights
        on
            metric_values.metric_id = drawn_weights.child_id
            and metric_values.draw = drawn_weights.draw
    where drawn_weights.weight_kind = 'composite'
    group by metric_values.model_number, drawn_weights.parent_id, metric_values.draw

),

composite_values as (

    select
        averages.model_number,
        averages.parent_id,
        averages.draw,
        averages.present_weight / drawn_totals.total_weight as coverage,
        {{ trust(
            'coverage', 'settings.trust_threshold', 'settings.trust_transition_width'
        ) }} as trust,
        {{ retained_share('coverage', 'trust') }} as retained_share,
        retained_share * averages.mean + 50.0 * (1.0 - retained_share) as value
    from composite_averages as averages
    inner join drawn_totals
        on averages.parent_id = drawn_totals.parent_id and averages.draw = drawn_totals.draw
    cross join settings

),

all_values as (

    select * from metric_values
    union all
    select
        model_number,
        parent_id as metric_id,
        draw,
        value
    from composite_values

),

group_averages as (

    select
        all_values.model_number,
        drawn_weights.parent_id,
        all_values.draw,
        {{ exact_sum('drawn_weights.weight') }} as present_weight,
        {{ exact_sum('drawn_weights.weight * all_values.value') }} / present_weight as mean
    from all_values
    inner join drawn_weights
        on
            all_values.metric_id = drawn_weights.child_id
            and all_values.draw = drawn_weights.draw
    where drawn_weights.weight_kind = 'group'
    group by all_values.model_number, drawn_weights.parent_id, all_values.draw

),

group_values as (

    select
        averages.model_number,
        averages.parent_id,
        averages.draw,
        averages.present_weight / drawn_totals.total_weight as coverage,
        {{ trust(
            'coverage', 'settings.trust_threshold', 'settings.trust_transition_width'
        ) }} as trust,
        {{ retained_share('coverage', 'trust') }} as retained_share,
        retained_share * averages.mean + 50.0 * (1.0 - retained_share) as value
    from group_averages as averages
    inner join drawn_totals
        on averages.parent_id = drawn_totals.parent_id and averages.draw = drawn_totals.draw
    cross join settings

),

role_weights as (

    select
        roles.role_id,
        weights.child_id as group_id,
        weights.weight,
        sum(weights.weight) over (partition by roles.role_id) as total_weight
    from weights
    inner join roles on weights.parent_id = roles.score_key
    where weights.weight_kind = 'role'

),

-- A group without any figure is the middle.
role_scores as (

    select
        group_values.model_number,
        role_weights.role_id,
        group_values.draw,
        {{ exact_sum('role_weights.weight * (group_values.value - 50.0)') }}
        + 50.0 * any_value(role_weights.total_weight) as score
    from group_values
    inner join role_weights on group_values.parent_id = role_weights.group_id
    group by group_values.model_number, role_weights.role_id, group_values.draw

),

ranked as (

    select
        *,
        cast(rank() over (
            partition by role_id, draw order by round(score, 6) desc
        ) as integer) as rank
    from role_scores

),

final as (

    select
        models.canonical_id,
        ranked.role_id,
        list(ranked.score order by ranked.draw) as scores,
        list(ranked.rank order by ranked.draw) as ranks
    from ranked
    inner join models on ranked.model_number = models.model_number
    group by models.canonical_id, ranked.role_id

)

select * from final
