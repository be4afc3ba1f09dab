"""LMArena leaderboard dataset: the paged form `{"configs": {config: [{"rows": [{"row": …}]}]}}`."""

from ingest.errors import SourceError
from ingest.reading import decode_json, member, records
from ingest.sources import Parts

SOURCE_ID = "lmarena"
CONFIGS = ("text", "webdev", "search", "document")


def parse(body: bytes) -> Parts:
    """One part per config: its rows over all pages and all categories."""
    configs = member(SOURCE_ID, decode_json(SOURCE_ID, body), "configs", dict, "the response")
    return {config: _rows(configs, config) for config in CONFIGS}


def _rows(configs: dict, config: str) -> list[dict]:
    anchor = f"configs.{config}[].rows[]"
    rows: list = []
    total = 0
    for page in member(SOURCE_ID, configs, config, list, "configs"):
        for entry in member(SOURCE_ID, page, "rows", list, f"a page of configs.{config}"):
            rows.append(member(SOURCE_ID, entry, "row", dict, anchor))
        stated = page.get("num_rows_total")
        if isinstance(stated, int):
            total = max(total, stated)
    # A missing page would leave out part of the board without a trace.
    if len(rows) < total:
        raise SourceError(SOURCE_ID, f"{total} rows at {anchor}, as stated", f"{len(rows)}")
    return records(SOURCE_ID, rows, anchor, ("model_name", "rating", "category"))
