with names as (

    select * from {{ ref('int_names_normalised') }}

),

hits as (

    select * from {{ ref('int_names_looked_up') }}

),

without_suffixes as (

    select * from {{ ref('int_names_without_suffixes') }}

),

models as (

    select * from {{ ref('stg_config__models') }}

),

efforts as (

    select * from {{ ref('effort_policy') }}

),

-- Whose name beside a model may be that of its vendor or of its host.
hosting_vendors as (

    select vendor from {{ ref('vendors') }}
    where serves_others

),

windows as (

    {{ threshold_columns(['release_stamp_days']) }}

),

first_hits as (

    select * from hits
    where choice = 1

),

-- The effort is what can be taken off and still leave a name of the same model.
deepest as (

    select
        first_hits.source_id,
        first_hits.candidate_name,
        first_hits.vendor_hint,
        first_hits.name_without_hosts,
        max(hits.depth) as depth
    from first_hits
    inner join hits
        on
            first_hits.source_id = hits.source_id
            and first_hits.candidate_name = hits.candidate_name
            and first_hits.vendor_hint is not distinct from hits.vendor_hint
            and first_hits.name_without_hosts = hits.name_without_hosts
            and first_hits.canonical_id = hits.canonical_id
    group by
        first_hits.source_id, first_hits.candidate_name, first_hits.vendor_hint,
        first_hits.name_without_hosts

),

name_efforts as (

    select
        deepest.source_id,
        deepest.candidate_name,
        deepest.vendor_hint,
        without_suffixes.effort
    from deepest
    inner join without_suffixes
        on
            deepest.name_without_hosts = without_suffixes.full_name
            and deepest.depth >= without_suffixes.depth
    inner join efforts on without_suffixes.effort = efforts.effort
    qualify
        row_number() over (
            partition by deepest.source_id, deepest.candidate_name, deepest.vendor_hint
            order by efforts.specificity desc, efforts.capability_rank asc
        ) = 1

),

-- The name of a ranked model is not enough: what stands beside it may tell of another one.
checked as (

    select
        first_hits.*,
        models.vendor,
        list_min(list_transform(
            first_hits.stamps,
            lambda stamp: {{ stamp_refusal(
                'stamp', stamp_date('stamp', 'models.release_date'), 'models',
                'windows.release_stamp_days'
            ) }}
        )) as stamp_refusal
    from first_hits
    inner join models on first_hits.canonical_id = models.canonical_id
    cross join windows

),

final as (

    select
        names.source_id,
        names.candidate_name,
        names.vendor_hint,
        names.hinted_vendor,
        names.name_harness,
        case
            when
                names.hinted_vendor != checked.vendor
                and hinted_host.vendor is null
                then
                    'the source states the vendor '
                    || coalesce(names.vendor_hint, names.hinted_vendor)
                    || ', but ' || checked.canonical_id || ' is from ' || checked.vendor
            when
                checked.named_vendor != checked.vendor
                and named_host.vendor is null
                then
                    'the name contains the vendor ' || checked.named_vendor
                    || ', but ' || checked.canonical_id || ' is from ' || checked.vendor
            else checked.stamp_refusal
        end as refusal,
        case when refusal is null then checked.canonical_id end as canonical_id,
        case when refusal is null then checked.match_method end as match_method,
        case when refusal is null then checked.remaining end as matched_name,
        name_efforts.effort as name_effort
    from names
    left join checked
        on
            names.source_id = checked.source_id
            and names.candidate_name = checked.candidate_name
            and names.vendor_hint is not distinct from checked.vendor_hint
    left join hosting_vendors as hinted_host on names.hinted_vendor = hinted_host.vendor
    left join hosting_vendors as named_host on checked.named_vendor = named_host.vendor
    left join name_efforts
        on
            names.source_id = name_efforts.source_id
            and names.candidate_name = name_efforts.candidate_name
            and names.vendor_hint is not distinct from name_efforts.vendor_hint

)

select * from final
