with runs as (

    select * from {{ ref('stg_run__runs') }}

),

files as (

    select * from {{ ref('stg_config__files') }}
    where file_id = 'coefficients'

),

previous as (

    select * from {{ ref('int_previous_ranks_selected') }}

),

-- Keys and values, whatever their order and spelling in the file: 1 and 1.0 are the same.
coefficients as (

    select
        sha256(string_agg(
            entry.fullkey || ' '
            || coalesce(cast(try_cast(entry.atom as double) as varchar), entry.atom),
            chr(10) order by entry.fullkey
        )) as coefficients_sha256
    from files, json_tree(files.content) as entry
    where entry.atom is not null

),

compared as (

    select max(generated_at) as compared_at
    from previous

),

final as (

    select
        runs.generated_at,
        runs.generator,
        runs.edition,
        runs.is_experiment,
        runs.is_demo,
        '{{ var("methodology") }}' as methodology,
        coefficients.coefficients_sha256,
        compared.compared_at
    from runs
    cross join coefficients
    cross join compared

)

select * from final
