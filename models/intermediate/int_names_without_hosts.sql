with recursive
names as (

    select distinct
        normalised_name,
        normalised_hint
    from {{ ref('int_names_normalised') }}

),

hosts as (

    select * from {{ ref('name_hosts') }}

),

spellings as (

    select * from {{ ref('vendor_spellings') }}

),

-- What says no more than the source says beside the name: `kyma/gpt-5.4` of the host kyma.
hint_words as (

    select distinct
        normalised_hint,
        array_to_string(
            string_split(normalised_hint, ' ')[1:unnest(range(1, 4))], ' '
        ) as words
    from names
    where normalised_hint is not null

),

prefixes as (

    select
        words,
        cast(null as varchar) as normalised_hint,
        cast(null as varchar) as vendor
    from hosts
    where side in ('before', 'both')
    union all
    select
        spelling as words,
        null as normalised_hint,
        vendor
    from spellings
    union all
    select
        words,
        normalised_hint,
        null as vendor
    from hint_words
    where
        words not in (select hosts.words from hosts)
        and words not in (select spellings.spelling from spellings)

),

-- Hosts, organisations and regions come off the left end, in every way that is possible; the last
-- organisation is the one whose model it is.
stripped as (

    select
        normalised_name,
        normalised_hint,
        {{ region_as_word('normalised_name') }} as remaining,
        0 as n_hosts,
        cast(null as varchar) as named_vendor
    from names
    union all
    select
        stripped.normalised_name,
        stripped.normalised_hint,
        substr(stripped.remaining, length(prefixes.words) + 2) as remaining,
        stripped.n_hosts + 1 as n_hosts,
        coalesce(prefixes.vendor, stripped.named_vendor) as named_vendor
    from stripped
    inner join prefixes
        on
            split_part(stripped.remaining, ' ', 1) = split_part(prefixes.words, ' ', 1)
            and starts_with(stripped.remaining, prefixes.words || ' ')
            and coalesce(stripped.normalised_hint = prefixes.normalised_hint, true)
    where stripped.n_hosts < 6

),

final as (

    select *
    from stripped
    qualify
        row_number() over (
            partition by normalised_name, normalised_hint, remaining
            order by n_hosts, named_vendor
        ) = 1

)

select * from final
