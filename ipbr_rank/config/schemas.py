"""Writes the JSON Schemas of the configuration files and of scoreboard.toml into a folder:
`python -m ipbr_rank.config.schemas DIR`."""

import json
import sys
from pathlib import Path

from base.scoreboard import json_schema
from ipbr_rank.config.models import FILES

# The schemas have the names of the files in data/.
NAMES = {
    "coefficients": "coefficients.json",
    "aliases": "required_aliases.json",
    "overrides": "score_overrides.json",
    "synthesis": "synthesis_aliases.json",
}
DIALECT = {"$schema": "https://json-schema.org/draft/2020-12/schema"}


def schemas() -> dict[str, str]:
    """The JSON Schema of each file, by the schema's name."""
    described = {NAMES[kind]: DIALECT | model.model_json_schema() for kind, model in FILES.items()}
    described["scoreboard.json"] = json_schema()
    return {
        name: json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
        for name, schema in described.items()
    }


if __name__ == "__main__":
    for name, text in schemas().items():
        (Path(sys.argv[1]) / name).write_text(text, encoding="utf-8")
