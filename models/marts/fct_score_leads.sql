with placed as (

    select * from {{ ref('fct_role_evidence') }}
    where status = 'ranked' and role_id != 'balanced'

),

drawn as (

    select * from {{ ref('int_drawn_places') }}

),

drawn_scores as (

    select
        placed.canonical_id,
        placed.role_id,
        placed.score,
        placed.place,
        drawn.scores
    from placed
    inner join drawn
        on placed.canonical_id = drawn.canonical_id and placed.role_id = drawn.role_id

),

pairs as (

    select
        better.role_id,
        better.canonical_id,
        other.canonical_id as other_id,
        better.score - other.score as score_lead,
        len(better.scores) as n_draws,
        {{ draws_not_ahead('better.scores', 'other.scores') }} as n_not_ahead
    from drawn_scores as better
    inner join drawn_scores as other
        on
            better.role_id = other.role_id
            and (
                better.place < other.place
                or (better.place = other.place and better.canonical_id < other.canonical_id)
            )

),

final as (

    select
        role_id,
        canonical_id,
        other_id,
        score_lead,
        1.0 - n_not_ahead / n_draws as ahead_share,
        n_not_ahead <= {{ var('uncertainty_tail_share') }} * n_draws as is_clear
    from pairs

)

select * from final
