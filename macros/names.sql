{#
  Name normalisation. Pure Jinja over SQL expressions without any dbt context: the command line
  renders the same macros to find aliases claimed twice, so there is one definition only.
#}

{% macro normalise_name(expression) -%}
    {#- Bare lower-case words, digits and inner decimal points, joined by single blanks. -#}
    {#- Letters of every script are kept: what is thrown away no longer tells models apart. -#}
    {#- The control character chr(1) stands for a kept decimal point in between, which some write as
        p; 4.0 is 4, and [1] a footnote. -#}
    {%- set ns = namespace(text="replace(lower(" ~ expression ~ "), chr(1), ' ')") -%}
    {#- Entities of signs and blanks only: one of a letter is never thrown away. -#}
    {%- for pattern, replacement in [
        (
            "&(amp|lt|gt|quot|apos|nbsp|ensp|emsp|thinsp|ndash|mdash|trade|reg|copy"
            ~ "|#34|#39|#45|#160|#174|#8209|#8211|#8212|#8482|#x27|#xa0|#x2011);",
            "' '",
        ),
        ("^\\s*(openai|anthropic|google|moonshotai|z\\.ai):", "'\\1 '"),
        ("\\[[0-9]{1,2}\\]", "' '"),
        ("([0-9])[.p]([0-9])", "'\\1' || chr(1) || '\\2'"),
        ("([0-9])[.p]([0-9])", "'\\1' || chr(1) || '\\2'"),
        ("\\b([0-9]+)\\x010([^0-9A-Za-z_\\x01]|$)", "'\\1\\2'"),
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

{% macro unranked_name(normalised) -%}
    {#- Letters and digits of a normalised name; 2 0 is 2, as 2.0 is. -#}
    replace(replace(
        regexp_replace({{ normalised }}, '\b([0-9]+) 0\b', '\1', 'g'), '.', ''
    ), ' ', '')
{%- endmacro %}

{% macro agent_name(expression) -%}
    {#- An agent in its normalised form, without a version: `Terminus 2` is terminus. -#}
    regexp_replace(
        trim(regexp_replace(lower({{ expression }}), '[^a-z0-9.]+', ' ', 'g')),
        ' v?[0-9]+([.][0-9]+)*$', ''
    )
{%- endmacro %}

{% macro agent_before(name) -%}
    {#- What stands before the model in `Agent + Model`, `Agent w/ Model`, `Agent: Model` and
        `Agent (Model)`, in its normalised form. -#}
    {{ agent_name("regexp_extract(" ~ name ~ ", '^(.+?)(?: [+] | w/ ?| with |: ?| [(])(.+)$', 1)") }}
{%- endmacro %}

{% macro model_behind(name) -%}
    {#- The model of these forms; brackets that hold nothing else come off. -#}
    regexp_replace(
        regexp_extract({{ name }}, '^(.+?)(?: [+] | w/ ?| with |: ?| [(])(.+)$', 2),
        '^([^()]*)[)]$', '\1'
    )
{%- endmacro %}

{% macro agent_in_brackets(name) -%}
    {#- What stands in the first brackets of `Model (Agent)`, in its normalised form. -#}
    {{ agent_name("regexp_extract(" ~ name ~ ", '^[^(]+[(]([^()]+)[)]', 1)") }}
{%- endmacro %}

{% macro model_around(name) -%}
    {#- The name without its first brackets. -#}
    regexp_replace({{ name }}, '^([^(]+)[(][^()]+[)]', '\1 ')
{%- endmacro %}

{% macro region_as_word(name) -%}
    {#- A data centre such as us east 1 or europe west4 becomes the word region. -#}
    regexp_replace(
        {{ name }},
        '\b(us|eu|ap|sa|ca|me|af|il|mx|cn|europe|asia)( gov)? '
        || '(north|south|east|west|central|northeast|northwest|southeast|southwest) ?[0-9]{1,2}\b',
        'region', 'g'
    )
{%- endmacro %}

{% macro name_words(expression, word_count) -%}
    {#- The last words of a normalised name. -#}
    array_to_string(string_split({{ expression }}, ' ')[-({{ word_count }}):], ' ')
{%- endmacro %}

{% macro name_without(expression, word_count) -%}
    {#- A normalised name without its last words. -#}
    array_to_string(string_split({{ expression }}, ' ')[:-({{ word_count }}) - 1], ' ')
{%- endmacro %}

{% macro name_tail(expression, word_count) -%}
    {#- The last words of a normalised name; dates and numbers as the placeholder of the seed. -#}
    {%- set words = name_words(expression, word_count) -%}
    {%- set month, day = "(" ~ month_pattern() ~ ")", "(" ~ day_pattern() ~ ")" -%}
    {%- set month_name = "(jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec|january|february|march"
        ~ "|april|august|september|october|november|december)" -%}
    {%- set thought, thousand = "(thinking|reasoning|think)", "([1-9]|[1-9][0-9]|1[01][0-9]|120)k" -%}
    {%- set forms = {
        1: [
            ("20[0-9]{2}" ~ month ~ day, "<yyyymmdd>"),
            ("2[0-9]" ~ month ~ day, "<yymmdd>"),
            (month ~ day, "<mmdd>"),
            ("([1-9][0-9]{2}k|[1-9]m)", "<context>"),
        ],
        2: [
            (month ~ " " ~ day, "<mm dd>"),
            (month ~ " 20[0-9]{2}", "<mm yyyy>"),
            (month_name ~ " 20[0-9]{2}", "<month yyyy>"),
            ("preview " ~ month ~ day, "<preview mmdd>"),
            (thought ~ " (1024|2048|4096|8192|[1-9][0-9]{4,5})", "<thinking tokens>"),
            ("(" ~ thought ~ " " ~ thousand ~ "|" ~ thousand ~ " " ~ thought ~ ")", "<thinking budget>"),
            ("q[2-8] [01k]", "<quantised weights>"),
            ("[1-9][0-9]? off", "<discount>"),
        ],
        3: [
            ("20[0-9]{2} " ~ month ~ " " ~ day, "<yyyy mm dd>"),
            ("preview " ~ month ~ " (20[0-9]{2}|" ~ day ~ ")", "<preview mm dd>"),
            ("q[2-8] k [sml]", "<quantised k weights>"),
        ],
    } -%}
    case
        {%- for form, placeholder in forms[word_count] %}
        when regexp_full_match({{ words }}, '{{ form }}') then '{{ placeholder }}'
        {%- endfor %}
        else {{ words }}
    end
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
