with predictions as (

    select * from {{ ref('int_backtest_predictions') }}

),

published as (

    select * from {{ ref('fct_role_scores') }}

),

others as (

    select
        role_id,
        list(score) as scores
    from published
    group by role_id

),

judged as (

    select
        predictions.predictor,
        predictions.role_id,
        predictions.canonical_id,
        case
            when predictions.left_share < 0.2 then '< 0.2'
            when predictions.left_share < 0.4 then '0.2-0.4'
            when predictions.left_share < 0.6 then '0.4-0.6'
            when predictions.left_share < 0.8 then '0.6-0.8'
            else '>= 0.8'
        end as band,
        predictions.predicted_score - published.score as error,
        -- The places of one model alone change: how many of the others stand between.
        abs(
            len(list_filter(
                others.scores,
                lambda score: round(score, 6) > round(predictions.predicted_score, 6)  -- noqa: RF02
            ))
            - case
                when round(predictions.predicted_score, 6) < round(published.score, 6) then 1 else 0
            end
            - (published.rank - 1)
        ) as rank_error,
        predictions.predicted_p05,
        predictions.predicted_p95,
        published.score between predictions.predicted_p05 and predictions.predicted_p95
            as is_inside,
        abs(error) / nullif(1.645 * predictions.predicted_error, 0.0) as factor_needed
    from predictions
    inner join published
        on
            predictions.canonical_id = published.canonical_id
            and predictions.role_id = published.role_id
    inner join others on predictions.role_id = others.role_id

),

summed as (

    select
        predictor,
        coalesce(role_id, 'all') as role_id,
        coalesce(band, 'all') as band,
        count(*) as n,
        count(distinct canonical_id) as n_models,
        sqrt({{ exact_wide_sum('error * error') }} / count(*)) as rmse,
        {{ exact_wide_sum('error') }} / count(*) as bias,
        {{ exact_wide_sum('rank_error') }} / count(*) as mean_rank_error,
        count(*) filter (where is_inside) / nullif(count(is_inside), 0) as inside_share,
        {{ exact_wide_sum('predicted_p95 - predicted_p05') }} / nullif(count(is_inside), 0)
            as mean_width,
        quantile_cont(factor_needed, 0.9) as factor_needed
    from judged
    group by predictor, cube(role_id, band)

),

final as (

    {{ judged_calibration('summed') }}

)

select * from final
