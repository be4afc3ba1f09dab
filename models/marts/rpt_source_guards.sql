with ledger as (

    select * from {{ ref('fct_observation_ledger') }}

),

sources as (

    select * from {{ ref('dim_sources') }}

),

metrics as (

    select * from {{ ref('metrics') }}

),

previous_figures as (

    select * from {{ ref('stg_run__previous_figures') }}

),

previous_sources as (

    select * from {{ ref('stg_run__previous_sources') }}

),

thresholds as (

    {{ threshold_columns([
        'guard_factor', 'guard_share', 'guard_fraction_median', 'guard_frozen_days'
    ]) }}

),

used as (

    select * from ledger
    where is_used and source_id != 'overrides'

),

compared as (

    select
        used.source_id,
        used.metric_id,
        count(*) as n_models,
        count(*) filter (
            where
            used.raw_value > 0
            and previous_figures.raw_value > 0
            and abs(ln(used.raw_value / previous_figures.raw_value)) > ln(thresholds.guard_factor)
        ) as n_moved,
        median(used.raw_value / previous_figures.raw_value)
        filter (
            where
            used.raw_value > 0
            and previous_figures.raw_value > 0
            and abs(ln(used.raw_value / previous_figures.raw_value)) > ln(thresholds.guard_factor)
        ) as middle_ratio
    from used
    cross join thresholds
    inner join previous_figures
        on
            used.canonical_id = previous_figures.canonical_id
            and used.metric_id = previous_figures.metric_id
            and used.source_id = previous_figures.source_id
    inner join metrics
        on used.metric_id = metrics.metric_id and metrics.metric_class = 'capability'
    group by used.source_id, used.metric_id

),

vanished as (

    select
        previous_figures.source_id,
        previous_figures.metric_id,
        count(*) as n_models
    from previous_figures
    inner join sources
        on previous_figures.source_id = sources.source_id and sources.status = 'verified'
    left join used
        on
            previous_figures.source_id = used.source_id
            and previous_figures.metric_id = used.metric_id
    where used.source_id is null and not sources.is_partial
    group by previous_figures.source_id, previous_figures.metric_id

),

-- What the rows are dated by, where they are: a file is often written anew without news.
newest_rows as (

    select
        source_id,
        max(observed_on) as observed_on
    from ledger
    group by source_id

),

dated as (

    select
        sources.source_id,
        sources.fetched_at,
        least(
            cast(sources.content_changed_at as date),
            coalesce(newest_rows.observed_on, cast(sources.content_changed_at as date))
        ) as changed_on
    from sources
    left join newest_rows on sources.source_id = newest_rows.source_id
    where sources.n_measurements > 0

),

scaled as (

    select
        used.source_id,
        used.metric_id,
        count(*) as n_models,
        count(*) filter (where used.raw_value > 0 and used.raw_value <= 1) as n_small,
        median(used.raw_value) filter (where used.raw_value > 1) as middle
    from used
    inner join metrics on used.metric_id = metrics.metric_id and metrics.unit = 'percent'
    group by used.source_id, used.metric_id

),

final as (

    select
        'moved_figures' as warning_kind,
        compared.source_id,
        compared.metric_id,
        compared.n_moved || ' of ' || compared.n_models
        || ' values changed by a factor of more than '
        || cast(thresholds.guard_factor as integer) || ' since the earlier board, in the median to '
        || format('{:.3g}', compared.middle_ratio) || ' times the earlier value' as message
    from compared
    cross join thresholds
    where compared.n_moved > 0 and compared.n_moved >= compared.n_models * thresholds.guard_share
    union all
    select
        'vanished_metric' as warning_kind,
        source_id,
        metric_id,
        'no values now, although the source was read; the earlier board had ' || n_models
            as message
    from vanished
    union all
    select
        'fractions_among_percentages' as warning_kind,
        scaled.source_id,
        scaled.metric_id,
        scaled.n_small || ' of ' || scaled.n_models
        || ' values are at most 1; the median of the others is '
        || format('{:.3g}', scaled.middle) as message
    from scaled
    cross join thresholds
    where
        scaled.n_small >= scaled.n_models * thresholds.guard_share
        and scaled.middle > thresholds.guard_fraction_median
    union all
    select
        'frozen_board' as warning_kind,
        dated.source_id,
        cast(null as varchar) as metric_id,
        'no change since ' || dated.changed_on || ', '
        || date_diff('day', dated.changed_on, dated.fetched_at)
        || ' days before the source was read' as message
    from dated
    cross join thresholds
    where date_diff('day', dated.changed_on, dated.fetched_at) > thresholds.guard_frozen_days
    union all
    select
        'scale_changed' as warning_kind,
        sources.source_id,
        cast(null as varchar) as metric_id,
        'its scale is version ' || sources.scale_version || ', but was version '
        || previous_sources.scale_version
        || ' on the earlier board, so values must not be compared' as message
    from sources
    inner join previous_sources on sources.source_id = previous_sources.source_id
    where sources.scale_version != previous_sources.scale_version
    union all
    select
        case
            when
                sources.n_rows_ingested
                > previous_sources.n_rows_ingested * thresholds.guard_factor
                then 'more_rows'
            when
                sources.n_rows_ingested * thresholds.guard_factor
                <= previous_sources.n_rows_ingested
                and sources.status != 'skipped'
                then 'fewer_rows'
        end as warning_kind,
        sources.source_id,
        cast(null as varchar) as metric_id,
        sources.n_rows_ingested || ' rows, ' || previous_sources.n_rows_ingested
        || ' on the earlier board' as message
    from sources
    cross join thresholds
    inner join previous_sources on sources.source_id = previous_sources.source_id
    where warning_kind is not null

)

select * from final
