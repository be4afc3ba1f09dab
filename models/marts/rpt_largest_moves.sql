with left_out as (

    select * from {{ ref('fct_leave_one_out') }}
    where left_out_kind in ('family', 'metric')

),

metrics as (

    select * from {{ ref('dim_metrics') }}

),

thresholds as (

    {{ threshold_columns(['robustness_moves_shown']) }}

),

sizes as (

    select
        metrics.family,
        count(*) as n_metrics
    from metrics
    where
        metrics.metric_id in (
            select left_out.left_out_id from left_out
            where left_out.left_out_kind = 'metric'
        )
    group by metrics.family

),

-- A family of one metric would say the same thing twice. What moves less than scores are compared
-- by moves nothing.
moves as (

    select
        left_out.canonical_id,
        left_out.role_id,
        left_out.left_out_kind,
        left_out.left_out_id,
        coalesce(sizes.n_metrics, 1) as n_metrics,
        left_out.score,
        left_out.rank,
        left_out.score_change,
        left_out.rank_change,
        round(abs(left_out.score_change), 6) as size
    from left_out
    left join sizes on left_out.left_out_kind = 'family' and left_out.left_out_id = sizes.family
    where
        round(abs(left_out.score_change), 6) > 0
        and (left_out.left_out_kind = 'metric' or sizes.n_metrics > 1)

),

final as (

    select
        canonical_id,
        role_id,
        left_out_kind,
        left_out_id,
        n_metrics,
        score,
        rank,
        score_change,
        rank_change,
        row_number() over (
            partition by canonical_id, role_id
            order by size desc, left_out_kind asc, left_out_id asc
        ) as place_for_model,
        row_number() over (
            partition by left_out_kind, left_out_id, role_id
            order by size desc, canonical_id asc
        ) as place_among_models
    from moves

)

select final.*
from final
cross join thresholds
where
    final.place_for_model <= thresholds.robustness_moves_shown
    or final.place_among_models <= thresholds.robustness_moves_shown
