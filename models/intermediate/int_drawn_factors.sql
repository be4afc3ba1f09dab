with metrics as (select * from {{ ref('metrics') }}),

weights as (

    select * from {{ ref('int_weights') }}
    where weight > 0

),

thresholds as (

    {{ threshold_columns(['robustness_sigma']) }}

),

families as (

    select distinct metrics.family
    from metrics
    inner join weights on metrics.metric_id = weights.child_id

),

-- One Exp(1) number per family and draw; divided by its mean over the families of the draw.
family_draws as (

    select
        families.family,
        draws.range as draw,
        md5_number(concat_ws(
            '|', {{ var('uncertainty_seed') }}, 'family', families.family, draws.range
        )) as digest,
        -ln({{ drawn_uniform('digest', 0) }}) as exponential
    from families
    cross join range({{ var('uncertainty_draws') }}) as draws

),

weight_draws as (

    select
        weights.parent_id,
        weights.child_id,
        draws.range as draw,
        thresholds.robustness_sigma,
        md5_number(concat_ws(
            '|', {{ var('uncertainty_seed') }}, 'weight', weights.parent_id, weights.child_id,
            draws.range
        )) as digest
    from weights
    cross join thresholds
    cross join range({{ var('robustness_draws') }}) as draws

),

final as (

    select
        'draw' as scenario_kind,
        null as parent_id,
        family as drawn_id,
        cast(draw as integer) as draw,
        case
            when {{ var('uncertainty_has_bootstrap') | int }} = 1
                then
                    exponential * count(*) over (partition by draw)
                    / {{ exact_sum('exponential', 'over (partition by draw)') }}
            else 1.0
        end as factor
    from family_draws
    union all
    select
        'weights' as scenario_kind,
        parent_id,
        child_id as drawn_id,
        cast(draw as integer) as draw,
        exp(robustness_sigma * {{ drawn_normal(
            drawn_uniform('digest', 0), drawn_uniform('digest', 1)
        ) }}) as factor
    from weight_draws

)

select * from final
