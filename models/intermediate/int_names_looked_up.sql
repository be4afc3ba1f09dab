with names as (

    select * from {{ ref('int_names_normalised') }}

),

without_hosts as (

    select * from {{ ref('int_names_without_hosts') }}

),

without_suffixes as (

    select * from {{ ref('int_names_without_suffixes') }}

),

aliases as (

    select * from {{ ref('stg_config__aliases') }}

),

levels as (

    select
        names.source_id,
        names.candidate_name,
        names.vendor_hint,
        without_hosts.remaining as name_without_hosts,
        without_hosts.n_hosts,
        without_hosts.named_vendor,
        without_suffixes.depth,
        without_suffixes.remaining,
        without_suffixes.stamps,
        replace(replace(without_suffixes.remaining, '.', ''), ' ', '') as compact,
        -- The vendor as the source spells it, as its id, and by the first word: Kimi for Coding.
        list_distinct([
            names.normalised_hint,
            names.hinted_vendor,
            split_part(names.normalised_hint, ' ', 1)
        ]) as vendor_words
    from names
    inner join without_hosts
        on
            names.normalised_name = without_hosts.normalised_name
            and names.normalised_hint is not distinct from without_hosts.normalised_hint
    inner join without_suffixes on without_hosts.remaining = without_suffixes.full_name

),

prefixed as (

    select
        * exclude (vendor_words),
        unnest(vendor_words) || ' ' || remaining as prefixed_name
    from levels

),

hits as (

    select
        levels.* exclude (vendor_words),  -- noqa: RF02
        aliases.canonical_id,
        aliases.source_id as alias_source_id,
        case when levels.remaining = aliases.normalised_alias then 1 else 2 end as step
    from levels
    inner join aliases on levels.compact = aliases.compact_alias
    where aliases.compact_alias != ''
    union all
    select
        prefixed.* exclude (prefixed_name),  -- noqa: RF02
        aliases.canonical_id,
        aliases.source_id as alias_source_id,
        3 as step
    from prefixed
    inner join aliases
        on replace(replace(prefixed.prefixed_name, '.', ''), ' ', '') = aliases.compact_alias

),

-- Suffixes may be more than a host's words, so that the name with most of them left counts.
final as (

    select
        * exclude (alias_source_id, compact),
        case
            when depth > 0 or n_hosts > 0 then 'affix_stripped'
            when step = 1 then 'exact'
            when step = 2 then 'compact'
            else 'vendor_prefixed'
        end as match_method,
        row_number() over (
            partition by source_id, candidate_name, vendor_hint
            order by
                depth, n_hosts, step, canonical_id,
                named_vendor nulls last, name_without_hosts, remaining
        ) as choice
    from hits
    where coalesce(alias_source_id = source_id, true)

)

select * from final
