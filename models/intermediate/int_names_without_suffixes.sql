with recursive
names as (

    select distinct remaining from {{ ref('int_names_without_hosts') }}

),

suffixes as (

    select
        suffix,
        word_count,
        kind,
        effort,
        families
    from {{ ref('name_suffixes') }}
    union all
    select
        words as suffix,
        len(string_split(words, ' ')) as word_count,
        'host' as kind,
        null as effort,
        null as families
    from {{ ref('name_hosts') }}
    where side in ('behind', 'both')

),

-- Known suffixes come off the right end one at a time, the longest that fits first; words that are
-- a model of their own stop that.
stripped as (

    select
        remaining as full_name,
        remaining,
        0 as depth,
        cast(null as varchar) as effort,
        cast([] as varchar[]) as stamps
    from names
    union all
    select
        stripped.full_name,
        {{ name_without(
            'stripped.remaining', 'coalesce(three.word_count, two.word_count, one.word_count)'
        ) }} as remaining,
        stripped.depth + 1 as depth,
        case
            when three.kind is not null then three.effort
            when two.kind is not null then two.effort
            else one.effort
        end as effort,
        case
            when coalesce(three.kind, two.kind, one.kind) = 'release_stamp'
                then list_append(
                    stripped.stamps,
                    {{ stamp_of(name_words(
                        'stripped.remaining',
                        'coalesce(three.word_count, two.word_count, one.word_count)'
                    )) }}
                )
            else stripped.stamps
        end as stamps
    from stripped
    left join suffixes as three
        on
            three.word_count = 3
            and {{ name_tail('stripped.remaining', 3) }} = three.suffix
            and {{ is_family_member('stripped.full_name', 'three.families') }}
    left join suffixes as two
        on
            two.word_count = 2
            and {{ name_tail('stripped.remaining', 2) }} = two.suffix
            and {{ is_family_member('stripped.full_name', 'two.families') }}
    left join suffixes as one
        on
            one.word_count = 1
            and {{ name_tail('stripped.remaining', 1) }} = one.suffix
            and {{ is_family_member('stripped.full_name', 'one.families') }}
    where
        stripped.depth < 8
        and coalesce(three.kind, two.kind, one.kind) != 'model'
        and coalesce(three.word_count, two.word_count, one.word_count)
        < len(string_split(stripped.remaining, ' '))

)

select * from stripped
