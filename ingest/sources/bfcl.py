"""Berkeley Function-Calling Leaderboard: one CSV table."""

from ingest.contract import Fields, decode_text
from ingest.pages.csv_table import read_table
from ingest.sources import Parts

SOURCE_ID = "bfcl"
FIELDS = {
    "rows": Fields(
        ("Model",),
        (
            *("Overall Acc", "Non-Live AST Acc", "Live Acc", "Multi Turn Acc", "Web Search Acc"),
            *("Memory Acc", "Relevance Detection", "Irrelevance Detection"),
        ),
    )
}
REQUIRED = ("Model", "Overall Acc")


def parse(body: bytes) -> Parts:
    """Part `rows`: one record per line, every cell as the text that stands there."""
    text = decode_text(SOURCE_ID, body, "a CSV table")
    return {"rows": read_table(SOURCE_ID, text, REQUIRED, "the table")}
