{#
  The formulas of the methodology, one expression each. docs/methodology.md explains them.
#}

{% macro shared_rank(score, within=none) -%}
    {#- The place of a score, 1 being the best; scores that agree to six decimals share one. -#}
    rank() over ({% if within %}partition by {{ within }} {% endif %}order by round({{ score }}, 6) desc)
{%- endmacro %}

{% macro figure_rank(metric_id, raw_value, value, higher_better) -%}
    {#-
      The place of a figure among those of its metric: by the result itself, since many share 0 or
      100 points and a claimed one is discounted. A composite has points alone.
    -#}
    rank() over (
        partition by {{ metric_id }}
        order by
            coalesce({{ raw_value }}, round({{ value }}, 6))
            * case when {{ higher_better }} then 1 else -1 end desc
    )
{%- endmacro %}

{% macro balanced_score(score, role_id) -%}
    {#- The unweighted mean of the roles. -#}
    sum({{ score }} order by {{ role_id }}) / count(*)
{%- endmacro %}

{% macro coverage_share(weight, coverage, role_id, group_id) -%}
    {#- The share of all role weight that stands on a present figure. -#}
    sum({{ weight }} * {{ coverage }} order by {{ role_id }}, {{ group_id }})
    / sum({{ weight }} order by {{ role_id }}, {{ group_id }})
{%- endmacro %}

{% macro clipped(expression, upper=100.0) -%}
    {#- Cut to 0 and 100, or another upper end. -#}
    least(greatest({{ expression }}, 0.0), {{ upper }})
{%- endmacro %}

{% macro bound(side, transform, value, baseline_count) -%}
    {#- The `lower` or the `upper` of the two figures that a metric is scored between, over a group. -#}
    {%- set shares = {'lower': (0.02, 0.05, 'min'), 'upper': (0.98, 0.95, 'max')}[side] -%}
    case
        when {{ transform }} = 'tail_penalty' and {{ baseline_count }} >= 20
            then quantile_cont({{ value }}, {{ shares[0] }})
        when {{ transform }} = 'tail_penalty' then {{ shares[2] }}({{ value }})
        when {{ transform }} = 'percentile' then quantile_cont({{ value }}, {{ shares[1] }})
    end
{%- endmacro %}

{% macro metric_bounds(figures, scenario=none) -%}
    {#-
      The bounds of every metric in `figures` (metric_id, transform, evidence_class, transformed_value;
      a metric without a figure is a row without evidence), for each value of the column `scenario`.
      Direct figures alone set them where there are two.
    -#}
    {%- set key = (scenario ~ ', ' if scenario else '') ~ 'metric_id' -%}
    select
        {{ key }},
        any_value(baseline_basis) as baseline_basis,
        count(evidence_class) as baseline_count,
        {% for side in ('lower', 'upper') -%}
        {{ bound(side, 'transform', 'transformed_value', 'baseline_count') }} as {{ side }}_bound
        {{- "," if not loop.last }}
        {% endfor -%}
    from (
        select
            *,
            case
                when
                    count(*) filter (where evidence_class = 'direct') over (partition by {{ key }}) >= 2
                    then 'direct'
                else 'all present'
            end as baseline_basis
        from {{ figures }}
    )
    where baseline_basis = 'all present' or evidence_class = 'direct'
    group by {{ key }}, transform
{%- endmacro %}

{% macro position_between(value, lower_bound, upper_bound, higher_better) -%}
    {#- Where a value lies between two bounds, 0 to 1, 1 being good; null without a spread. -#}
    {%- set share = clipped("(%s - %s) / (%s - %s)" | format(value, lower_bound, upper_bound, lower_bound), 1.0) -%}
    case
        when {{ upper_bound }} - {{ lower_bound }} > 1e-12
            then case when {{ higher_better }} then {{ share }} else 1.0 - {{ share }} end
    end
{%- endmacro %}

{% macro unclipped_position(value, lower_bound, upper_bound, higher_better) -%}
    {#- As position_between, and beyond 0 and 1 where the value lies beyond the bounds. -#}
    case
        when {{ upper_bound }} - {{ lower_bound }} > 1e-12
            then
                case
                    when {{ higher_better }} then {{ value }} - {{ lower_bound }}
                    else {{ upper_bound }} - {{ value }}
                end / ({{ upper_bound }} - {{ lower_bound }})
    end
{%- endmacro %}

{% macro tail_penalty(position_share) -%}
    {#- The best four fifths share 70 to 100, the worst fifth falls from 70 to 0. -#}
    case
        when {{ position_share }} >= 0.20 then 70.0 + ({{ position_share }} - 0.20) / 0.80 * 30.0
        else {{ position_share }} / 0.20 * 70.0
    end
{%- endmacro %}

{% macro as_score(value, higher_better) -%}
    {#- A value that is a score already: fractions times 100, cut to 0 and 100. -#}
    {%- set score = clipped("case when %s between 0 and 1 then %s * 100.0 else %s end" | format(value, value, value)) -%}
    case when {{ higher_better }} then {{ score }} else 100.0 - {{ score }} end
{%- endmacro %}

{% macro points(transform, value, position_share, higher_better) -%}
    {#- A value as points, 0 to 100, 100 being good. -#}
    case
        when {{ transform }} = 'as_score' then {{ as_score(value, higher_better) }}
        -- A population without spread tells nothing: the middle.
        when {{ position_share }} is null then 50.0
        when {{ transform }} = 'percentile' then 100.0 * {{ position_share }}
        when {{ transform }} = 'tail_penalty' then {{ tail_penalty(position_share) }}
    end
{%- endmacro %}

{% macro discounted(points, discount_share) -%}
    {#- Points of which a share is replaced by 50. -#}
    {{ points }} * (1.0 - {{ discount_share }}) + 50.0 * {{ discount_share }}
{%- endmacro %}

{% macro discount_share(evidence_class, synthesis_category, synthesis_penalty, reported_penalty) -%}
    {#- The share of a normalised value that is replaced by 50, by its evidence. -#}
    case
        when {{ evidence_class }} = 'synthesised' and {{ synthesis_category }} = 'conservative'
            then {{ synthesis_penalty }}
        when {{ evidence_class }} = 'reported' then {{ reported_penalty }}
        else 0.0
    end
{%- endmacro %}

{% macro trust(coverage, threshold, width) -%}
    {#- 0 below the threshold, 1 above it, with a smooth step of the given width between. -#}
    {%- set step = clipped("(%s - (%s - %s / 2)) / %s" | format(coverage, threshold, width, width), 1.0) -%}
    case
        when {{ width }} <= 0 then case when {{ coverage }} >= {{ threshold }} then 1.0 else 0.0 end
        else pow({{ step }}, 2) * (3 - 2 * {{ step }})
    end
{%- endmacro %}

{% macro retained_share(coverage, trust) -%}
    {#- The share of an average that is its present inputs; the rest is the shrinkage to 50. -#}
    ({{ coverage }} + (1.0 - {{ coverage }}) * {{ trust }})
{%- endmacro %}

{% macro shrunk_averages(sums, settings) -%}
    {#-
      Averages of what is present, shrunk to the middle for what is missing: the rows of `sums`
      (present_weight, weighted_value, total_weight), with coverage, trust, retained_share and value.
      `settings` has one row. With nothing present the value is the middle, however low the threshold.
    -#}
    select
        sums.*,
        -- Of no weight at all nothing is present.
        case when sums.present_weight > 0 then sums.present_weight / sums.total_weight else 0.0 end
            as coverage,
        case
            when sums.present_weight > 0
                then {{ trust('coverage', 'settings.trust_threshold', 'settings.trust_transition_width') }}
            else 0.0
        end as trust,
        {{ retained_share('coverage', 'trust') }} as retained_share,
        case
            when sums.present_weight > 0
                then
                    retained_share * (sums.weighted_value / sums.present_weight)
                    + 50.0 * (1.0 - retained_share)
            else 50.0
        end as value
    from {{ sums }} as sums
    cross join {{ settings }} as settings
{%- endmacro %}

{% macro weighted_sums(inputs, kind, scenarios, totals) -%}
    {#-
      What is present of every average of a scenario, for shrunk_averages: of the rows of one
      weight_kind in `inputs` (scenario, model_number, parent_number, weight, value), `scenarios` (scenario, weights_scenario) and
      `totals` (weights_scenario, parent_number, total_weight).
    -#}
    select
        sums.*,
        totals.weights_scenario,
        totals.total_weight
    from (
        select
            scenario,
            model_number,
            parent_number,
            {{ exact_sum('weight') }} as present_weight,
            {{ exact_sum('weight * value') }} as weighted_value
        from {{ inputs }}
        where weight_kind = '{{ kind }}'
        group by scenario, model_number, parent_number
        having present_weight > 0
    ) as sums
    inner join {{ scenarios }} as scenarios on sums.scenario = scenarios.scenario
    inner join {{ totals }} as totals
        on
            scenarios.weights_scenario = totals.weights_scenario
            and sums.parent_number = totals.parent_number
{%- endmacro %}

{% macro average_contributions(weighted, settings, key) -%}
    {#-
      What an average is made of: a row for each present input of `weighted` (the columns `key`,
      child_id, weight, value, null where it is missing, and whatever else it has), and one for what
      the missing ones leave at 50. `settings` has one row.
    -#}
    with sums as (

        select
            {{ key | join(', ') }},
            coalesce(sum(weight order by child_id) filter (where value is not null), 0.0) as present_weight,
            sum(weight * value order by child_id) as weighted_value,
            sum(weight order by child_id) as total_weight
        from {{ weighted }}
        group by {{ key | join(', ') }}

    ),

    averages as (

        {{ shrunk_averages('sums', settings) }}

    )

    select
        weighted.*,
        averages.retained_share * weighted.weight * weighted.value / averages.present_weight
            as contribution,
        averages.coverage,
        averages.trust,
        false as is_pull
    from {{ weighted }} as weighted
    inner join averages using ({{ key | join(', ') }})
    where weighted.value is not null
    union all by name
    select
        {{ key | join(', ') }},
        50.0 as value,
        50.0 * (1.0 - retained_share) as contribution,
        coverage,
        trust,
        true as is_pull
    from averages
{%- endmacro %}

{% macro scenario_role_sums() -%}
    {#-
      The CTEs that end in `role_sums` (scenario, model_number, parent_number, excess): scores of roles
      above the middle, from the CTEs scenarios, figures, weights, weighted_ids and settings, which have
      the columns of int_scenarios, int_scenario_figures, int_scenario_weights, int_weighted_ids and
      stg_config__settings. What is scored are the figures of one model_number.
    -#}
numbered_weights as (

    select
        weights.scenario as weights_scenario,
        weights.weight_kind,
        parents.id_number as parent_number,
        children.id_number as child_number,
        weights.weight
    from weights
    inner join weighted_ids as parents on weights.parent_id = parents.id
    inner join weighted_ids as children on weights.child_id = children.id

),

scenario_totals as (

    select
        weights_scenario,
        parent_number,
        {{ exact_sum('weight') }} as total_weight
    from numbered_weights
    group by weights_scenario, parent_number

),

-- Every weight of a figure in every scenario.
weighted_figures as (

    select
        scenarios.scenario,
        figures.model_number,
        numbered_weights.weight_kind,
        numbered_weights.parent_number,
        numbered_weights.weight,
        figures.value
    from scenarios
    inner join figures on scenarios.figures_scenario = figures.scenario
    inner join numbered_weights
        on
            scenarios.weights_scenario = numbered_weights.weights_scenario
            and figures.metric_number = numbered_weights.child_number

),

composite_sums as (

    {{ weighted_sums('weighted_figures', 'composite', 'scenarios', 'scenario_totals') }}

),

composites as (

    {{ shrunk_averages('composite_sums', 'settings') }}

),

group_inputs as (

    select * from weighted_figures
    union all
    select
        composites.scenario,
        composites.model_number,
        numbered_weights.weight_kind,
        numbered_weights.parent_number,
        numbered_weights.weight,
        composites.value
    from composites
    inner join numbered_weights
        on
            composites.weights_scenario = numbered_weights.weights_scenario
            and composites.parent_number = numbered_weights.child_number

),

group_sums as (

    {{ weighted_sums('group_inputs', 'group', 'scenarios', 'scenario_totals') }}

),

group_values as (

    {{ shrunk_averages('group_sums', 'settings') }}

),

-- Above the middle, where a group without any figure is; a model without any in a role has no row.
role_sums as (

    select
        group_values.scenario,
        group_values.model_number,
        numbered_weights.parent_number,
        {{ exact_sum('numbered_weights.weight * (group_values.value - 50.0)') }} as excess
    from group_values
    inner join numbered_weights
        on
            group_values.weights_scenario = numbered_weights.weights_scenario
            and group_values.parent_number = numbered_weights.child_number
    group by group_values.scenario, group_values.model_number, numbered_weights.parent_number

)
{%- endmacro %}

{% macro score_of_sums(total_weight, excess, gap_points) -%}
    {#- A role score from the sums of scenario_role_sums; what no draw adds to has no gaps. -#}
    {{ clipped('50.0 * ' ~ total_weight ~ ' + ' ~ excess ~ ' + coalesce(' ~ gap_points ~ ', 0.0)') }}
{%- endmacro %}

{% macro metric_shares() -%}
    {#-
      The CTEs that end in `shares` (metric_id, role_id, weight_share) and `totals` (metric_id,
      total_share): how much of the weight of a role, and of all roles, ends at a metric or composite.
      Reads the CTEs roles (as dim_roles) and weights (as int_weights).
    -#}
in_groups as (

    select
        roles.role_id,
        of_roles.weight as group_weight,
        of_groups.parent_id as group_id,
        of_groups.weight as metric_weight,
        of_groups.child_id as metric_id,
        of_roles.weight * of_groups.weight as weight_share
    from weights as of_roles
    inner join roles on of_roles.parent_id = roles.score_key
    inner join weights as of_groups on of_roles.child_id = of_groups.parent_id
    where of_roles.weight_kind = 'role' and of_groups.weight_kind = 'group'

),

-- A metric counts by itself, in composites, or both; a composite shows what its inputs share.
ways as (

    select
        *,
        metric_id as in_group_id
    from in_groups
    union all by name
    select
        in_groups.* exclude (metric_id, weight_share),
        in_groups.metric_id as in_group_id,
        inputs.child_id as metric_id,
        in_groups.weight_share * inputs.weight as weight_share
    from in_groups
    inner join weights as inputs on in_groups.metric_id = inputs.parent_id
    where inputs.weight_kind = 'composite'

),

shares as (

    select
        metric_id,
        role_id,
        sum(
            weight_share
            order by group_weight desc, group_id asc, metric_weight desc, in_group_id asc
        ) as weight_share
    from ways
    group by metric_id, role_id

),

role_count as (

    select count(*) as n_roles from roles

),

totals as (

    select
        shares.metric_id,
        sum(shares.weight_share order by roles.role_order) / any_value(role_count.n_roles)
            as total_share
    from shares
    inner join roles on shares.role_id = roles.role_id
    cross join role_count
    group by shares.metric_id

)
{%- endmacro %}
