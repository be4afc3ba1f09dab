with evidence as (

    select * from {{ ref('int_role_evidence') }}

),

weights as (

    select * from {{ ref('int_role_weights') }}
    where metric_class = 'capability' and weight > 0 and role_id != 'balanced'

),

measurements as (

    select * from {{ ref('int_measurements_discounted') }}
    where evidence_class in ('direct', 'reported')

),

thresholds as (

    {{ threshold_columns(['backtest_minimum_own_share', 'backtest_minimum_hidden_share']) }}

),

own as (

    select
        measurements.canonical_id,
        weights.role_id,
        weights.family,
        {{ exact_sum('weights.capability_share') }} as family_share
    from measurements
    inner join weights on measurements.metric_id = weights.metric_id
    group by measurements.canonical_id, weights.role_id, weights.family

),

families as (

    select distinct
        canonical_id,
        family
    from own

),

hidden as (

    select
        canonical_id,
        'left out' as scenario_kind,
        family as scenario_id,
        family
    from families
    union all
    select
        kept.canonical_id,
        'kept alone' as scenario_kind,
        kept.family as scenario_id,
        other_families.family
    from families as kept
    inner join families as other_families
        on kept.canonical_id = other_families.canonical_id and kept.family != other_families.family
    {% if var('backtest_has_pairs') | int -%}
    union all
    select
        firsts.canonical_id,
        'pair left out' as scenario_kind,
        firsts.family || ' + ' || other_families.family as scenario_id,
        unnest([firsts.family, other_families.family]) as family
    from families as firsts
    inner join families as other_families
        on
            firsts.canonical_id = other_families.canonical_id
            and firsts.family < other_families.family
    {%- endif %}

),

shares as (

    select
        evidence.canonical_id,
        evidence.role_id,
        hidden.scenario_kind,
        hidden.scenario_id,
        count(*) as n_hidden_families,
        {{ exact_sum('own.family_share') }} as hidden_share,
        any_value(evidence.own_share) - hidden_share as left_share
    from evidence
    inner join hidden on evidence.canonical_id = hidden.canonical_id
    inner join own
        on
            evidence.canonical_id = own.canonical_id
            and evidence.role_id = own.role_id
            and hidden.family = own.family
    cross join thresholds
    where evidence.own_share >= thresholds.backtest_minimum_own_share - 1e-9
    group by evidence.canonical_id, evidence.role_id, hidden.scenario_kind, hidden.scenario_id

),

final as (

    select
        shares.canonical_id,
        shares.role_id,
        shares.scenario_kind,
        shares.scenario_id,
        shares.hidden_share,
        shares.left_share
    from shares
    cross join thresholds
    where
        -- With one family that weighs nothing in the role a pair is the other alone.
        (shares.scenario_kind != 'pair left out' or shares.n_hidden_families = 2)
        and shares.hidden_share >= thresholds.backtest_minimum_hidden_share
        and shares.left_share > 1e-9

)

select * from final
