with runs as (

    select * from {{ ref('stg_run__runs') }}

),

final as (

    select
        generated_at,
        generator,
        edition,
        '{{ var("methodology") }}' as methodology
    from runs

)

select * from final
