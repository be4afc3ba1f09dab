with ledger as (

    select * from {{ ref('fct_observation_ledger') }}

),

ranked as (

    select * from {{ ref('int_observations_ordered') }}

),

pairs as (

    select * from {{ ref('stg_config__synthesis_pairs') }}

),

synthesised as (

    select * from {{ ref('int_measurements_synthesised') }}

),

names as (

    select * from {{ ref('int_names_resolved') }}

),

aliases as (

    select * from {{ ref('stg_config__aliases') }}

),

models as (

    select * from {{ ref('dim_models') }}

),

sources as (

    select * from {{ ref('dim_sources') }}

),

mappings as (

    select * from {{ ref('source_metrics') }}

),

resolved as (

    select * from {{ ref('int_observations_resolved') }}

),

to_review as (

    select * from {{ ref('rpt_names_to_review') }}

),

backtest as (

    select * from {{ ref('rpt_backtest') }}

),

calibration as (

    select * from {{ ref('rpt_calibration') }}

),

quality as (

    select * from {{ ref('rpt_metric_quality') }}

),

guards as (

    select * from {{ ref('rpt_source_guards') }}

),

thresholds as (

    {{ threshold_columns(['warnings_unusable_share', 'listing_days']) }}

),

-- Cells with a value: neither empty nor a zero that means not measured.
cells as (

    select
        *,
        value_issue is not null as is_unusable
    from resolved
    where
        value_issue is null
        or value_issue not in ('no figure', 'zero or less means not measured')

),

final as (

    select
        'inactive_model' as warning_kind,
        canonical_id as subject,
        'listed, but without a value of its own in this run' as message
    from models
    where not is_active
    union all
    select
        'source_' || status as warning_kind,
        source_id as subject,
        coalesce(message, 'no reason given') as message
    from sources
    where status != 'verified'
    union all
    select
        'source_changed' as warning_kind,
        source_id as subject,
        message
    from sources
    where status = 'verified' and message is not null
    union all
    select
        'withheld_figures' as warning_kind,
        source_id as subject,
        count(*) || ' reported value' || case when count(*) = 1 then '' else 's' end
        || ' ' || outcome as message
    from ledger
    where resolution = 'ignored' and starts_with(outcome, 'withheld:')
    group by source_id, outcome
    union all
    select
        'past_window' as warning_kind,
        canonical_id || ' ' || metric_id as subject,
        'its value is from a window that ended on ' || window_end
        || ', before the current window of ' || source_id || ' began' as message
    from ledger
    where is_used and is_window_past
    union all
    select
        'stale_override' as warning_kind,
        ranked.canonical_id || ' ' || ranked.metric_id as subject,
        'not used, because a measured value exists (' || direct.source_id || ')' as message
    from ranked
    inner join ranked as direct
        on
            ranked.canonical_id = direct.canonical_id
            and ranked.metric_id = direct.metric_id
            and direct.choice = 1
    where ranked.evidence_class = 'reported' and direct.evidence_class = 'direct'
    union all
    select
        'stale_pair' as warning_kind,
        pairs.target_id || ' from ' || pairs.donor_id as subject,
        'pair ' || pairs.pair_position || ' supplies no value' as message
    from pairs
    where
        pairs.pair_position not in (
            select unnest(synthesised.pair_positions) from synthesised
        )
    union all
    select
        'cap_blocked' as warning_kind,
        canonical_id || ' ' || source_id as subject,
        count(*) || ' values not borrowed: the share of borrowing models would exceed the cap'
            as message
    from synthesised
    where is_cap_blocked
    group by canonical_id, source_id
    union all
    select
        'unseen_metric' as warning_kind,
        mappings.source_id || ' ' || mappings.metric_id as subject,
        'the source has no metric in this run that is named '
        || string_agg(mappings.source_metric_name, ' or ' order by mappings.source_metric_name)
            as message
    from mappings
    inner join sources
        on mappings.source_id = sources.source_id and sources.status in ('verified', 'stale')
    where
        not exists (
            select 1
            from ledger
            where
                ledger.source_id = mappings.source_id
                and ledger.metric_id = mappings.metric_id
        )
    group by mappings.source_id, mappings.metric_id
    union all
    -- An alias for all sources may be used by a later one; triage lists these.
    select
        'unused_alias' as warning_kind,
        aliases.source_id || ' ' || aliases.canonical_id as subject,
        string_agg(aliases.alias, ', ' order by aliases.alias) as message
    from aliases
    inner join sources
        on aliases.source_id = sources.source_id and sources.status in ('verified', 'stale')
    where
        not exists (
            select 1 from names
            where
                names.source_id = aliases.source_id
                and names.canonical_id = aliases.canonical_id
                and replace(replace(names.matched_name, '.', ''), ' ', '') = aliases.compact_alias
        )
    group by aliases.source_id, aliases.canonical_id
    union all
    -- Two metrics may each be the nearest of the other: that is one finding.
    select distinct
        'near_duplicate' as warning_kind,
        least(metric_id, nearest_metric_id) || ' ' || greatest(metric_id, nearest_metric_id)
            as subject,
        'both have weight and give nearly the same results (correlation '
        || format('{:.3f}', nearest_correlation) || ')' as message
    from quality
    where is_near_duplicate
    union all
    select
        'miscalibrated' as warning_kind,
        predictor || ' ' || role_id || ' ' || band as subject,
        'the 90 % interval contains the score in ' || format('{:.0f}', 100 * inside_share)
        || ' % of ' || n || ' back-tests' as message
    from backtest
    where is_miscalibrated and (role_id = 'all' or band = 'all')
    union all
    select
        'miscalibrated' as warning_kind,
        predictor || ' ' || role_id || ' ' || band as subject,
        'the 90 % interval contains the score in ' || format('{:.0f}', 100 * inside_share)
        || ' % of ' || n || ' back-tests of ' || tested_on as message
    from calibration
    -- Expected scores are back-tested by every run.
    where is_miscalibrated and predictor = 'v1' and (role_id = 'all' or band = 'all')
    union all
    select
        'reported_offset' as warning_kind,
        metric_id as subject,
        'vendors'' own values are ' || format('{:.0f}', reported_offset) || ' ± '
        || format('{:.0f}', reported_offset_error)
        || ' points higher than third parties'' values for models of the same ability ('
        || n_reported_compared || ' and ' || n_direct_compared || ' values)' as message
    from quality
    where is_reported_not_comparable
    union all
    select
        'name_to_review' as warning_kind,
        source_id || ' ' || candidate_name as subject,
        'newly resolved: ' || candidate_name || ' → ' || canonical_id || ', by '
        || match_method || ' (' || words_taken_off || ')' as message
    from to_review
    union all
    select distinct
        'refused_name' as warning_kind,
        source_id || ' ' || source_model_name as subject,
        refusal as message
    from resolved
    where refusal is not null
    union all
    select
        'no_release_date' as warning_kind,
        canonical_id as subject,
        'no release date is listed, so date stamps are not removed from its names and '
        || 'dates that sources state for it are not compared' as message
    from models
    where release_date is null
    union all
    -- The day of listing does not identify a model, but a re-used name shows here first.
    select distinct
        'listed_late' as warning_kind,
        resolved.source_id || ' ' || resolved.source_model_name as subject,
        'listed on ' || resolved.listed_on || ', '
        || abs(resolved.listed_on - models.release_date) || ' days from the release of '
        || models.canonical_id || ' on ' || models.release_date as message
    from resolved
    inner join models on resolved.canonical_id = models.canonical_id
    cross join thresholds
    where abs(resolved.listed_on - models.release_date) > thresholds.listing_days
    union all
    select
        'unusable_figures' as warning_kind,
        source_id || ' ' || metric_id as subject,
        count(*) filter (where is_unusable) || ' of ' || count(*) || ' values cannot be used: '
        || string_agg(distinct value_issue, ', ' order by value_issue) as message
    from cells
    group by source_id, metric_id
    having
        count(*) filter (where is_unusable)
        >= count(*) * (select thresholds.warnings_unusable_share from thresholds)
    union all
    select
        'unusable_errors' as warning_kind,
        source_id || ' ' || metric_id as subject,
        count(error_issue) || ' of ' || count(*) || ' errors or intervals cannot be used: '
        || string_agg(distinct error_issue, ', ' order by error_issue) as message
    from resolved
    where error_issue is not null or standard_error is not null
    group by source_id, metric_id
    having count(error_issue) > 0
    union all
    select
        'mixed_units' as warning_kind,
        source_id || ' ' || metric_id as subject,
        count(*) filter (where is_percentage) || ' of ' || count(*)
        || ' values are written with %, the others without' as message
    from cells
    where not is_unusable
    group by source_id, metric_id
    having count(distinct is_percentage) = 2
    union all
    select
        warning_kind,
        concat_ws(' ', source_id, metric_id) as subject,
        message
    from guards

)

select * from final
