with scores as (

    select * from {{ ref('fct_role_scores') }}

),

weights as (

    select * from {{ ref('int_role_weights') }}
    where role_id != 'balanced' and capability_share > 0

),

-- Of ties each has the mean of their places.
places as (

    select
        canonical_id,
        role_id,
        rank + (count(*) over (partition by role_id, rank) - 1) / 2.0 as place
    from scores

),

agreement as (

    select
        mine.role_id,
        other.role_id as other_role_id,
        corr(mine.place, other.place order by mine.canonical_id) as rank_correlation
    from places as mine
    inner join places as other on mine.canonical_id = other.canonical_id
    group by mine.role_id, other.role_id

),

family_shares as (

    select
        role_id,
        family,
        {{ exact_sum('capability_share') }} as family_share
    from weights
    group by role_id, family

),

families as (

    select
        role_id,
        1.0 / {{ exact_sum('family_share * family_share') }} as effective_families,
        arg_min(family, (-family_share, family)) as largest_family,
        max(family_share) as largest_family_share
    from family_shares
    group by role_id

),

final as (

    select
        agreement.role_id,
        agreement.other_role_id,
        -- Where all models share a place there is no order to agree with.
        case when isfinite(agreement.rank_correlation) then agreement.rank_correlation end
            as spearman,
        families.effective_families,
        families.largest_family,
        families.largest_family_share
    from agreement
    inner join families on agreement.role_id = families.role_id

)

select * from final
