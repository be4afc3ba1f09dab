with observations as (

    select
        * replace (
            coalesce(
                ignore_reason,
                case when coalesce(trim(candidate_name), '') = '' then 'does not name its model' end
            ) as ignore_reason
        )
    from {{ ref('int_observations_unioned') }}

),

names as (

    select * from {{ ref('int_names_resolved') }}

),

ignored as (

    select * from {{ ref('int_names_ignored') }}

),

models as (

    select * from {{ ref('stg_config__models') }}

),

stated_efforts as (

    select * from {{ ref('int_efforts_stated') }}

),

windows as (

    {{ threshold_columns(['release_stamp_days']) }}

),

-- A date that the source states for the model tells another build even under the model's own name.
named as (

    select
        observations.* exclude (  -- noqa: RF02
            ignore_reason, own_name, effort_text, harness  -- noqa: RF02
        ),
        coalesce(observations.harness, names.name_harness) as harness,
        coalesce(observations.ignore_reason, ignored.reason) as ignore_reason,
        names.canonical_id as named_id,
        names.match_method as name_match_method,
        names.matched_name as name_matched,
        coalesce(stated_efforts.effort, names.name_effort, 'default') as effort,
        names.hinted_vendor,
        models.release_date,
        {{ stamp_date('observations.model_stamp', 'models.release_date') }} as model_stamp_date,
        coalesce(
            names.refusal,
            -- A tag names the model that a fine-tune was made of.
            case
                when
                    names.canonical_id is not null and observations.own_name is not null
                    and own_names.canonical_id is distinct from names.canonical_id
                    then
                        'the name is ' || observations.own_name || ', but the tag beside it is '
                        || observations.candidate_name
            end,
            {{ stamp_refusal(
                'observations.model_stamp', 'model_stamp_date', 'models',
                'windows.release_stamp_days'
            ) }},
            case
                when
                    observations.model_date is not null and models.release_date is not null
                    and not {{ is_stamp_listed(
                        "strftime(observations.model_date, '%Y%m%d')", 'models.stamps'
                    ) }}
                    then {{ date_refusal(
                        "'the source dates the model ' || observations.model_date || ', '",
                        'observations.model_date', 'models', 'windows.release_stamp_days'
                    ) }}
            end
        ) as refusal
    from observations
    cross join windows
    left join names
        on
            observations.source_id = names.source_id
            and observations.candidate_name = names.candidate_name
            and observations.vendor_hint is not distinct from names.vendor_hint
    left join names as own_names
        on
            observations.source_id = own_names.source_id
            and observations.own_name = own_names.candidate_name
            and observations.vendor_hint is not distinct from own_names.vendor_hint
    left join models on names.canonical_id = models.canonical_id
    -- A name that is listed as ignored is ignored even where a suffix rule would resolve it.
    left join ignored
        on
            observations.source_id = ignored.source_id
            and observations.source_model_name = ignored.source_model_name
    left join stated_efforts on observations.effort_text = stated_efforts.effort_text

),

settled as (

    select
        * exclude (named_id, name_match_method, name_matched, refusal),
        case
            when ignore_reason is not null then 'ignored'
            when named_id is not null and refusal is null then 'resolved'
            else 'unmatched'
        end as resolution,
        case when resolution = 'resolved' then named_id end as canonical_id,
        case when resolution = 'resolved' then name_match_method end as match_method,
        case when resolution = 'resolved' then name_matched end as matched_name,
        case when resolution = 'unmatched' then refusal end as refusal,
        case when resolution = 'resolved' then abs(model_date - release_date) end
            as days_from_release
    from named

),

-- Of a model's builds within one source and effort only the nearest to the release is read.
final as (

    select
        * exclude (model_stamp, model_date, model_stamp_date),
        coalesce(
            days_from_release > min(days_from_release) over (
                partition by source_id, canonical_id, effort
            ),
            false
        ) as is_another_snapshot
    from settled

)

select * from final
