"""Terminal-Bench 2.0: a Next.js page with a table and the same rows in its stream."""

from ingest.pages.terminal_bench import ROW_FIELDS, read_rows
from ingest.sources import Parts

SOURCE_ID = "terminal_bench"
FIELDS = ROW_FIELDS


def parse(body: bytes) -> Parts:
    """Part `rows`: one record per row of the board."""
    return {"rows": read_rows(SOURCE_ID, body)}
