with resolved as (

    select * from {{ ref('int_observations_resolved') }}

),

names as (

    select * from {{ ref('int_names_normalised') }}

),

accepted as (

    select distinct
        source_id,
        canonical_id,
        {{ normalise_name('name') }} as normalised_name
    from {{ ref('accepted_names') }}

),

pairs as (

    select
        source_id,
        candidate_name,
        min(vendor_hint) as vendor_hint,
        canonical_id,
        match_method,
        matched_name,
        count(*) as n_observations
    from resolved
    where
        resolution = 'resolved'
        and match_method not in ('exact', 'compact')
        -- A reported figure names the model by its id.
        and source_id != 'overrides'
    group by source_id, candidate_name, canonical_id, match_method, matched_name

),

final as (

    select
        pairs.source_id,
        pairs.candidate_name,
        pairs.vendor_hint,
        pairs.canonical_id,
        pairs.match_method,
        array_to_string(list_filter(
            string_split(names.normalised_name, ' '),
            lambda word:  -- noqa: RF02
            not list_contains(string_split(pairs.matched_name, ' '), word)  -- noqa: RF02
        ), ' ') as words_taken_off,
        pairs.n_observations
    from pairs
    inner join names
        on
            pairs.source_id = names.source_id
            and pairs.candidate_name = names.candidate_name
            and pairs.vendor_hint is not distinct from names.vendor_hint
    left join accepted
        on
            pairs.source_id = accepted.source_id
            and pairs.canonical_id = accepted.canonical_id
            and {{ normalise_name('pairs.candidate_name') }} = accepted.normalised_name
    where accepted.normalised_name is null

)

select * from final
