-- A figure is present exactly when it has a value, and then tells the evidence it stands on.
with measurements as (

    select * from {{ ref('fct_measurements') }}

),

problems as (

    select
        canonical_id,
        metric_id,
        is_present,
        value,
        evidence_class,
        source_id,
        case
            when (is_present = (value is not null)) is not true
                then 'is_present does not match the value'
            when is_present != (evidence_class is not null)
                then 'evidence without a value, or a value without evidence'
            when not is_present then null
            when evidence_class not in ('direct', 'reported', 'synthesised')
                then 'unknown evidence class'
            when (evidence_class = 'synthesised') != (synthesis_category is not null)
                then 'a category belongs to synthesised figures, and to each'
            when synthesis_category not in ('conservative', 'same_series_forward')
                then 'unknown category'
            when
                metric_kind = 'metric'
                and (
                    source_id is null or source_model_name is null or raw_value is null
                    or normalised_value is null or effort is null or match_method is null
                )
                then 'the origin of the figure is not complete'
            when
                metric_kind = 'metric'
                and (evidence_class = 'synthesised') != (donor_id is not null)
                or evidence_class = 'synthesised'
                and metric_kind = 'metric'
                and (len(synthesis_path) = synthesis_hops + 1) is not true
                then 'a path belongs to synthesised figures, and to each'
            when evidence_class = 'reported' and metric_kind = 'metric' and note is null
                then 'a reported figure without its publication'
        end as problem
    from measurements

)

select * from problems
where problem is not null
