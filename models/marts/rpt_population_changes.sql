with previous as (

    select * from {{ ref('int_previous_ranks_selected') }}

),

scores as (

    select * from {{ ref('fct_role_scores') }}

),

models as (

    select * from {{ ref('dim_models') }}

),

changed as (

    select
        canonical_id,
        'arrival' as change_kind,
        role_id,
        rank,
        null as earlier_name
    from scores
    where
        canonical_id not in (select previous.canonical_id from previous)
        and exists (select 1 from previous)
    union all
    select
        canonical_id,
        'departure' as change_kind,
        role_id,
        rank,
        display_name as earlier_name
    from previous
    where canonical_id not in (select scores.canonical_id from scores)

),

final as (

    select
        changed.canonical_id,
        changed.change_kind,
        coalesce(
            any_value(models.display_name), any_value(changed.earlier_name), changed.canonical_id
        ) as display_name,
        first(changed.role_id order by changed.rank, changed.role_id) as best_role_id,
        cast(min(changed.rank) as bigint) as best_rank
    from changed
    left join models on changed.canonical_id = models.canonical_id
    group by changed.canonical_id, changed.change_kind

)

select * from final
