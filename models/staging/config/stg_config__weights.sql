-- What is below waits for assert_weights_sum_to_one only if it follows from all that it reads.
-- depends_on: {{ ref('groups') }}, {{ ref('roles') }}
with files as (

    select * from {{ ref('stg_config__files') }}

),

tables as (

    select
        'composite' as weight_kind,
        entry.key as parent_id,
        entry.value as content
    from files, json_each(files.content, '$.composite_metrics') as entry
    where files.file_id = 'coefficients'
    union all
    select
        'group' as weight_kind,
        entry.key as parent_id,
        entry.value as content
    from files, json_each(files.content, '$.group_weights') as entry
    where files.file_id = 'coefficients'
    union all
    select
        'role' as weight_kind,
        entry.key as parent_id,
        entry.value as content
    from files, json_each(files.content, '$.final_score_weights') as entry
    where files.file_id = 'coefficients'

),

final as (

    select
        tables.weight_kind,
        tables.parent_id,
        entry.key as child_id,
        cast(entry.value as double) as weight,
        -- The order in which the file lists them.
        row_number() over (
            partition by tables.weight_kind, tables.parent_id order by entry.id
        ) as position
    from tables, json_each(tables.content) as entry

)

select * from final
