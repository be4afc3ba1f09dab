with observations as (

    select * from {{ ref('int_observations_unioned') }}

),

listed as (

    select
        source_id,
        {{ normalise_name('source_name') }} as normalised_name,
        reason
    from {{ ref('ignored_names') }}

),

-- Each name is normalised once, however many figures it has.
spelled as (

    select distinct
        source_id,
        source_model_name,
        {{ normalise_name('source_model_name') }} as normalised_name
    from observations
    where source_model_name is not null

),

-- A row without a source counts for all of them; the row of the source itself counts first. By a
-- key that can be null DuckDB 2.0 now and then puts the null first, when two threads meet.
final as (

    select
        spelled.source_id,
        spelled.source_model_name,
        listed.reason
    from spelled
    inner join listed
        on
            spelled.normalised_name = listed.normalised_name
            and coalesce(spelled.source_id = listed.source_id, true)
    qualify
        row_number() over (
            partition by spelled.source_id, spelled.source_model_name
            order by listed.source_id is null
        ) = 1

)

select * from final
