with resolved as (

    select * from {{ ref('int_observations_resolved') }}
    where resolution = 'unmatched' and trim(candidate_name) != ''

),

observations as (

    select * from {{ ref('int_observations_unioned') }}

),

normalised as (

    select * from {{ ref('int_names_normalised') }}

),

without_hosts as (

    select * from {{ ref('int_names_without_hosts') }}

),

without_suffixes as (

    select * from {{ ref('int_names_without_suffixes') }}

),

models as (

    select * from {{ ref('stg_config__models') }}

),

windows as (

    {{ threshold_columns(['release_stamp_days']) }}

),

-- Of such a vendor thinking is an effort; with open weights it is often a model of its own.
closed_vendors as (

    select vendor
    from models
    group by vendor
    having bool_and(coalesce(not open_weights, false))

),

unmatched as (

    select distinct
        source_id,
        candidate_name,
        vendor_hint
    from resolved

),

dates as (

    select
        source_id,
        candidate_name,
        vendor_hint,
        min(model_date) as released_on
    from observations
    where model_date is not null
    group by source_id, candidate_name, vendor_hint

),

-- Without everything that says where the model runs. No name begins with its version.
bare as (

    select
        unmatched.source_id,
        unmatched.candidate_name,
        unmatched.vendor_hint,
        coalesce(normalised.hinted_vendor, without_hosts.named_vendor) as vendor,
        without_hosts.remaining as bare_name,
        dates.released_on
    from unmatched
    inner join normalised
        on
            unmatched.source_id = normalised.source_id
            and unmatched.candidate_name = normalised.candidate_name
            and unmatched.vendor_hint is not distinct from normalised.vendor_hint
    inner join without_hosts
        on
            normalised.normalised_name = without_hosts.normalised_name
            and normalised.normalised_hint is not distinct from without_hosts.normalised_hint
    left join dates
        on
            unmatched.source_id = dates.source_id
            and unmatched.candidate_name = dates.candidate_name
            and unmatched.vendor_hint is not distinct from dates.vendor_hint
    where without_hosts.n_hosts = 0 or not regexp_matches(without_hosts.remaining, '^[0-9]')
    qualify
        row_number() over (
            partition by unmatched.source_id, unmatched.candidate_name, unmatched.vendor_hint
            order by
                without_hosts.n_hosts desc, length(bare_name) asc,
                without_hosts.named_vendor asc
        ) = 1

),

listed as (

    select
        {{ unranked_name('bare_name') }} as compact_name,
        min(released_on) as released_on
    from bare
    group by compact_name

),

levels as (

    select
        bare.*,
        without_suffixes.depth,
        without_suffixes.remaining,
        without_suffixes.effort,
        without_suffixes.stamps[-1] as stamp,
        len(without_suffixes.stamps) > coalesce(lag(len(without_suffixes.stamps)) over (
            partition by bare.source_id, bare.candidate_name, bare.vendor_hint
            order by without_suffixes.depth
        ), 0) as is_stamp,
        {{ unranked_name('without_suffixes.remaining') }} as compact_name
    from bare
    inner join without_suffixes on bare.bare_name = without_suffixes.full_name

),

efforts as (

    select
        compact_name,
        count(distinct effort) as n_efforts
    from levels
    where depth > 0
    group by compact_name

),

-- What may have been a model of its own stays: a stamp of another day than the release, and an
-- effort where no other name shows that it is one.
judged as (

    select
        levels.*,
        bool_and(
            case
                when levels.depth = 0 then true
                when levels.is_stamp
                    then coalesce({{ is_stamp_near_release(
                        'levels.stamp', stamp_date('levels.stamp', 'listed.released_on'),
                        'listed.released_on', 'windows.release_stamp_days'
                    ) }}, false)
                when levels.effort is null or levels.effort = 'non-reasoning' then true
                when levels.effort in ('thinking', 'max')
                    then closed_vendors.vendor is not null and listed.compact_name is not null
                else listed.compact_name is not null or efforts.n_efforts > 1
            end
        ) over (
            partition by levels.source_id, levels.candidate_name, levels.vendor_hint
            order by levels.depth
        ) as may_come_off
    from levels
    cross join windows
    left join listed on levels.compact_name = listed.compact_name
    left join efforts on levels.compact_name = efforts.compact_name
    left join closed_vendors on levels.vendor = closed_vendors.vendor

),

kept as (

    select *
    from judged
    where may_come_off
    qualify
        row_number() over (
            partition by source_id, candidate_name, vendor_hint
            order by depth desc
        ) = 1

),

-- A source that names no vendor means the one that the others name, if they agree.
final as (

    select
        source_id,
        candidate_name,
        vendor_hint,
        coalesce(
            vendor,
            case
                when
                    min(vendor) over (partition by compact_name)
                    = max(vendor) over (partition by compact_name)
                    then max(vendor) over (partition by compact_name)
            end
        ) as vendor,
        compact_name as compared_name,
        released_on
    from kept

)

select * from final
