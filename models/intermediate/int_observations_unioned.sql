{%- set source_ids = [
    "openrouter", "lmarena", "artificial_analysis", "swebench", "swebench_pro", "sweatlas_qna",
    "sweatlas_test_writing", "sweatlas_refactoring", "mcp_atlas", "hil_bench", "swerebench",
    "livecodebench", "gso", "terminal_bench", "terminal_bench_2_1", "bfcl", "sonar", "arc_agi",
    "overrides",
] -%}

with observations as (

    {% for source_id in source_ids %}
        {% if not loop.first %}union all by name{% endif %}
        select * from {{ ref("stg_" ~ source_id ~ "__observations") }}
    {% endfor %}

),

metrics as (

    select * from {{ ref('metrics') }}

),

mappings as (

    select
        source_id,
        source_metric_name,
        metric_id,
        source_rank,
        multiplier
    from {{ ref('source_metrics') }}
    union all
    -- A reported figure names the metric itself, in the metric's own unit.
    select
        'overrides' as source_id,
        metric_id as source_metric_name,
        metric_id,
        1 as source_rank,
        1 as multiplier
    from metrics

),

read as (

    select
        observations.* exclude (source_model_name),  -- noqa: RF02
        coalesce(observations.source_model_name, observations.candidate_name) as source_model_name,
        mappings.metric_id,
        mappings.source_rank,
        mappings.multiplier,
        {{ number_text('observations.raw_text') }} as number_text
    from observations
    inner join mappings
        on
            observations.source_id = mappings.source_id
            and observations.source_metric_name = mappings.source_metric_name

),

scaled as (

    select
        * exclude (multiplier, number_text, standard_error, interval_lower, interval_upper),
        {{ scale_value('number_text', 'multiplier') }} as value,
        number_text,
        case when isfinite(standard_error) then standard_error * multiplier end as standard_error,
        case when isfinite(interval_lower) then interval_lower * multiplier end as interval_lower,
        case when isfinite(interval_upper) then interval_upper * multiplier end as interval_upper
    from read

),

final as (

    select
        scaled.* exclude (value, number_text),  -- noqa: RF02
        {{ value_issue(
            'scaled.number_text', 'metrics.minimum_value', 'metrics.maximum_value',
            'metrics.is_zero_missing', 'scaled.value',
        ) }} as value_issue,
        case when value_issue is null then scaled.value end as raw_value
    from scaled
    inner join metrics on scaled.metric_id = metrics.metric_id

)

select * from final
