with left_out as (

    select * from {{ ref('fct_leave_one_out') }}

),

drawn as (

    select * from {{ ref('int_scenario_scores') }}
    where scenario_kind = 'weights'

),

published as (

    select * from {{ ref('fct_role_scores') }}

),

thresholds as (

    {{ threshold_columns(['robustness_places']) }}

),

without_one as (

    select
        canonical_id,
        role_id,
        max(abs(rank_change)) filter (where left_out_kind = 'family')
            as family_rank_change,
        arg_min(left_out_id, (-abs(rank_change), -abs(score_change), left_out_id))
        filter (where left_out_kind = 'family' and rank_change != 0)
            as family_id,
        max(abs(rank_change)) filter (where left_out_kind = 'metric')
            as metric_rank_change,
        arg_min(left_out_id, (-abs(rank_change), -abs(score_change), left_out_id))
        filter (where left_out_kind = 'metric' and rank_change != 0)
            as metric_id,
        max(abs(rank_change)) filter (where left_out_kind = 'model')
            as model_rank_change,
        arg_min(left_out_id, (-abs(rank_change), -abs(score_change), left_out_id))
        filter (where left_out_kind = 'model' and rank_change != 0)
            as model_id
    from left_out
    group by canonical_id, role_id

),

reweighted as (

    select
        canonical_id,
        role_id,
        quantile_disc(rank, 0.05) as weights_p05_rank,
        quantile_disc(rank, 0.95) as weights_p95_rank,
        count(*) filter (where rank = 1) / count(*) as leader_share
    from drawn
    group by canonical_id, role_id

),

final as (

    select
        published.canonical_id,
        published.role_id,
        published.rank,
        without_one.family_rank_change,
        without_one.family_id,
        without_one.metric_rank_change,
        without_one.metric_id,
        without_one.model_rank_change,
        without_one.model_id,
        reweighted.weights_p05_rank,
        reweighted.weights_p95_rank,
        reweighted.leader_share,
        {{ is_robust([
            'without_one.metric_rank_change',
            'published.rank - reweighted.weights_p05_rank',
            'reweighted.weights_p95_rank - published.rank',
        ]) }} as is_robust
    from published
    inner join without_one
        on
            published.canonical_id = without_one.canonical_id
            and published.role_id = without_one.role_id
    inner join reweighted
        on
            published.canonical_id = reweighted.canonical_id
            and published.role_id = reweighted.role_id
    cross join thresholds

)

select * from final
