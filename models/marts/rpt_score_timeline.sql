with history as (

    select * from {{ ref('fct_score_history') }}

),

runs as (

    select * from {{ ref('dim_runs') }}

),

-- A run that is dated back shows what was known by then.
days as (

    select
        cast(history.generated_at as date) as scored_on,
        max(history.generated_at) as generated_at
    from history
    inner join runs on history.generated_at <= runs.generated_at
    group by scored_on

),

final as (

    select
        days.scored_on,
        history.generated_at,
        history.coefficients_sha256,
        history.canonical_id,
        history.display_name,
        history.role_id,
        history.score,
        history.rank,
        history.score_p05,
        history.score_p95,
        history.status,
        history.place,
        history.own_share,
        history.scale_versions
    from history
    inner join days on history.generated_at = days.generated_at

)

select * from final
