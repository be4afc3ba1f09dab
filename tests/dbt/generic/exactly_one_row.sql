{% test exactly_one_row(model) %}
    {#- One row with the number of rows found, if that is not one. -#}
    select count(*) as number_of_rows
    from {{ model }}
    having count(*) != 1
{% endtest %}
