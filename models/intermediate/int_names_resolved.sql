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

models as (

    select * from {{ ref('stg_config__models') }}

),

windows as (

    select max(value) filter (where threshold_id = 'release_stamp_days') as release_stamp_days
    from {{ ref('thresholds') }}

),

folded_letters as (

    select
        coalesce(string_agg(letter, '' order by letter), '') as letters,
        coalesce(string_agg(plain, '' order by letter), '') as plain_letters
    from {{ ref('folded_letters') }}

),

normalised as (

    select
        spelled.candidate_name,
        spelled.vendor_hint,
        {{ normalise_name(
            'translate(spelled.candidate_name, folded_letters.letters, folded_letters.plain_letters)'
        ) }} as normalised_name,
        {{ normalise_name('spelled.vendor_hint') }} as normalised_hint
    from (
        select distinct
            candidate_name,
            vendor_hint
        from observations
        where candidate_name is not null
    ) as spelled
    cross join folded_letters

),

-- A vendor in a script of its own may stand before the name without a blank.
names as (

    select
        normalised.candidate_name,
        normalised.vendor_hint,
        trim(substr(
            normalised.normalised_name, coalesce(length(spellings.spelling), 0) + 1
        )) as normalised_name,
        normalised.normalised_hint,
        spellings.vendor as written_vendor
    from normalised
    left join spellings
        on
            not regexp_matches(spellings.spelling, '[a-z0-9]')
            and starts_with(normalised.normalised_name, spellings.spelling)
    qualify
        row_number() over (
            partition by normalised.candidate_name, normalised.vendor_hint
            order by length(spellings.spelling) desc
        ) = 1

),

hinted as (

    select
        names.*,
        coalesce(spellings.vendor, names.written_vendor) as hinted_vendor,
        coalesce(spellings.vendor, names.normalised_hint) as vendor_word
    from names
    left join spellings on names.normalised_hint = spellings.spelling

),

-- Known suffixes come off the right end one at a time, the longest that fits first; words that are
-- a model of their own stop that.
stripped as (

    select
        normalised_name,
        normalised_name as remaining,
        0 as depth,
        cast(null as varchar) as kind,
        cast(null as varchar) as effort,
        cast([] as varchar[]) as stamps
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
        end as effort,
        case
            when coalesce(three.kind, two.kind, one.kind) = 'release_stamp'
                then list_append(
                    stripped.stamps,
                    replace(
                        case
                            when three.kind is null then {{ name_words('stripped.remaining', 1) }}
                            else {{ name_words('stripped.remaining', 3) }}
                        end, ' ', ''
                    )
                )
            else stripped.stamps
        end as stamps
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
        and coalesce(three.kind, two.kind, one.kind) != 'model'
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
        stripped.effort,
        stripped.stamps
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

stamps as (

    select
        stamped.candidate_name,
        stamped.vendor_hint,
        stamped.stamp,
        models.canonical_id,
        models.release_date,
        {{ stamp_date('stamped.stamp', 'models.release_date') }} as stamp_date,
        {{ stamp_refusal(
            'stamped.stamp', 'stamp_date', 'models', 'windows.release_stamp_days'
        ) }} as refusal
    from (
        select
            *,
            unnest(stamps) as stamp
        from first_hits
    ) as stamped
    inner join models on stamped.canonical_id = models.canonical_id
    cross join windows

),

name_stamps as (

    select
        candidate_name,
        vendor_hint,
        min(refusal) as refusal
    from stamps
    group by candidate_name, vendor_hint

),

-- The name of a ranked model is not enough: what stands beside it may tell of another one.
checked as (

    select
        first_hits.*,
        case
            when hinted.hinted_vendor != models.vendor
                then
                    'the source names the vendor '
                    || coalesce(hinted.vendor_hint, hinted.hinted_vendor)
                    || ', and ' || models.canonical_id || ' is of ' || models.vendor
            else name_stamps.refusal
        end as refusal
    from first_hits
    inner join hinted
        on
            first_hits.candidate_name = hinted.candidate_name
            and first_hits.vendor_hint is not distinct from hinted.vendor_hint
    left join models on first_hits.canonical_id = models.canonical_id
    left join name_stamps
        on
            first_hits.candidate_name = name_stamps.candidate_name
            and first_hits.vendor_hint is not distinct from name_stamps.vendor_hint

),

final as (

    select
        hinted.candidate_name,
        hinted.vendor_hint,
        hinted.hinted_vendor,
        case when checked.refusal is null then checked.canonical_id end as canonical_id,
        case
            when checked.refusal is not null then null
            when checked.depth > 0 then 'suffix_stripped'
            else checked.step_name
        end as match_method,
        case when checked.refusal is null then checked.remaining end as matched_name,
        name_efforts.effort as name_effort,
        checked.refusal
    from hinted
    left join checked
        on
            hinted.candidate_name = checked.candidate_name
            and hinted.vendor_hint is not distinct from checked.vendor_hint
    left join name_efforts
        on
            hinted.candidate_name = name_efforts.candidate_name
            and hinted.vendor_hint is not distinct from name_efforts.vendor_hint

)

select * from final
