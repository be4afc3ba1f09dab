{% macro create_table_macros() -%}
    {#-
      Writes functions into the database that take a model and give a table; each is one plain select
      over the views of the schema main. docs/database.md describes them. DuckDB looks up what a
      function reads when it is written, so a run that built only a part writes none.
    -#}
    {%- set is_complete = execute and flags.WHICH in ("build", "run") and run_query(
        "select count(*) = 7 from ("
        ~ "select database_name, schema_name || '.' || view_name as name from duckdb_views() union all "
        ~ "select database_name, schema_name || '.' || table_name from duckdb_tables()) "
        ~ "where database_name = current_database() and name in ('main.contributions', 'main.figures', 'marts.dim_models', 'marts.fct_observation_ledger', 'marts.fct_mix_inputs', 'marts.rpt_scoreboard', 'marts.dim_thresholds')"
    ).columns[0][0] -%}
    {%- if not is_complete -%}
    select 1
    {%- else -%}
    {%- set phrases = fromjson(pick_phrases()) -%}
    create or replace macro main.model_id(model_name) as coalesce(
        (
            select models.canonical_id
            from marts.dim_models as models
            where
                models.is_active
                and lower(model_name) in (lower(models.canonical_id), lower(models.display_name))
        ),
        error('no ranked model is called ' || coalesce(model_name, 'null') || '; see main.scoreboard')
    );
    comment on macro main.model_id is
    'The key of a ranked model, given its key or its name in upper or lower case; an error if there is no such model';

    create or replace macro main.explain_model(model_name) as table
    select
        parts.role_name,
        parts.group_name,
        parts.metric,
        figures.figure,
        figures.unit,
        figures.evidence,
        figures.source_name,
        figures.donor,
        parts.weight,
        parts.points,
        parts.contribution
    from main.contributions as parts
    left join main.figures as figures on parts.model = figures.model and parts.metric = figures.metric
    where parts.model = main.model_id(model_name)
    order by parts.role_name, parts.contribution desc, parts.group_name, parts.metric;
    comment on macro table main.explain_model is
    'The contributions that the four scores of a model consist of: one row per role, group and metric, with the value, its source and the points that it adds. The contributions of a role sum to its score. A row without a metric is the part that is not measured and counts as 50';

    create or replace macro main.compare_models(first_name, second_name) as table
    select
        parts.role_name,
        parts.group_name,
        parts.metric,
        coalesce(sum(parts.contribution) filter (where parts.model = main.model_id(first_name)), 0)
            as first_contribution,
        coalesce(sum(parts.contribution) filter (where parts.model = main.model_id(second_name)), 0)
            as second_contribution,
        first_contribution - second_contribution as difference
    from main.contributions as parts
    where parts.model in (main.model_id(first_name), main.model_id(second_name))
    group by parts.role_name, parts.group_name, parts.metric
    order by parts.role_name, abs(difference) desc, parts.group_name, parts.metric;
    comment on macro table main.compare_models is
    'Why one model scores higher than another: the points of both per role, group and metric, and the difference, the largest first. The differences of a role sum to the difference between the scores';

    create or replace macro main.trace_figure(model_name, metric_name) as table
    select
        ledger.source_id as source_name,
        ledger.source_model_name as name_at_source,
        ledger.effort,
        ledger.harness,
        ledger.raw_value as figure,
        ledger.observed_on,
        ledger.is_used,
        ledger.outcome
    from marts.fct_observation_ledger as ledger
    where
        ledger.canonical_id = main.model_id(model_name)
        and lower(ledger.metric_id) = lower(metric_name)
    order by ledger.is_used desc, ledger.source_id, ledger.raw_value desc, ledger.source_model_name;
    comment on macro table main.trace_figure is
    'Every value of a model for a metric in every source, whether it is used, and the reason';

    create or replace macro main.pick_models(
        idea, planning, building, reviewing,
        max_cost_usd := null, open_only := false, minimum_own_share := 0.0
    ) as table
    with rules as (
        {{ pick_rules('marts.dim_thresholds') }}
    ),
    mixes as (
        select
            0 as mix_id,
            roles.role_id,
            cast(roles.weight as double) as weight
        from (
            values ('i', idea), ('p', planning), ('b', building), ('r', reviewing)
        ) as roles (role_id, weight)
    ),
    scored as (
        {{ mixed('marts.fct_mix_inputs', 'mixes') }}
    ),
    candidates as (
        select
            scored.*,
            models.blended_cost_usd,
            models.open_weights
        from scored
        inner join marts.rpt_scoreboard as models on scored.canonical_id = models.canonical_id
        where
            scored.status = 'ranked'
            and scored.own_share >= minimum_own_share - 1e-6
            and (max_cost_usd is null or models.blended_cost_usd <= max_cost_usd)
            and (not open_only or models.open_weights)
    ),
    picked as (
        {{ picked('candidates') }}
    )
    select
        asked.pick,
        picked.canonical_id,
        models.display_name,
        picked.score,
        picked.own_share,
        picked.place,
        picked.blended_cost_usd,
        coalesce(
            picked.reason,
            case asked.pick
                when 'value' then '{{ phrases["no_value"] }}'
                when 'open' then '{{ phrases["no_open"] }}'
                else '{{ phrases["no_best"] }}'
            end
        ) as reason
    from (values (1, 'best'), (2, 'value'), (3, 'open')) as asked (pick_order, pick)
    left join picked on asked.pick = picked.pick
    left join marts.rpt_scoreboard as models on picked.canonical_id = models.canonical_id
    order by asked.pick_order;
    comment on macro table main.pick_models is
    'The models to choose for a mix of the four roles, given as weights of which only the ratios matter. One row each for best, value and open (null if no model meets the conditions), with the reason in words. Only models with a place in the mix are considered, and only those within the maximum price in US dollars per million tokens, with open weights if asked for, and with at least the given share of own evidence'
    {%- endif -%}
{%- endmacro %}
