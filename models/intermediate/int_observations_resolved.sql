with observations as (

    select
        * replace (
            coalesce(
                ignore_reason,
                case when coalesce(trim(candidate_name), '') = '' then 'does not tell its model' end
            ) as ignore_reason
        )
    from {{ ref('int_observations_unioned') }}

),

names as (

    select * from {{ ref('int_names_resolved') }}

),

listed as (

    select * from {{ ref('ignored_names') }}

),

-- Each name is normalised once, however many figures it has.
ignored as (

    select
        spelled.source_id,
        spelled.source_model_name,
        listed.reason
    from (
        select distinct
            source_id,
            source_model_name,
            {{ normalise_name('source_model_name') }} as normalised_name
        from observations
    ) as spelled
    inner join listed
        on
            spelled.source_id = listed.source_id
            and spelled.normalised_name = {{ normalise_name('listed.source_name') }}

),

models as (

    select * from {{ ref('stg_config__models') }}

),

suffixes as (

    select * from {{ ref('name_suffixes') }}
    where kind = 'effort'

),

efforts as (

    select * from {{ ref('effort_policy') }}

),

-- What a source says about the effort beside the name.
stated_efforts as (

    select
        texts.effort_text,
        suffixes.effort
    from (
        select distinct
            effort_text,
            {{ normalise_name('effort_text') }} as normalised_text
        from observations
        where effort_text is not null
    ) as texts
    inner join suffixes
        on contains(' ' || texts.normalised_text || ' ', ' ' || suffixes.suffix || ' ')
    inner join efforts on suffixes.effort = efforts.effort
    qualify
        row_number() over (
            partition by texts.effort_text
            order by efforts.specificity desc, efforts.capability_rank asc
        ) = 1

),

final as (

    select
        observations.* exclude (ignore_reason, candidate_name, effort_text),  -- noqa: RF02
        case
            when coalesce(observations.ignore_reason, ignored.reason) is not null then 'ignored'
            when names.canonical_id is not null then 'resolved'
            else 'unmatched'
        end as resolution,
        coalesce(observations.ignore_reason, ignored.reason) as ignore_reason,
        case when resolution = 'resolved' then names.canonical_id end as canonical_id,
        case when resolution = 'resolved' then names.match_method end as match_method,
        case when resolution = 'resolved' then names.matched_name end as matched_name,
        coalesce(stated_efforts.effort, names.name_effort, 'default') as effort,
        names.hinted_vendor,
        coalesce(resolution = 'resolved' and names.hinted_vendor != models.vendor, false)
            as is_vendor_contradicted
    from observations
    left join names
        on
            observations.candidate_name = names.candidate_name
            and observations.vendor_hint is not distinct from names.vendor_hint
    left join models on names.canonical_id = models.canonical_id
    -- A name that is listed as ignored is ignored even where a suffix rule would resolve it.
    left join ignored
        on
            observations.source_id = ignored.source_id
            and observations.source_model_name = ignored.source_model_name
    left join stated_efforts on observations.effort_text = stated_efforts.effort_text

)

select * from final
