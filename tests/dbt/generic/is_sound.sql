{% test is_sound(model, key, nullable_columns=[], conditions=[], may_be_empty=false) %}
    {#-
      One scan per table: keys that stand twice or hold a null where none may be, rows for which a
      condition is false or unknown, and a table without rows, unless it may be empty.
    -#}
    {%- set columns = key | join(", ") -%}

    select
        'the key stands ' || count(*) || ' times' as problem,
        {{ columns }}
    from {{ model }}
    group by {{ columns }}
    having count(*) > 1
    {% for column in key if column not in nullable_columns %}
        union all
        select
            '{{ column }} is null' as problem,
            {{ columns }}
        from {{ model }}
        where {{ column }} is null
    {% endfor %}
    {% for condition in conditions %}
        union all
        select
            'not so: {{ condition | replace("'", "''") }}' as problem,
            {{ columns }}
        from {{ model }}
        where ({{ condition }}) is not true
    {% endfor %}
    {% if not may_be_empty %}
        union all
        select
            'the table is empty' as problem
            {%- for column in key %}, null as {{ column }}{% endfor %}
        where not exists (select 1 from {{ model }})
    {% endif %}
{% endtest %}
