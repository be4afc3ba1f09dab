-- Both models of a pair are known and not the same; so are its category and its sources.
with pairs as (

    select * from {{ ref('stg_config__synthesis_pairs') }}

),

models as (

    select canonical_id from {{ ref('stg_config__models') }}

),

sources as (

    select source_id from {{ ref('sources') }}

),

problems as (

    select
        pairs.pair_position,
        pairs.target_id,
        pairs.donor_id,
        pairs.category,
        pairs.source_ids,
        case
            when targets.canonical_id is null then 'unknown target'
            when donors.canonical_id is null then 'unknown donor'
            when pairs.target_id = pairs.donor_id then 'a model with itself'
            when (pairs.category in ('conservative', 'same_series_forward')) is not true
                then 'unknown category'
            when
                exists (
                    select 1
                    from (select unnest(pairs.source_ids) as source_id) as named
                    where named.source_id not in (select sources.source_id from sources)
                )
                then 'unknown source'
        end as problem
    from pairs
    left join models as targets on pairs.target_id = targets.canonical_id
    left join models as donors on pairs.donor_id = donors.canonical_id

)

select * from problems
where problem is not null
