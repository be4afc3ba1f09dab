with given as (

    select * from {{ ref('stg_run__previous_ranks') }}

),

history as (

    select * from {{ ref('stg_run__previous_history') }}

),

runs as (

    select * from {{ ref('stg_run__runs') }}

),

-- The last board before last week began.
baseline as (

    select max(history.generated_at) as generated_at
    from history
    inner join runs on history.generated_at < {{ start_of_last_week('runs.generated_at') }}
    where not exists (select 1 from given)

),

final as (

    select
        canonical_id,
        display_name,
        role_id,
        rank,
        status,
        place,
        generated_at
    from given
    union all
    select
        history.canonical_id,
        history.display_name,
        history.role_id,
        cast(history.rank as integer) as rank,
        history.status,
        history.place,
        history.generated_at
    from history
    inner join baseline on history.generated_at = baseline.generated_at

)

select * from final
