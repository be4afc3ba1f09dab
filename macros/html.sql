{% macro html_unescaped(expression, entities) -%}
    {#- The text with its HTML entities as the characters they stand for; `entities` is a map. -#}
    case
        when contains({{ expression }}, '&')
            then array_to_string(
                list_transform(
                    regexp_extract_all({{ expression }}, '&#?[0-9A-Za-z]+;|[^&]+|&'),
                    lambda part: case
                        when regexp_full_match(part, '&#[0-9]{1,7};')
                            then coalesce(try(chr(cast(part[3:-2] as integer))), ' ')
                        when regexp_full_match(part, '&#[xX][0-9a-fA-F]{1,6};')
                            then coalesce(try(chr(cast('0x' || part[4:-2] as integer))), ' ')
                        else coalesce({{ entities }}[part], part)
                    end
                ),
                ''
            )
        else {{ expression }}
    end
{%- endmacro %}
