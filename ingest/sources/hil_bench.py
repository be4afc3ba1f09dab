"""HiL Bench: a Scale Labs leaderboard page."""

from ingest.pages.next_flight import SCALE_FIELDS, SCALE_REQUIRED, read_records
from ingest.sources import Parts

SOURCE_ID = "hil_bench"
FIELDS = SCALE_FIELDS


def parse(body: bytes) -> Parts:
    """Part `entries`: one record per row of the board."""
    return {"entries": read_records(SOURCE_ID, body, "entries", SCALE_REQUIRED)}
