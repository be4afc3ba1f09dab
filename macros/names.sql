{#
  Name normalisation. Pure Jinja over SQL expressions without any dbt context: the command line
  renders the same macros to find aliases claimed twice, so there is one definition only.
#}

{% macro normalise_name(expression) -%}
    {#- Bare lower-case words, digits and inner decimal points, joined by single blanks. -#}
    {#- Letters of every script are kept: what is thrown away no longer tells models apart. -#}
    {#- The control character chr(1) stands for a kept decimal point in between. -#}
    {%- set ns = namespace(text="replace(lower(" ~ expression ~ "), chr(1), ' ')") -%}
    {#- Entities of signs and blanks only: one of a letter is never thrown away. -#}
    {%- for pattern, replacement in [
        (
            "&(amp|lt|gt|quot|apos|nbsp|ensp|emsp|thinsp|ndash|mdash|trade|reg|copy"
            ~ "|#34|#39|#45|#160|#174|#8209|#8211|#8212|#8482|#x27|#xa0|#x2011);",
            "' '",
        ),
        ("^\\s*(openai|anthropic|google|moonshotai|z\\.ai):", "'\\1 '"),
        ("([0-9])\\.([0-9])", "'\\1' || chr(1) || '\\2'"),
        ("([0-9])\\.([0-9])", "'\\1' || chr(1) || '\\2'"),
        ("\\+", "' plus '"),
        ("[^\\p{L}\\p{Nd}\\x01]+", "' '"),
        ("\\bmoonshot ai\\b", "'moonshot'"),
        ("\\bz ai\\b", "'zai'"),
    ] -%}
        {%- set ns.text = "regexp_replace(" ~ ns.text ~ ", '" ~ pattern ~ "', " ~ replacement ~ ", 'g')" -%}
    {%- endfor -%}
    trim(replace({{ ns.text }}, chr(1), '.'))
{%- endmacro %}

{% macro compact_name(expression) -%}
    {#- Letters and digits of the normalised name only. -#}
    replace(replace({{ normalise_name(expression) }}, '.', ''), ' ', '')
{%- endmacro %}

{% macro name_words(expression, word_count) -%}
    {#- The last words of a normalised name. -#}
    array_to_string(string_split({{ expression }}, ' ')[-{{ word_count }}:], ' ')
{%- endmacro %}

{% macro name_tail(expression, word_count) -%}
    {#- The last words of a normalised name; dates and budgets as the placeholder of the seed. -#}
    {%- set words = name_words(expression, word_count) -%}
    {%- if word_count == 2 -%}
    case
        when regexp_full_match({{ words }}, 'thinking (1024|2048|4096|8192|[1-9][0-9]{4,5})')
            then '<thinking tokens>'
        else {{ words }}
    end
    {%- elif word_count == 3 -%}
    case
        when regexp_full_match({{ words }}, '20[0-9]{2} (0[1-9]|1[0-2]) (0[1-9]|[12][0-9]|3[01])')
            then '<yyyy mm dd>'
        else {{ words }}
    end
    {%- else -%}
    case
        when regexp_full_match({{ words }}, '20[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])')
            then '<yyyymmdd>'
        when regexp_full_match({{ words }}, '2[0-9](0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])')
            then '<yymmdd>'
        when regexp_full_match({{ words }}, '(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])')
            then '<mmdd>'
        when regexp_full_match({{ words }}, '[1-9][0-9]{0,2}k') then '<budget>'
        else {{ words }}
    end
    {%- endif -%}
{%- endmacro %}

{% macro is_family_member(name, families) -%}
    {#- True where a suffix counts for every name, or one of its families begins the name. -#}
    (
        {{ families }} is null
        or len(list_filter(
            string_split({{ families }}, '|'), lambda family: starts_with({{ name }} || ' ', family || ' ')
        )) > 0
    )
{%- endmacro %}
