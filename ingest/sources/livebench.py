"""LiveBench: tables of scores and costs by task, and the tasks of each category.

The three files of a release, cached as `{"table": csv, "cost": csv, "categories": {name: [task]}}`.
"""

import json
from pathlib import Path

from base.errors import SourceError
from ingest.contract import Fields, Record, decode_json, decode_text, describe, member
from ingest.fetch.client import Client
from ingest.pages.csv_table import read_table
from ingest.registry import RemoteSource
from ingest.sources import Parts

SOURCE_ID = "livebench"
FIELDS = {
    "table": Fields(("model",), ("scores",)),
    "cost": Fields(("model",), ("cost_per_question",)),
    "categories": Fields(("category",)),
}


def fetch(client: Client, source: RemoteSource, _pages: Path) -> bytes:
    """The table of the endpoint's release, and the two files of the same release beside it."""
    url = source.endpoint
    table = decode_text(SOURCE_ID, client.get(url), "a CSV table")
    categories = decode_json(
        SOURCE_ID,
        client.get(url.replace("/table_", "/categories_").removesuffix(".csv") + ".json"),
    )
    cost = decode_text(SOURCE_ID, client.get(url.replace("/table_", "/cost_")), "a CSV table")
    parts = {"table": table, "cost": cost, "categories": categories}
    text = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


def parse(body: bytes) -> Parts:
    """Parts `table` (model, `scores` by task), `cost` (a model's cells) and `categories`."""
    response = decode_json(SOURCE_ID, body)
    categories = member(SOURCE_ID, response, "categories", dict, "the response")
    for name, tasks in categories.items():
        if not isinstance(tasks, list) or not tasks or not all(type(task) is str for task in tasks):
            raise SourceError(SOURCE_ID, f"tasks in category {name[:40]!r}", describe(tasks))
    if not categories:
        raise SourceError(SOURCE_ID, 'categories in "categories"', "none")
    tasks = sorted({task for names in categories.values() for task in names})
    table = read_table(SOURCE_ID, _text(response, "table"), ("model", *tasks), "the table")
    cost = read_table(
        SOURCE_ID, _text(response, "cost"), ("model", "cost_per_question"), "the costs"
    )
    return {
        "table": [
            {
                "model": row["model"],
                "scores": {name: cell for name, cell in row.items() if name != "model"},
            }
            for row in table
        ],
        "cost": cost,
        "categories": [{"category": name, "tasks": names} for name, names in categories.items()],
    }


def _text(response: Record, name: str) -> str:
    text = response.get(name)
    if not isinstance(text, str):
        raise SourceError(SOURCE_ID, f'a string "{name}" in the response', describe(text))
    return text
