with observations as (

    select * from {{ ref('int_observations_unioned') }}

),

spellings as (

    select * from {{ ref('vendor_spellings') }}

),

harnesses as (

    select * from {{ ref('harnesses') }}

),

entities as (

    select map_from_entries(list((entity, chr(cast(codepoint as integer))))) as characters
    from {{ ref('html_entities') }}

),

folded_letters as (

    select
        coalesce(string_agg(letter, '' order by letter), '') as letters,
        coalesce(string_agg(plain, '' order by letter), '') as plain_letters
    from {{ ref('folded_letters') }}

),

spelled as (

    select
        source_id,
        candidate_name,
        vendor_hint
    from observations
    where candidate_name is not null
    union
    select
        source_id,
        own_name as candidate_name,
        vendor_hint
    from observations
    where own_name is not null

),

folded as (

    select
        spelled.*,
        translate(
            {{ html_unescaped('spelled.candidate_name', 'entities.characters') }},
            folded_letters.letters, folded_letters.plain_letters
        ) as folded_name
    from spelled
    cross join entities
    cross join folded_letters

),

-- `Agent + Model`, `Agent: Model`, `Agent (Model)`, and `Model (Agent)`.
parted as (

    select
        *,
        {{ agent_before('folded_name') }} as agent_before,
        {{ model_behind('folded_name') }} as model_behind,
        {{ agent_in_brackets('folded_name') }} as agent_in_brackets,
        {{ model_around('folded_name') }} as model_around
    from folded

),

without_agent as (

    select
        parted.source_id,
        parted.candidate_name,
        parted.vendor_hint,
        coalesce(before_it.display_name, in_brackets.display_name) as name_harness,
        case
            when before_it.harness is not null then parted.model_behind
            when in_brackets.harness is not null then parted.model_around
            else parted.folded_name
        end as model_name
    from parted
    left join harnesses as before_it on parted.agent_before = before_it.harness
    left join harnesses as in_brackets on parted.agent_in_brackets = in_brackets.harness

),

normalised as (

    select
        *,
        {{ normalise_name('model_name') }} as normalised_name,
        {{ normalise_name('vendor_hint') }} as normalised_hint
    from without_agent

),

-- A vendor in a script of its own may stand before the name without a blank.
named as (

    select
        normalised.* exclude (model_name, normalised_name),  -- noqa: RF02
        trim(substr(
            normalised.normalised_name, coalesce(length(spellings.spelling), 0) + 1
        )) as normalised_name,
        spellings.vendor as written_vendor
    from normalised
    left join spellings
        on
            not regexp_matches(spellings.spelling, '[a-z0-9]')
            and starts_with(normalised.normalised_name, spellings.spelling)
    qualify
        row_number() over (
            partition by normalised.source_id, normalised.candidate_name, normalised.vendor_hint
            order by length(spellings.spelling) desc
        ) = 1

),

final as (

    select
        named.* exclude (written_vendor),  -- noqa: RF02
        coalesce(spellings.vendor, named.written_vendor) as hinted_vendor
    from named
    left join spellings on named.normalised_hint = spellings.spelling

)

select * from final
