with records as (

    select * from {{ source('raw', 'raw_records') }}
    where source_id = 'bc_bench' and part = 'aggregate'

),

entries as (

    select
        *,
        record ->> '$.benchmark_version' as board_version,
        json_type(record -> '$.experiment') = 'OBJECT' as is_experiment
    from records

),

-- Versions are not comparable: the one that most models were run on is the board, else the newest.
versions as (

    select board_version
    from entries
    where not is_experiment
    group by board_version
    order by count(distinct record ->> '$.model') desc, string_split(board_version, '.') desc
    limit 1

),

final as (

    select
        entries.source_id,
        entries.part,
        entries.position,
        entries.record ->> '$.model' as source_model_name,
        entries.record ->> '$.model' as candidate_name,
        entries.record ->> '$.agent_name' as harness,
        'f1' as source_metric_name,
        entries.record ->> '$.f1' as raw_text,
        (
            {{ as_number("(entries.record ->> '$.f1_ci_high')") }}
            - {{ as_number("(entries.record ->> '$.f1_ci_low')") }}
        ) / (2 * 1.96) as standard_error,
        {{ as_number("(entries.record ->> '$.f1_ci_low')") }} as interval_lower,
        {{ as_number("(entries.record ->> '$.f1_ci_high')") }} as interval_upper,
        case
            when entries.is_experiment then 'run with its own instructions or tools'
            when versions.board_version is null
                then
                    'run with version ' || entries.board_version
                    || ', on which there are fewer models'
        end as ignore_reason
    from entries
    left join versions on entries.board_version = versions.board_version

)

select * from final
