"""SWE-Bench Pro V2 (public set): a Scale Labs page with two boards, all tasks and the hard ones."""

from ingest.pages.next_flight import SCALE_FIELDS, SCALE_REQUIRED, read_records
from ingest.sources import Parts

SOURCE_ID = "swebench_pro_v2"
FIELDS = SCALE_FIELDS
# All 642 tasks; the other board is a selection of 51 of them.
BOARD_NAME = "full"


def parse(body: bytes) -> Parts:
    """Part `entries`: one record per row of the board of all tasks."""
    return {"entries": read_records(SOURCE_ID, body, "entries", SCALE_REQUIRED, BOARD_NAME)}
