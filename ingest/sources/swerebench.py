"""SWE-rebench: a Next.js page whose stream holds `"items":[…]`, one item per model and agent."""

from ingest.errors import SourceError
from ingest.next_flight import read_records
from ingest.sources import Parts

SOURCE_ID = "swerebench"
FIELDS = ("modelId", "modelName", "agentVersion", "release", "taskRangeTimestamp")


def parse(body: bytes) -> Parts:
    """Part `items`: each item with `stats`, the figures of its own stretch of task dates.

    An item has figures for some 600 windows. Only the window it was run on is its own result; the
    field is absent if the item has none.
    """
    required = ("modelName", "taskRangeTimestamp", "rangeStats")
    items = []
    for item in read_records(SOURCE_ID, body, "items", required):
        kept = {name: item[name] for name in FIELDS if name in item}
        stats = _own_stats(item)
        items.append(kept if stats is None else {**kept, "stats": stats})
    if not any("stats" in item for item in items):
        raise SourceError(
            SOURCE_ID,
            'figures in "rangeStats" under the "from:to" of the item\'s "taskRangeTimestamp"',
            f"none in {len(items)} items",
        )
    return {"items": items}


def _own_stats(item: dict) -> dict | None:
    window, stats = item.get("taskRangeTimestamp"), item.get("rangeStats")
    if not isinstance(window, dict) or not isinstance(stats, dict):
        return None
    own = stats.get(f"{window.get('from')}:{window.get('to')}")
    return own if isinstance(own, dict) else None
