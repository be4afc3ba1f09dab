with weights as (

    select * from {{ ref('int_role_weights') }}
    where metric_class = 'capability' and capability_share > 0

),

measurements as (

    select * from {{ ref('int_measurements_discounted') }}
    where evidence_class in ('direct', 'reported')

),

evidence as (

    select * from {{ ref('int_role_evidence') }}
    where status = 'provisional'

),

thresholds as (

    {{ threshold_columns(['ranked_minimum_share', 'ranked_minimum_families']) }}

),

results as (

    select
        evidence.canonical_id,
        evidence.role_id,
        evidence.own_share,
        least(thresholds.ranked_minimum_families, evidence.n_possible_families)
        - evidence.n_families as n_lacking_families,
        thresholds.ranked_minimum_share,
        weights.metric_id,
        weights.family,
        weights.capability_share as added_share,
        measurements.metric_id is not null as is_own,
        weights.is_board_family
        and not bool_or(is_own) over (
            partition by evidence.canonical_id, evidence.role_id, weights.family
        ) as is_new_family
    from evidence
    inner join weights on evidence.role_id = weights.role_id
    cross join thresholds
    left join measurements
        on
            evidence.canonical_id = measurements.canonical_id
            and weights.metric_id = measurements.metric_id

),

-- The heaviest first: no smaller number of results reaches the share.
heaviest as (

    select
        *,
        own_share + coalesce(
            {{ exact_sum(
                'added_share',
                'over (partition by canonical_id, role_id order by added_share desc, metric_id asc'
                ~ ' rows between unbounded preceding and 1 preceding)'
            ) }},
            0.0
        ) < ranked_minimum_share - 1e-9 as is_for_share,
        is_new_family and row_number() over (
            partition by canonical_id, role_id, family
            order by added_share desc, metric_id asc
        ) = 1 as is_first_of_family
    from results
    where not is_own

),

-- The heaviest of each new family, those that the share needs anyway before the others.
needed as (

    select
        *,
        is_first_of_family
        and row_number() over (
            partition by canonical_id, role_id, is_first_of_family
            order by is_for_share desc, added_share desc, metric_id asc
        ) <= n_lacking_families as is_for_families
    from heaviest

),

final as (

    select
        canonical_id,
        role_id,
        cast(row_number() over (
            partition by canonical_id, role_id
            order by added_share desc, metric_id asc
        ) as integer) as position,
        metric_id,
        family,
        added_share
    from needed
    where is_for_share or is_for_families

)

select * from final
