with earlier as (

    select * from {{ ref('stg_run__previous_history') }}

),

scores as (

    select * from {{ ref('fct_role_scores') }}

),

intervals as (

    select * from {{ ref('fct_score_intervals') }}

),

evidence as (

    select * from {{ ref('fct_role_evidence') }}

),

models as (

    select * from {{ ref('dim_models') }}

),

-- One text for the whole board, since what it is compared with is another board's.
scales as (

    select string_agg(source_id || ' ' || scale_version, ', ' order by source_id) as scale_versions
    from {{ ref('dim_sources') }}
    where scale_version is not null

),

runs as (

    select * from {{ ref('dim_runs') }}

),

-- A run at the moment of an earlier one takes its place, so that the same run twice adds nothing.
final as (

    select
        earlier.generated_at,
        earlier.methodology,
        earlier.edition,
        earlier.coefficients_sha256,
        earlier.canonical_id,
        earlier.display_name,
        earlier.role_id,
        earlier.score,
        earlier.rank,
        earlier.score_p05,
        earlier.score_p95,
        earlier.status,
        earlier.place,
        earlier.own_share,
        earlier.scale_versions
    from earlier
    cross join runs
    where earlier.generated_at != runs.generated_at
    union all
    select
        runs.generated_at,
        runs.methodology,
        runs.edition,
        runs.coefficients_sha256,
        scores.canonical_id,
        models.display_name,
        scores.role_id,
        scores.score,
        scores.rank,
        intervals.p05_score as score_p05,
        intervals.p95_score as score_p95,
        evidence.status,
        evidence.place,
        evidence.own_share,
        scales.scale_versions
    from scores
    inner join models on scores.canonical_id = models.canonical_id
    left join intervals
        on
            scores.canonical_id = intervals.canonical_id
            and scores.role_id = intervals.role_id
    left join evidence
        on
            scores.canonical_id = evidence.canonical_id
            and scores.role_id = evidence.role_id
    cross join scales
    cross join runs
    -- What was only tried was never the board of its time.
    where not runs.is_experiment

)

select * from final
