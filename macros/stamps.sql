{#-
  A date identifies the build of a model: of a name, of a source's own id, or stated beside it. How a month
  and a day are written also stands in ipbr_rank/config/models.py, as stamps are checked before any SQL runs.
-#}

{% macro month_pattern() -%} 0[1-9]|1[0-2] {%- endmacro %}

{% macro day_pattern() -%} 0[1-9]|[12][0-9]|3[01] {%- endmacro %}

{% macro stamp_date(stamp, release_date) -%}
    {#- The day that a stamp writes, of digits only; `<mmdd>` takes the year nearest to the release. -#}
    {%- set this_year -%}
        try_cast(
            year({{ release_date }}) || '-' || {{ stamp }}[1:2] || '-' || {{ stamp }}[3:4] as date
        )
    {%- endset -%}
    case length({{ stamp }})
        when 8 then cast(try_strptime({{ stamp }}, '%Y%m%d') as date)
        when 6 then cast(try_strptime('20' || {{ stamp }}, '%Y%m%d') as date)
        when 4
            then cast(
                {{ this_year }} - to_years(
                    cast(round(({{ this_year }} - {{ release_date }}) / 366.0) as integer)
                ) as date
            )
    end
{%- endmacro %}

{% macro stamp_of(words) -%}
    {#- The digits of a date in a name, in order; a month without a day is written 2025-11. -#}
    case
        when regexp_matches({{ words }}, '[a-z]* ?20[0-9]{2}$')
            and not regexp_matches({{ words }}, '^20[0-9]{2}')
            then right({{ words }}, 4) || '-' || coalesce(
                nullif(regexp_extract({{ words }}, '([0-9]{2}) 20[0-9]{2}$', 1), ''),
                lpad(cast(
                    list_position(
                        [
                            'jan', 'feb', 'mar', 'apr', 'may', 'jun',
                            'jul', 'aug', 'sep', 'oct', 'nov', 'dec'
                        ],
                        {{ words }}[1:3]
                    ) as varchar
                ), 2, '0')
            )
        else regexp_replace({{ words }}, '[^0-9]', '', 'g')
    end
{%- endmacro %}

{% macro is_stamp_listed(stamp, stamps) -%}
    {#- True where the model lists the stamp; a whole date and its month and day are one stamp. -#}
    coalesce(
        len(list_filter(
            {{ stamps }},
            lambda listed: right(listed, least(length(listed), length({{ stamp }})))
            = right({{ stamp }}, least(length(listed), length({{ stamp }})))
        )) > 0,
        false
    )
{%- endmacro %}

{% macro is_near_release(stated_date, release_date, days) -%}
    {#- Whether a date is near enough to a release to be that of the same build. -#}
    abs({{ stated_date }} - {{ release_date }}) <= {{ days }}
{%- endmacro %}

{% macro is_stamp_near_release(stamp, stamp_date, release_date, days) -%}
    {#- The same of a stamp; of a month without a day only the release's own is near enough. -#}
    case
        when {{ stamp }} like '____-__' then {{ stamp }} = strftime({{ release_date }}, '%Y-%m')
        else {{ is_near_release(stamp_date, release_date, days) }}
    end
{%- endmacro %}

{% macro stamp_refusal(stamp, stamp_date, models, days) -%}
    {#- Why the stamp is not the model's own; null where it is. -#}
    case
        when
            {{ is_stamp_listed(stamp, models ~ '.stamps') }}
            or {{ is_stamp_near_release(stamp, stamp_date, models ~ '.release_date', days) }}
            then null
        when {{ models }}.release_date is null
            then 'stamp ' || {{ stamp }} || ' cannot be compared, because '
            || {{ models }}.canonical_id || ' has no release_date'
        when {{ stamp }} like '____-__'
            then 'stamp ' || {{ stamp }} || ' is not the month of the release '
            || {{ models }}.release_date || ' of ' || {{ models }}.canonical_id
        else {{ date_refusal("'stamp ' || " ~ stamp ~ " || ' is '", stamp_date, models, days) }}
    end
{%- endmacro %}

{% macro date_refusal(beginning, stated_date, models, days) -%}
    {#- Why a date makes another build of the model's name; null where it is near the release. -#}
    case
        when {{ stated_date }} is null
            then {{ beginning }} || 'not a date in the calendar'
        when not {{ is_near_release(stated_date, models ~ '.release_date', days) }}
            then {{ beginning }} || abs({{ stated_date }} - {{ models }}.release_date)
            || ' days from the release ' || {{ models }}.release_date || ' of '
            || {{ models }}.canonical_id
    end
{%- endmacro %}

{% macro stamp_in(model_id) -%}
    {#- The date within a source's own id of a model, in digits; null if there is none. -#}
    {%- set month_day = "(?:" ~ month_pattern() ~ ")-?(?:" ~ day_pattern() ~ ")" -%}
    nullif(
        replace(
            coalesce(
                nullif(regexp_extract(
                    {{ model_id }}, '(?:^|[^0-9])(20[0-9]{2}-?{{ month_day }})(?:[^0-9]|$)', 1
                ), ''),
                regexp_extract({{ model_id }}, '(?:^|[^0-9])({{ month_day }})(?:[^0-9]|$)', 1)
            ),
            '-', ''
        ),
        ''
    )
{%- endmacro %}
