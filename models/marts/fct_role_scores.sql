with contributions as (

    select * from {{ ref('fct_role_contributions') }}

),

previous as (

    select * from {{ ref('int_previous_ranks_selected') }}

),

totals as (

    select
        canonical_id,
        role_id,
        -- Weights that sum to 1 may come to a little more in binary: 0.56 + 0.28 + 0.16.
        {{ clipped('sum(contribution order by group_id)') }} as score
    from contributions
    group by canonical_id, role_id

),

ranked as (

    select
        canonical_id,
        role_id,
        score,
        {{ shared_rank('score', 'role_id') }} as rank
    from totals

),

-- A change counts places among the models that stand on both boards.
common as (

    select
        ranked.canonical_id,
        ranked.role_id,
        previous.rank as previous_rank,
        previous.status as previous_status,
        previous.place as previous_place,
        rank() over (partition by ranked.role_id order by previous.rank)
        - rank() over (partition by ranked.role_id order by ranked.rank) as rank_change
    from ranked
    inner join previous
        on
            ranked.canonical_id = previous.canonical_id
            and ranked.role_id = previous.role_id

),

final as (

    select
        ranked.canonical_id,
        ranked.role_id,
        ranked.score,
        ranked.rank,
        common.previous_rank,
        common.rank_change,
        common.previous_status,
        common.previous_place
    from ranked
    left join common
        on ranked.canonical_id = common.canonical_id and ranked.role_id = common.role_id

)

select * from final
