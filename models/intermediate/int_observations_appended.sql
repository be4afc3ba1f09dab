{{ config(materialized='view') }}

{%- set source_ids = [
    "openrouter", "lmarena", "artificial_analysis", "swebench", "swebench_pro", "sweatlas_qna",
    "sweatlas_test_writing", "sweatlas_refactoring", "mcp_atlas", "hil_bench", "swerebench",
    "livecodebench", "gso", "terminal_bench", "terminal_bench_2_1", "bfcl", "sonar", "arc_agi",
    "overrides", "eqbench_creative_writing", "eqbench_judgemark", "livebench", "tau2_bench",
    "bc_bench", "osworld_2", "epoch_eci", "deepswe", "terminal_bench_4_0", "terminal_bench_3_0",
    "swebench_pro_v2",
] -%}

with final as (

    {% for source_id in source_ids %}
        {% if not loop.first %}union all by name{% endif %}
        select * from {{ ref("stg_" ~ source_id ~ "__observations") }}
    {% endfor %}

)

select * from final
