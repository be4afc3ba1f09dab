-- A board is in the history, of which it is the last; an experiment never is.
select
    runs.generated_at,
    runs.is_experiment,
    case when runs.is_experiment then 'an experiment is in it' else 'not in it' end as problem
from {{ ref('dim_runs') }} as runs
where
    runs.is_experiment
    = exists (
        select 1
        from {{ ref('fct_score_history') }} as history
        where history.generated_at = runs.generated_at
    )
