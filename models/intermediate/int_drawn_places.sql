with role_scores as (

    select
        canonical_id,
        role_id,
        draw,
        score
    from {{ ref('int_scenario_scores') }}
    where scenario_kind = 'draw'

),

evidence as (

    select * from {{ ref('int_role_evidence') }}
    where status = 'ranked'

),

roles as (

    select * from {{ ref('roles') }}

),

-- A model without a value in some role has no draws there, and none of the mix.
all_scores as (

    select * from role_scores
    union all
    select
        canonical_id,
        'balanced' as role_id,
        draw,
        {{ balanced_score('score', 'role_id') }} as score
    from role_scores
    group by canonical_id, draw
    having count(*) = (select count(*) from roles)

),

placed as (

    select
        all_scores.*,
        cast({{ shared_rank(
            'all_scores.score', 'all_scores.role_id, all_scores.draw'
        ) }} as integer) as place
    from all_scores
    inner join evidence
        on
            all_scores.canonical_id = evidence.canonical_id
            and all_scores.role_id = evidence.role_id

),

final as (

    select
        canonical_id,
        role_id,
        list(score order by draw) as scores,
        list(place order by draw) as places
    from placed
    group by canonical_id, role_id

)

select * from final
