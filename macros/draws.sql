{#
  Chance, drawn from MD5 so that the same draws come out on every machine and version. The text
  that is hashed holds the seed, what is drawn for, and the number of the draw.
#}

{% macro drawn_uniform(hash, part) -%}
    {#-
      A number strictly between 0 and 1 from one of the four parts (0 to 3, the lowest first) of an
      MD5 as md5_number gives it: its 16 bytes, the first of them the lowest.
    -#}
    ((cast(({{ hash }} >> {{ 32 * part }}) & 4294967295 as uinteger) + 0.5e0) / 4294967296e0)
{%- endmacro %}

{% macro drawn_normal(uniform_1, uniform_2, turn='cos') -%}
    {#-
      A standard normal number from two uniform ones (Box and Muller); cos and sin of the same two are
      independent.
    -#}
    (sqrt(-2.0 * ln({{ uniform_1 }})) * {{ turn }}(2.0 * pi() * {{ uniform_2 }}))
{%- endmacro %}

{% macro drawn_normals(keys, draw_count) -%}
    {#-
      The rows of `keys` (noise_kind, canonical_id, metric_id) with `normals`, a standard normal number
      for each draw. The four parts of one digest give four of them.
    -#}
    select
        noise_kind,
        canonical_id,
        metric_id,
        flatten(list(
            [
                {% for first, second in [(0, 1), (2, 3)] -%}
                    {% for turn in ['cos', 'sin'] -%}
                        {{ drawn_normal(
                            drawn_uniform('digest', first), drawn_uniform('digest', second), turn
                        ) }}{{ "," if not (loop.last and first == 2) }}
                    {% endfor %}
                {%- endfor %}
            ]
            order by block
        ))[:{{ draw_count }}] as normals
    from (
        {#- A cross join of so few rows is the work of one thread, two halves of a union that of two. -#}
        {% for half in range(2) %}
            select
                numbered.noise_kind,
                numbered.canonical_id,
                numbered.metric_id,
                blocks.range as block,
                md5_number(concat_ws(
                    '|', {{ var('uncertainty_seed') }}, numbered.noise_kind, numbered.canonical_id,
                    numbered.metric_id, blocks.range
                )) as digest
            from (
                select
                    *,
                    row_number() over (order by noise_kind, canonical_id, metric_id) as noise_number
                from {{ keys }}
            ) as numbered
            cross join range({{ (draw_count + 3) // 4 }}) as blocks
            where numbered.noise_number % 2 = {{ half }}
            {{ "union all" if not loop.last }}
        {% endfor %}
    )
    group by noise_kind, canonical_id, metric_id
{%- endmacro %}

{% macro shared_and_own(error, shared_share, shared_normal, own_normal) -%}
    {#- An error in points of which a share of the variance is common to all of a model's. -#}
    {{ error }} * (
        sqrt({{ shared_share }}) * {{ shared_normal }} + sqrt(1.0 - {{ shared_share }}) * {{ own_normal }}
    )
{%- endmacro %}

{% macro drawn_figures(figures, noise, scenarios) -%}
    {#-
      The rows of `figures` in each of the draws in `scenarios` (scenario, draw), as what position and
      points are made of: `transformed_value` and `evidence_noise`, points that are added after discounts.
      A figure has canonical_id, metric_id, raw_value, transformed_value, log_scale, lower_bound, and of
      int_standard_errors origin_id, sampling_error, evidence_error and shared_share; `noise` is
      int_drawn_noise. A figure without noise is the same in every draw.
    -#}
    select
        * exclude (sampling_normal, evidence_normal, shared_normal, transformed_value),
        case
            when sampling_normal is null then transformed_value
            when not log_scale then raw_value + sampling_error * sampling_normal
            when raw_value + sampling_error * sampling_normal > 0
                then ln(raw_value + sampling_error * sampling_normal)
            -- No logarithm below the lowest bound: what would be cut to it anyway.
            else lower_bound
        end as transformed_value,
        coalesce({{ shared_and_own(
            'evidence_error', 'shared_share', 'coalesce(shared_normal, 0.0)', 'evidence_normal'
        ) }}, 0.0) as evidence_noise
    from (
        select
            figures.*,
            unnest(draw_numbers.scenarios) as scenario,
            unnest(sampling_noise.normals) as sampling_normal,
            unnest(evidence_noise.normals) as evidence_normal,
            unnest(shared_noise.normals) as shared_normal
        from {{ figures }} as figures
        cross join (select list(scenario order by draw) as scenarios from {{ scenarios }}) as draw_numbers
        left join {{ noise }} as sampling_noise
            on
                figures.origin_id = sampling_noise.canonical_id
                and figures.metric_id = sampling_noise.metric_id
                and sampling_noise.noise_kind = 'figure'
        left join {{ noise }} as evidence_noise
            on
                figures.canonical_id = evidence_noise.canonical_id
                and figures.metric_id = evidence_noise.metric_id
                and evidence_noise.noise_kind = 'evidence'
                and figures.evidence_error > 0
        left join {{ noise }} as shared_noise
            on
                figures.canonical_id = shared_noise.canonical_id
                and shared_noise.noise_kind = 'shared'
                and figures.shared_share > 0
    )
{%- endmacro %}

{% macro drawn_points() -%}
    {#- Points of a drawn figure after every discount and error, from its position. -#}
    {{ clipped(discounted(
        points('transform', 'transformed_value', 'position_share', 'higher_better'),
        'discount_share',
    ) ~ ' + evidence_noise') }}
{%- endmacro %}

{% macro drawn_gaps(gaps, key, noise, scenarios) -%}
    {#-
      What values that are not there add to a score in each draw: `points`, by the columns `key` and
      scenario. A gap is a row of `gaps`: the key, canonical_id, metric_id, and `weight` over all groups.
      A CTE or table `missing_error` has error_points and shared_share, one row.
    -#}
    select
        {% for column in key -%}
            {{ column }},
        {% endfor -%}
        scenario,
        {{ exact_sum('weight * ' ~ shared_and_own(
            'error_points', 'shared_share', 'shared_normal', 'own_normal'
        )) }} as points
    from (
        select
            {% for column in key -%}
                gaps.{{ column }},
            {% endfor -%}
            gaps.weight,
            missing_error.error_points,
            missing_error.shared_share,
            unnest(draw_numbers.scenarios) as scenario,
            unnest(own_noise.normals) as own_normal,
            unnest(shared_noise.normals) as shared_normal
        from {{ gaps }} as gaps
        cross join missing_error
        cross join (select list(scenario order by draw) as scenarios from {{ scenarios }}) as draw_numbers
        inner join {{ noise }} as own_noise
            on
                gaps.canonical_id = own_noise.canonical_id
                and gaps.metric_id = own_noise.metric_id
                and own_noise.noise_kind = 'evidence'
        inner join {{ noise }} as shared_noise
            on gaps.canonical_id = shared_noise.canonical_id and shared_noise.noise_kind = 'shared'
    )
    group by {{ key | join(', ') }}, scenario
{%- endmacro %}

{% macro interval_bound(scores, bound, score) -%}
    {#-
      The `p05` or the `p95` of a list of drawn scores. Where the published score lies outside, the
      bound moves to it.
    -#}
    {%- if bound == 'p05' -%}
        least(list_aggregate(
            {{ scores }}, 'quantile_cont', {{ var('uncertainty_tail_share') }}
        ), {{ score }})
    {%- else -%}
        greatest(list_aggregate(
            {{ scores }}, 'quantile_cont', 1.0 - {{ var('uncertainty_tail_share') }}
        ), {{ score }})
    {%- endif -%}
{%- endmacro %}
