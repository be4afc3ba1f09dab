with ledger as (

    select * from {{ ref('fct_observation_ledger') }}

),

names as (

    select * from {{ ref('int_names_unranked') }}

),

observations as (

    select * from {{ ref('int_observations_unioned') }}

),

declared as (

    select * from {{ ref('stg_config__metrics') }}

),

descriptions as (

    select * from {{ ref('metrics') }}

),

-- Where a value stands among all that the source lists for the metric, ranked models included.
placed as (

    select
        ledger.source_id,
        ledger.source_model_name,
        ledger.candidate_name,
        ledger.vendor_hint,
        ledger.metric_id,
        percent_rank() over (
            partition by ledger.source_id, ledger.metric_id
            order by
                case when declared.higher_better then ledger.raw_value else -ledger.raw_value end
        ) as share_below
    from ledger
    inner join declared on ledger.metric_id = declared.metric_id
    inner join descriptions on ledger.metric_id = descriptions.metric_id
    where
        ledger.resolution != 'ignored'
        and ledger.raw_value is not null
        and descriptions.metric_class = 'capability'

),

-- Of several efforts the best one.
best as (

    select
        names.vendor,
        names.compared_name,
        placed.source_id,
        placed.metric_id,
        max(placed.share_below) as share_below
    from placed
    inner join names
        on
            placed.source_id = names.source_id
            and placed.candidate_name = names.candidate_name
            and placed.vendor_hint is not distinct from names.vendor_hint
    group by names.vendor, names.compared_name, placed.source_id, placed.metric_id

),

standing as (

    select
        vendor,
        compared_name,
        avg(share_below order by source_id, metric_id) as mean_share_below
    from best
    group by vendor, compared_name

),

facts as (

    select
        observations.source_id,
        observations.candidate_name,
        observations.vendor_hint,
        min(observations.listed_on) as listed_on,
        bool_or(observations.has_open_weights) as open_weights,
        -- The one metric in tokens.
        max(observations.raw_value) filter (where descriptions.unit = 'tokens') as context_window
    from observations
    inner join descriptions on observations.metric_id = descriptions.metric_id
    group by observations.source_id, observations.candidate_name, observations.vendor_hint

),

-- A name that a source lists with several tags beside it is one.
spellings as (

    select
        names.vendor,
        names.compared_name,
        ledger.source_id,
        ledger.source_model_name,
        min(names.candidate_name) as candidate_name,
        min(names.vendor_hint) as vendor_hint,
        min(names.released_on) as released_on,
        min(facts.listed_on) as listed_on,
        bool_or(facts.open_weights) as open_weights,
        max(facts.context_window) as context_window,
        count(*) as n_observations,
        string_agg(distinct ledger.outcome, '; ' order by ledger.outcome) as reason,
        bool_or(ledger.outcome != 'no ranked model has this name') as is_refused
    from ledger
    inner join names
        on
            ledger.source_id = names.source_id
            and ledger.candidate_name = names.candidate_name
            and ledger.vendor_hint is not distinct from names.vendor_hint
    left join facts
        on
            names.source_id = facts.source_id
            and names.candidate_name = facts.candidate_name
            and names.vendor_hint is not distinct from facts.vendor_hint
    where ledger.resolution = 'unmatched' and ledger.source_model_name is not null
    group by names.vendor, names.compared_name, ledger.source_id, ledger.source_model_name

),

grouped as (

    select
        vendor,
        compared_name,
        count(distinct source_id) as n_sources,
        list(distinct source_id order by source_id) as source_ids,
        cast(sum(n_observations order by source_id, source_model_name) as bigint) as n_observations,
        min(released_on) as release_date,
        min(listed_on) as listed_on,
        coalesce(release_date, min(listed_on)) as dated_on,
        bool_or(open_weights) as open_weights,
        cast(max(context_window) as bigint) as context_window,
        bool_and(is_refused) as is_refused,
        list(
            {
                'source_id': source_id,
                'name': source_model_name,
                'candidate_name': candidate_name,
                'vendor_hint': vendor_hint,
                'n_figures': n_observations,
                'reason': reason,
                'is_refused': is_refused
            }
            order by source_id, source_model_name
        ) as spellings
    from spellings
    group by vendor, compared_name

),

final as (

    select
        grouped.vendor,
        grouped.compared_name,
        grouped.n_sources,
        grouped.source_ids,
        grouped.n_observations,
        grouped.release_date,
        grouped.listed_on,
        grouped.dated_on,
        grouped.open_weights,
        grouped.context_window,
        standing.mean_share_below,
        grouped.is_refused,
        grouped.spellings
    from grouped
    left join standing
        on
            grouped.vendor is not distinct from standing.vendor
            and grouped.compared_name = standing.compared_name

)

select * from final
