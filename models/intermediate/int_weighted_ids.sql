with weights as (

    select * from {{ ref('int_weights') }}
    where weight > 0

),

ids as (

    select child_id as id from weights
    union
    select parent_id as id from weights

),

final as (

    select
        id,
        cast(row_number() over (order by id) as smallint) as id_number
    from ids

)

select * from final
