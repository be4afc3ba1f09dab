"""Berkeley Function-Calling Leaderboard: one CSV table."""

import csv
import io

from base.errors import SourceError
from ingest.contract import Fields, decode_text, records
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
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        lines = [line for line in reader if line]
    except csv.Error as error:
        raise SourceError(
            SOURCE_ID, "a complete CSV table", f"{error} in line {reader.line_num}"
        ) from error
    header, rows = lines[0], lines[1:]
    if not set(REQUIRED) <= set(header):
        raise SourceError(
            SOURCE_ID,
            f"a CSV header with the columns {' and '.join(REQUIRED)}",
            f"a first line of {len(header)} cells, {header[0][:40]!r} first",
        )
    for number, row in enumerate(rows, start=1):
        if len(row) != len(header):
            raise SourceError(
                SOURCE_ID,
                f"{len(header)} cells in every row",
                f"{len(row)} in row {number} of {len(rows)}",
            )
    named = [dict(zip(header, row, strict=True)) for row in rows]
    return {"rows": records(SOURCE_ID, named, "the lines below the header", REQUIRED)}
