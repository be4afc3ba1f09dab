with models as (

    select * from {{ ref('dim_models') }}
    where is_active

),

roles as (

    select
        canonical_id,
        max(score) filter (where role_id = 'i') as i_score,
        max(score) filter (where role_id = 'p') as p_score,
        max(score) filter (where role_id = 'b') as b_score,
        max(score) filter (where role_id = 'r') as r_score,
        max(rank) filter (where role_id = 'i') as i_rank,
        max(rank) filter (where role_id = 'p') as p_rank,
        max(rank) filter (where role_id = 'b') as b_rank,
        max(rank) filter (where role_id = 'r') as r_rank,
        max(rank_change) filter (where role_id = 'i') as i_change,
        max(rank_change) filter (where role_id = 'p') as p_change,
        max(rank_change) filter (where role_id = 'b') as b_change,
        max(rank_change) filter (where role_id = 'r') as r_change,
        {{ balanced_score('score', 'role_id') }} as balanced
    from {{ ref('fct_role_scores') }}
    group by canonical_id

),

places as (

    select
        canonical_id,
        max(status) filter (where role_id = 'i') as i_status,
        max(place) filter (where role_id = 'i') as i_place,
        max(own_share) filter (where role_id = 'i') as i_own_share,
        max(status) filter (where role_id = 'p') as p_status,
        max(place) filter (where role_id = 'p') as p_place,
        max(own_share) filter (where role_id = 'p') as p_own_share,
        max(status) filter (where role_id = 'b') as b_status,
        max(place) filter (where role_id = 'b') as b_place,
        max(own_share) filter (where role_id = 'b') as b_own_share,
        max(status) filter (where role_id = 'r') as r_status,
        max(place) filter (where role_id = 'r') as r_place,
        max(own_share) filter (where role_id = 'r') as r_own_share,
        max(status) filter (where role_id = 'balanced') as balanced_status,
        max(place) filter (where role_id = 'balanced') as balanced_place,
        max(own_share) filter (where role_id = 'balanced') as balanced_own_share
    from {{ ref('fct_role_evidence') }}
    group by canonical_id

),

measurements as (

    select * from {{ ref('fct_measurements') }}

),

weights as (

    select distinct child_id from {{ ref('int_weights') }}

),

settings as (

    select * from {{ ref('stg_config__settings') }}

),

evidence as (

    select
        measurements.canonical_id,
        count(*) filter (where measurements.evidence_class = 'direct') as n_direct,
        count(*) filter (where measurements.evidence_class = 'reported') as n_reported,
        count(*) filter (where measurements.evidence_class = 'synthesised') as n_synthesised,
        coalesce(
            list(measurements.metric_id order by measurements.metric_id)
            filter (where not measurements.is_present and weights.child_id is not null), []
        ) as missing_metrics,
        max(measurements.raw_value) filter (where measurements.metric_id = 'BlendedCost')
            as blended_cost_usd,
        max(measurements.raw_value) filter (where measurements.metric_id = 'OutputSpeed')
            as output_speed_tokens_per_second,
        max(measurements.effort) filter (where measurements.metric_id = 'OutputSpeed')
            as output_speed_effort,
        max(measurements.raw_value) filter (where measurements.metric_id = 'TTFT')
            as time_to_first_token_seconds,
        max(measurements.effort) filter (where measurements.metric_id = 'TTFT')
            as time_to_first_token_effort,
        max(measurements.raw_value) filter (where measurements.metric_id = 'ContextWindow')
            as context_window_tokens
    from measurements
    left join weights on measurements.metric_id = weights.child_id
    where measurements.metric_kind = 'metric'
    group by measurements.canonical_id

),

groups_of_models as (

    select
        canonical_id,
        coalesce(list(group_id order by group_id) filter (where is_shrunk), []) as groups_shrunk
    from {{ ref('fct_group_scores') }}
    group by canonical_id

),

coverage as (

    select
        contributions.canonical_id,
        {{ coverage_share(
            'contributions.weight', 'scores.coverage', 'contributions.role_id', 'contributions.group_id'
        ) }} as coverage_share
    from {{ ref('fct_role_contributions') }} as contributions
    inner join {{ ref('fct_group_scores') }} as scores
        on
            contributions.canonical_id = scores.canonical_id
            and contributions.group_id = scores.group_id
    group by contributions.canonical_id

),

final as (

    select
        models.canonical_id,
        models.slug,
        models.display_name,
        models.vendor,
        models.vendor_name,
        models.thinking_effort,
        models.open_weights,
        models.release_date,
        roles.i_score as i_raw,
        roles.p_score as p_raw,
        roles.b_score as b_raw,
        roles.r_score as r,
        roles.i_score as i_adj,
        roles.p_score as p_adj,
        roles.b_score as b_adj,
        roles.i_rank,
        roles.p_rank,
        roles.b_rank,
        roles.r_rank,
        roles.i_change,
        roles.p_change,
        roles.b_change,
        roles.r_change,
        roles.balanced,
        {{ shared_rank('roles.balanced') }} as balanced_rank,
        places.i_status,
        places.i_place,
        places.i_own_share,
        places.p_status,
        places.p_place,
        places.p_own_share,
        places.b_status,
        places.b_place,
        places.b_own_share,
        places.r_status,
        places.r_place,
        places.r_own_share,
        places.balanced_status,
        places.balanced_place,
        places.balanced_own_share,
        coverage.coverage_share,
        evidence.blended_cost_usd,
        evidence.output_speed_tokens_per_second,
        evidence.output_speed_effort,
        evidence.time_to_first_token_seconds,
        evidence.time_to_first_token_effort,
        evidence.context_window_tokens,
        evidence.n_direct,
        evidence.n_reported,
        evidence.n_synthesised,
        evidence.n_synthesised
        > settings.per_model_cap
        * (evidence.n_direct + evidence.n_reported + evidence.n_synthesised) as synthesis_dominant,
        evidence.missing_metrics,
        groups_of_models.groups_shrunk
    from models
    inner join roles on models.canonical_id = roles.canonical_id
    left join places on models.canonical_id = places.canonical_id
    inner join evidence on models.canonical_id = evidence.canonical_id
    inner join groups_of_models on models.canonical_id = groups_of_models.canonical_id
    inner join coverage on models.canonical_id = coverage.canonical_id
    cross join settings

)

select * from final
