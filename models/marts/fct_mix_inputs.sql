with evidence as (

    select * from {{ ref('fct_role_evidence') }}
    where role_id in (select own_roles.role_id from {{ ref('dim_roles') }} as own_roles)

),

weights as (

    select * from {{ ref('int_role_weights') }}

),

scenario_scores as (

    select * from {{ ref('int_scenario_scores') }}
    where scenario_kind = 'evidence'

),

leading_models as (

    select * from {{ ref('int_leading_models') }}

),

measurements as (

    select * from {{ ref('fct_measurements') }}

),

-- How much of a role counts capabilities: what its own evidence is a share of.
capabilities as (

    select
        role_id,
        {{ exact_sum("case when metric_class = 'capability' then weight else 0.0 end") }}
            as capability_share,
        coalesce(
            list(distinct family order by family)
            filter (where is_board_family and capability_share > 0), []
        ) as possible_families
    from weights
    group by role_id

),

own as (

    select
        measurements.canonical_id,
        weights.role_id,
        list(distinct weights.family order by weights.family) as families,
        list(distinct weights.family order by weights.family)
        filter (where measurements.evidence_class = 'direct') as measured_families
    from measurements
    inner join weights on measurements.metric_id = weights.metric_id
    where
        measurements.evidence_class in ('direct', 'reported')
        and weights.is_board_family
        and weights.metric_class = 'capability'
        and weights.capability_share > 0
    group by measurements.canonical_id, weights.role_id

),

final as (

    select
        evidence.canonical_id,
        evidence.role_id,
        evidence.score,
        evidence.own_share,
        capabilities.capability_share,
        coalesce(own.families, []) as families,
        capabilities.possible_families,
        -- A model without any such value in a role stands at 50 there.
        case when leading_models.canonical_id is not null then coalesce(claimed.score, 50.0) end
            as claimed_score,
        case when leading_models.canonical_id is not null then coalesce(measured.score, 50.0) end
            as measured_score,
        evidence.direct_share as measured_share,
        coalesce(own.measured_families, []) as measured_families
    from evidence
    inner join capabilities on evidence.role_id = capabilities.role_id
    left join own
        on evidence.canonical_id = own.canonical_id and evidence.role_id = own.role_id
    left join leading_models on evidence.canonical_id = leading_models.canonical_id
    left join scenario_scores as claimed
        on
            evidence.canonical_id = claimed.canonical_id
            and evidence.role_id = claimed.role_id
            and claimed.scenario_id = 'claimed'
    left join scenario_scores as measured
        on
            evidence.canonical_id = measured.canonical_id
            and evidence.role_id = measured.role_id
            and measured.scenario_id = 'measured'

)

select * from final
