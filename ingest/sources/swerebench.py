"""SWE-rebench: a Next.js page whose stream holds `"items":[…]`, one item per model and agent."""

from base.errors import SourceError
from ingest.contract import Fields, Record, describe
from ingest.pages.next_flight import read_records
from ingest.sources import Parts

SOURCE_ID = "swerebench"
FIELDS = {"items": Fields(("modelName",), ("stats.resolvedRate",))}
KEPT = ("modelId", "modelName", "agentVersion", "release", "taskRangeTimestamp")
ALL_TASKS = "all"


def parse(body: bytes) -> Parts:
    """Part `items`: each item with `stats`, the figures of its own stretch of task dates.

    An item has figures for some 600 windows, `{"from:to": figures}`, since the autumn of 2026 by
    kind of task: `{"all": {"from:to": figures}}`. Only the window it was run on is its own result;
    the field is absent if the item has none.
    """
    required = ("modelName", "taskRangeTimestamp", "rangeStats")
    items = []
    read = read_records(SOURCE_ID, body, "items", required)
    for item in read:
        kept = {name: item[name] for name in KEPT if name in item}
        stats = _own_stats(item)
        items.append(kept if stats is None else {**kept, "stats": stats})
    if not any("stats" in item for item in items):
        raise SourceError(
            SOURCE_ID,
            'values in "rangeStats", or in its '
            f'"{ALL_TASKS}", under the "from:to" of the item\'s "taskRangeTimestamp"',
            f"none in {len(items)} items, {describe(read[0].get('rangeStats'))} in the first",
        )
    return {"items": items}


def _own_stats(item: Record) -> Record | None:
    window, stats = item.get("taskRangeTimestamp"), item.get("rangeStats")
    if not isinstance(window, dict) or not isinstance(stats, dict):
        return None
    name = f"{window.get('from')}:{window.get('to')}"
    if name not in stats:
        # A level more: all tasks, or the only kind there is.
        stats = stats.get(ALL_TASKS, next(iter(stats.values())) if len(stats) == 1 else None)
    own = stats.get(name) if isinstance(stats, dict) else None
    return own if isinstance(own, dict) else None
