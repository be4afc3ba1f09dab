{%- set noise = var('uncertainty_has_noise') | int -%}
{%- set bootstrap = var('uncertainty_has_bootstrap') | int -%}

with leading_models as (

    select * from {{ ref('int_leading_models') }}

),

measurements as (

    select * from {{ ref('int_measurements_discounted') }}
    where canonical_id in (select leading_models.canonical_id from leading_models)

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

    select cast(range as smallint) as draw
    from range({{ var('uncertainty_draws') }})

),

-- Small numbers in place of names: more than a million rows carry them.
models as (

    select
        canonical_id,
        cast(row_number() over (order by canonical_id) as integer) as model_number
    from (select distinct canonical_id from measurements) as measured_models

),

numbers as (

    select
        metric_id,
        cast(row_number() over (order by metric_id) as smallint) as metric_number
    from (
        select child_id as metric_id from weights
        union
        select parent_id as metric_id from weights
    ) as weighted

),

parents as (

    select distinct
        numbers.metric_number as parent_number,
        weights.weight_kind
    from weights
    inner join numbers on weights.parent_id = numbers.metric_id

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

all_weights as (

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

drawn_weights as (

    select
        all_weights.weight_kind,
        parents.metric_number as parent_number,
        children.metric_number,
        all_weights.draw,
        all_weights.weight
    from all_weights
    inner join numbers as parents on all_weights.parent_id = parents.metric_id
    inner join numbers as children on all_weights.child_id = children.metric_id

),

drawn_totals as (

    select
        parent_number,
        draw,
        {{ exact_sum('weight') }} as total_weight
    from drawn_weights
    group by parent_number, draw

),

-- A figure that stands in for another model's has that one's error of measurement.
figures as (

    select
        models.model_number,
        numbers.metric_number,
        measurements.raw_value,
        measurements.value,
        measurements.discount_share,
        metrics.transform,
        metrics.higher_better,
        metrics.log_scale,
        bounds.lower_bound,
        bounds.upper_bound,
        coalesce({{ noise }} * errors.sampling_error, 0.0) as sampling_error,
        coalesce({{ noise }} * errors.evidence_error, 0.0) as evidence_error,
        concat_ws(
            '|', {{ var('uncertainty_seed') }}, 'figure', errors.origin_id, measurements.metric_id
        ) as sampling_key,
        concat_ws(
            '|', {{ var('uncertainty_seed') }}, 'evidence', measurements.canonical_id,
            measurements.metric_id
        ) as evidence_key
    from measurements
    inner join models on measurements.canonical_id = models.canonical_id
    inner join numbers on measurements.metric_id = numbers.metric_id
    inner join metrics on measurements.metric_id = metrics.metric_id
    inner join bounds on measurements.metric_id = bounds.metric_id
    inner join errors
        on
            measurements.canonical_id = errors.canonical_id
            and measurements.metric_id = errors.metric_id
    where measurements.metric_id in (select weights.child_id from weights)

),

measured as (

    select
        figures.*,
        draws.draw,
        md5(concat_ws('|', figures.sampling_key, draws.draw)) as digest,
        figures.raw_value
        + figures.sampling_error
        * {{ drawn_normal(drawn_uniform('digest', 0), drawn_uniform('digest', 1)) }}
            as drawn_raw_value,
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
    cross join draws
    where figures.sampling_error > 0

),

drawn_figures as (

    select
        model_number,
        metric_number,
        evidence_error,
        evidence_key,
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
        figures.metric_number,
        figures.evidence_error,
        figures.evidence_key,
        draws.draw,
        figures.value
    from figures
    cross join draws
    where figures.sampling_error = 0

),

metric_values as (

    select
        model_number,
        metric_number,
        draw,
        case
            when evidence_error = 0 then value
            else least(greatest(
                value
                + evidence_error
                * {{ drawn_normal(drawn_uniform('digest', 0), drawn_uniform('digest', 1)) }},
                0.0
            ), 100.0)
        end as value
    from (
        select
            *,
            case
                when evidence_error > 0 then md5(concat_ws('|', evidence_key, draw))
            end as digest
        from drawn_figures
    ) as figures_and_doubts

),

-- One pass over the figures for composites and groups; what composites add to groups comes later.
weighted_sums as (

    select
        metric_values.model_number,
        drawn_weights.parent_number,
        metric_values.draw,
        {{ exact_sum('drawn_weights.weight') }} as present_weight,
        {{ exact_sum('drawn_weights.weight * metric_values.value') }} as weighted_value
    from metric_values
    inner join drawn_weights
        on
            metric_values.metric_number = drawn_weights.metric_number
            and metric_values.draw = drawn_weights.draw
    group by metric_values.model_number, drawn_weights.parent_number, metric_values.draw

),

{{ group_values('drawn_weights', 'drawn_totals', 'draw') }},

role_weights as (

    select
        roles.role_id,
        numbers.metric_number as group_number,
        weights.weight,
        {{ exact_sum('weights.weight', 'over (partition by roles.role_id)') }} as total_weight
    from weights
    inner join roles on weights.parent_id = roles.score_key
    inner join numbers on weights.child_id = numbers.metric_id
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
    inner join role_weights on group_values.parent_number = role_weights.group_number
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
