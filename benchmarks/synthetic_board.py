"""Makes boards of any size out of the recorded one: the same, again and again, under new names.

Copy `k` of a model is called as the model with `k<number>` after the first word of its name, in
the alias file and wherever a source lists it, so that each rule of name resolution works on copies
as on the model. Per seed and record it is settled how the name is spelled (case, blanks,
underscores), whether the record is missing, stands twice, or has a hostile name nobody knows.
"""

import json
import re
from typing import Any

import duckdb

SHARE_OF_GAPS = 10  # one record in ten is missing
SHARE_OF_DUPLICATES = 50
SHARE_OF_HOSTILE_NAMES = 100
# LiveCodeBench has a record per problem and model; some of them carry a copy's average as well.
PROBLEMS_KEPT = 20
BATCH = 50

# What a copied record has instead of the names in the recorded one, by source.
RENAMED = {
    "arc_agi": "{'id': copied(r ->> '$.id', k), 'modelId': copied(r ->> '$.modelId', k), "
    "'displayName': spelled(r ->> '$.displayName', k, h)}",
    "artificial_analysis": "{'id': r ->> '$.id' || '-' || k, "
    "'slug': spelled(r ->> '$.slug', k, h), 'name': spelled(r ->> '$.name', k, h)}",
    "bfcl": "{'Model': spelled(r ->> '$.Model', k, h)}",
    "gso": "{'name': spelled(r ->> '$.name', k, h)}",
    "livecodebench": "{'model': copied(r ->> '$.model', k), "
    "'model_repr': copied(r ->> '$.model_repr', k)}",
    "lmarena": "{'model_name': spelled(r ->> '$.model_name', k, h)}",
    "openrouter": "{'id': copied(r ->> '$.id', k), 'name': spelled(r ->> '$.name', k, h), "
    "'canonical_slug': copied(r ->> '$.canonical_slug', k)}",
    "sonar": "{'name': spelled(r ->> '$.name', k, h)}",
    "swebench": "{'name': copied(r ->> '$.name', k), 'tags': list_transform("
    "from_json(r -> '$.tags', '[\"varchar\"]'), lambda tag: case when starts_with(tag, 'Model: ') "
    "then 'Model: ' || copied(substr(tag, 8), k) else tag end)}",
    "swerebench": "{'modelName': spelled(r ->> '$.modelName', k, h), "
    "'modelId': copied(r ->> '$.modelId', k)}",
    "terminal_bench": "{'model': list_transform(from_json(r -> '$.model', '[\"varchar\"]'), "
    "lambda name: copied(name, k)), 'modelNames': list_transform("
    "from_json(r -> '$.modelNames', '[\"varchar\"]'), lambda name: copied(name, k))}",
}
RENAMED["terminal_bench_2_1"] = RENAMED["terminal_bench"]
SCALE_LABS = "{'model': spelled(r ->> '$.model', k, h)}"

FUNCTIONS = r"""
create temp macro copied(name, k) as
    regexp_replace(name, '^((?:.*(?:[/:]|\+ ))?[A-Za-z]+)', '\1-k' || k || '-');
create temp macro respelled(name, h) as case h % 5
    when 0 then name
    when 1 then upper(name)
    when 2 then lower(name)
    when 3 then replace(name, ' ', '_')
    else replace(name, '-', ' ')
end;
create temp macro hostile(k, h) as
    (['<script>alert(1)</script>', '''; drop table "x"; --', '=HYPERLINK("x")', '../../etc',
    '🧪𠀀', chr(8238) || 'model' || chr(8236), repeat('very ', 200) || 'long'])[h % 7 + 1]
    || ' ' || k;
create temp macro spelled(name, k, h) as case
    when name is null then null
    when (h // 7) % hostile_share() = 0 then hostile(k, h)
    else respelled(copied(name, k), h)
end;
"""


def copied(name: str, k: int) -> str:
    """The name of copy `k`, as the SQL function of that name spells it."""
    return re.sub(r"^((?:.*(?:[/:]|\+ ))?[A-Za-z]+)", rf"\g<1>-k{k}-", name, count=1)


def multiply_records(connection: duckdb.DuckDBPyConnection, factor: int, seed: int) -> int:
    """Puts `factor` - 1 copies beside the landed records; returns how many there are then."""
    connection.execute(f"create temp macro hostile_share() as {SHARE_OF_HOSTILE_NAMES}")
    for statement in FUNCTIONS.split(";\ncreate"):
        connection.execute(statement if "create" in statement[:10] else f"create{statement}")
    connection.execute(
        f"""
        delete from raw.raw_records
        where source_id = 'livecodebench' and part = 'performances' and position in (
            select position from raw.raw_records
            where source_id = 'livecodebench' and part = 'performances'
            qualify row_number() over (partition by record ->> '$.model' order by position)
                > {PROBLEMS_KEPT}
        )
        """  # noqa: S608 names of our own, paths quoted
    )
    connection.execute("create temp table original as from raw.raw_records")
    sources = connection.execute("select distinct source_id from original order by all").fetchall()
    for first in range(1, factor, BATCH):
        for (source_id,) in sources:
            renamed = RENAMED.get(source_id, SCALE_LABS)
            connection.execute(
                f"""
                insert into raw.raw_records
                with copies as (
                    select *, record as r,
                        cast(hash(source_id, part, position, k, $seed) >> 4 as bigint) as h
                    from original, range($first, $last) as copy (k)
                    where source_id = $source_id
                )
                select source_id, part, k * 1000000 + position * 2 + twice as position,
                    json_merge_patch(r, to_json({renamed}))
                from copies, range(2) as repetition (twice)
                where h % {SHARE_OF_GAPS} != 0
                    and (twice = 0 or h % {SHARE_OF_DUPLICATES} = 1)
                """,  # noqa: S608 names of our own, paths quoted
                {
                    "seed": seed,
                    "first": first,
                    "last": min(first + BATCH, factor),
                    "source_id": source_id,
                },
            )
    connection.execute("drop table original")
    ((n_records,),) = connection.execute("select count(*) from raw.raw_records").fetchall()
    return int(n_records)


def multiply_configuration(files: dict[str, Any], factor: int) -> dict[str, Any]:
    """The four files' contents with every model, override and pair once per copy."""
    models, entries, pairs = {}, [], []
    for k in range(factor):

        def name(text: str, k: int = k) -> str:
            return copied(text, k) if k else text

        for canonical_id, model in files["aliases"]["models"].items():
            models[name(canonical_id)] = model | {
                "display_name": name(model.get("display_name", canonical_id)),
                "aliases": [name(alias) for alias in model.get("aliases", [])],
                "source_aliases": {
                    source_id: [name(alias) for alias in aliases]
                    for source_id, aliases in model.get("source_aliases", {}).items()
                },
            }
        entries += [
            entry | {"canonical_id": name(entry["canonical_id"])}
            for entry in files["overrides"]["entries"]
        ]
        pairs += [
            pair | {"target": name(pair["target"]), "from": name(pair["from"])}
            for pair in files["synthesis"]["pair"]
        ]
    return {
        "coefficients": files["coefficients"],
        "aliases": files["aliases"] | {"models": models},
        "overrides": files["overrides"] | {"entries": entries},
        "synthesis": files["synthesis"] | {"pair": pairs},
    }


def configuration_rows(configuration: dict[str, Any]) -> list[dict[str, str]]:
    """As the table stg_config__files has them."""
    return [
        {
            "file_id": name,
            "path": f"{name}.toml",
            "sha256": "0" * 64,
            "content": json.dumps(content),
        }
        for name, content in configuration.items()
    ]
