with recursive
observations as (

    select * from {{ ref('int_observations_unioned') }}

),

aliases as (

    select * from {{ ref('stg_config__aliases') }}

),

suffixes as (

    select * from {{ ref('name_suffixes') }}

),

spellings as (

    select * from {{ ref('vendor_spellings') }}

),

names as (

    select distinct
        candidate_name,
        vendor_hint,
        {{ normalise_name('candidate_name') }} as normalised_name,
        {{ normalise_name('vendor_hint') }} as normalised_hint
    from observations
    where candidate_name is not null

),

hinted as (

    select
        names.*,
        spellings.vendor as hinted_vendor,
        coalesce(spellings.vendor, names.normalised_hint) as vendor_word
    from names
    left join spellings on names.normalised_hint = spellings.spelling

),

-- Known suffixes come off the right end one at a time, the longest that fits first.
stripped as (

    select
        normalised_name,
        normalised_name as remaining,
        0 as depth,
        cast(null as varchar) as kind,
        cast(null as varchar) as effort
    from (select distinct normalised_name from names) as distinct_names
    union all
    select
        stripped.normalised_name,
        array_to_string(
            list_slice(
                string_split(stripped.remaining, ' '),
                1,
                len(string_split(stripped.remaining, ' '))
                - coalesce(three.word_count, two.word_count, one.word_count)
            ),
            ' '
        ) as remaining,
        stripped.depth + 1 as depth,
        coalesce(three.kind, two.kind, one.kind) as kind,
        case
            when three.kind is not null then three.effort
            when two.kind is not null then two.effort
            else one.effort
        end as effort
    from stripped
    left join suffixes as three
        on
            three.word_count = 3
            and {{ name_tail('stripped.remaining', 3) }} = three.suffix
            and {{ is_family_member('stripped.normalised_name', 'three.families') }}
    left join suffixes as two
        on
            two.word_count = 2
            and {{ name_tail('stripped.remaining', 2) }} = two.suffix
            and {{ is_family_member('stripped.normalised_name', 'two.families') }}
    left join suffixes as one
        on
            one.word_count = 1
            and {{ name_tail('stripped.remaining', 1) }} = one.suffix
            and {{ is_family_member('stripped.normalised_name', 'one.families') }}
    where
        stripped.depth < 8
        and coalesce(three.word_count, two.word_count, one.word_count)
        < len(string_split(stripped.remaining, ' '))

),

levels as (

    select
        hinted.candidate_name,
        hinted.vendor_hint,
        hinted.hinted_vendor,
        stripped.depth,
        stripped.remaining,
        replace(stripped.remaining, '.', '') as dotless,
        hinted.vendor_word || ' ' || stripped.remaining as prefixed,
        stripped.kind,
        stripped.effort
    from hinted
    inner join stripped on hinted.normalised_name = stripped.normalised_name

),

hits as (

    select
        levels.*,
        aliases.canonical_id,
        1 as step,
        'exact' as step_name
    from levels
    inner join aliases on levels.remaining = aliases.normalised_alias
    union all
    select
        levels.*,
        aliases.canonical_id,
        2 as step,
        'compact' as step_name
    from levels
    inner join aliases
        on replace(levels.dotless, ' ', '') = aliases.compact_alias
    where aliases.compact_alias != ''
    union all
    select
        levels.*,
        aliases.canonical_id,
        3 as step,
        'vendor_prefixed' as step_name
    from levels
    inner join aliases on levels.prefixed = aliases.normalised_alias
    union all
    select
        levels.*,
        aliases.canonical_id,
        3 as step,
        'vendor_prefixed' as step_name
    from levels
    inner join aliases
        on replace(replace(levels.prefixed, '.', ''), ' ', '') = aliases.compact_alias

),

first_hits as (

    select *
    from hits
    qualify
        row_number() over (
            partition by candidate_name, vendor_hint order by depth, step, canonical_id
        ) = 1

),

-- The effort is what can be taken off and still leave a name of the same model.
deepest as (

    select
        hits.candidate_name,
        hits.vendor_hint,
        max(hits.depth) as depth
    from hits
    inner join first_hits
        on
            hits.candidate_name = first_hits.candidate_name
            and hits.vendor_hint is not distinct from first_hits.vendor_hint
            and hits.canonical_id = first_hits.canonical_id
    group by hits.candidate_name, hits.vendor_hint

),

efforts as (

    select * from {{ ref('effort_policy') }}

),

name_efforts as (

    select
        levels.candidate_name,
        levels.vendor_hint,
        levels.effort
    from levels
    inner join deepest
        on
            levels.candidate_name = deepest.candidate_name
            and levels.vendor_hint is not distinct from deepest.vendor_hint
            and levels.depth <= deepest.depth
    inner join efforts on levels.effort = efforts.effort
    qualify
        row_number() over (
            partition by levels.candidate_name, levels.vendor_hint
            order by efforts.specificity desc, efforts.capability_rank asc
        ) = 1

),

final as (

    select
        hinted.candidate_name,
        hinted.vendor_hint,
        hinted.hinted_vendor,
        first_hits.canonical_id,
        case
            when first_hits.depth > 0 then 'suffix_stripped' else first_hits.step_name
        end as match_method,
        first_hits.remaining as matched_name,
        name_efforts.effort as name_effort
    from hinted
    left join first_hits
        on
            hinted.candidate_name = first_hits.candidate_name
            and hinted.vendor_hint is not distinct from first_hits.vendor_hint
    left join name_efforts
        on
            hinted.candidate_name = name_efforts.candidate_name
            and hinted.vendor_hint is not distinct from name_efforts.vendor_hint

)

select * from final
