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
        ~ "where database_name = current_database() and name in ('main.contributions', 'main.figures', 'marts.dim_models', 'marts.fct_observation_ledger', 'marts.fct_role_evidence', 'marts.rpt_scoreboard', 'marts.dim_thresholds')"
    ).columns[0][0] -%}
    {%- if not is_complete -%}
    select 1
    {%- else -%}
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
    'Key of a ranked model by its key or its name, in any case; an error if there is none';

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
    'What the four scores of a model are made of: one row per role, group and metric, with the figure, where it comes from and the points it adds; the contributions of a role sum to its score. A row without a metric is the pull to 50 for missing figures';

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
    'Why one model scores higher than another: points per role, group and metric of both and their difference, the largest first; the differences of a role sum to the gap between the scores';

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
    'Every figure of a model for a metric in every source, used or not, and what became of it';

    create or replace macro main.mixed_scores(
        idea_weight, planning_weight, building_weight, reviewing_weight
    ) as table
    with weights as (
        select
            role_id,
            weight
        from (values
            ('i', idea_weight), ('p', planning_weight), ('b', building_weight), ('r', reviewing_weight)
        ) as given (role_id, weight)
        where weight > 0
    )

    select
        board.canonical_id as model,
        board.display_name as name,
        sum(weights.weight * evidence.score order by evidence.role_id)
        / sum(weights.weight order by evidence.role_id) as score,
        sum(weights.weight * evidence.own_share order by evidence.role_id)
        / sum(weights.weight order by evidence.role_id) as own_share,
        bool_and(evidence.status = 'ranked') as is_ranked,
        board.blended_cost_usd as price_usd,
        board.open_weights as has_open_weights
    from marts.fct_role_evidence as evidence
    inner join weights on evidence.role_id = weights.role_id
    inner join marts.rpt_scoreboard as board on evidence.canonical_id = board.canonical_id
    group by all;
    comment on macro table main.mixed_scores is
    'The mean of the four scores of each model under weights of one''s own, of any sum: one row per model; is_ranked where it has a place in every role with weight';

    create or replace macro main.pick(
        idea_weight, planning_weight, building_weight, reviewing_weight,
        maximum_price, only_open, minimum_own_share
    ) as table
    with candidates as (
        select * from main.mixed_scores(idea_weight, planning_weight, building_weight, reviewing_weight)
        where
            is_ranked
            and (maximum_price is null or price_usd <= maximum_price)
            and (not coalesce(only_open, false) or has_open_weights)
            and own_share >= coalesce(minimum_own_share, 0)
    ),

    thresholds as (
        select max(value) filter (where threshold_id = 'value_minimum_share') as value_minimum_share
        from marts.dim_thresholds
    ),

    best as (
        select * from candidates
        order by score desc, price_usd asc nulls last, model asc
        limit 1
    ),

    best_value as (
        select candidates.* from candidates
        cross join best
        cross join thresholds
        where candidates.price_usd is not null
            and candidates.score >= thresholds.value_minimum_share * best.score
        order by candidates.price_usd asc, candidates.model asc
        limit 1
    ),

    best_open as (
        select * from candidates
        where has_open_weights
        order by score desc, price_usd asc nulls last, model asc
        limit 1
    ),

    picked as (
        select 1 as pick_order, 'Best' as pick, * from best
        union all
        select 2, 'Best value', * from best_value
        union all
        select 3, 'Best open', * from best_open
    ),

    names as (
        select * from (values (1, 'Best'), (2, 'Best value'), (3, 'Best open')) as all_picks (pick_order, pick)
    )

    select
        names.pick,
        picked.model,
        picked.name,
        picked.score,
        picked.price_usd,
        picked.own_share,
        case
            when picked.model is null and names.pick_order = 2
                then 'none with a known price and the score that it takes'
            when picked.model is null then 'none among the ranked models that fit'
            when names.pick_order = 1
                then 'the highest score of ' || (select count(*) from candidates) || ' ranked models'
            when picked.model = best.model and names.pick_order = 2
                then 'the best itself: no cheaper model has '
                || cast(round(100 * thresholds.value_minimum_share) as integer) || ' % of its score'
            when picked.model = best.model then 'the best itself has open weights'
            when names.pick_order = 2
                then cast(round(100 * picked.score / best.score) as integer) || ' % of the best score'
                || coalesce(' at ' || cast(round(100 * picked.price_usd / nullif(best.price_usd, 0)) as integer) || ' % of its price', '')
            else cast(round(100 * picked.score / best.score) as integer)
                || ' % of the best score, the highest with open weights'
        end || coalesce('; own evidence ' || cast(round(100 * picked.own_share) as integer) || ' %', '') as reason
    from names
    cross join thresholds
    left join best on true
    left join picked on names.pick_order = picked.pick_order
    order by names.pick_order;
    comment on macro table main.pick is
    'What to take: the best, the best value (the cheapest with value_minimum_share of the best score) and the best with open weights among the ranked models within a price and an own evidence, with the reason in words'
    {%- endif -%}
{%- endmacro %}
