"""Berkeley Function-Calling Leaderboard: one CSV table."""

import csv
import io

from ingest.errors import SourceError
from ingest.reading import decode_text, records
from ingest.sources import Parts

SOURCE_ID = "bfcl"
REQUIRED = ("Model", "Overall Acc")


def parse(body: bytes) -> Parts:
    """Part `rows`: one record per line, every cell as the text that stands there."""
    text = decode_text(SOURCE_ID, body, "a CSV table")
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        header = list(reader.fieldnames or ())
        if not set(REQUIRED) <= set(header):
            raise SourceError(
                SOURCE_ID,
                f"a CSV header with the columns {' and '.join(REQUIRED)}",
                f"a first line of {len(header)} cells, {header[0][:40]!r} first",
            )
        rows = list(reader)
    except csv.Error as error:
        raise SourceError(
            SOURCE_ID, "a complete CSV table", f"{error} in line {reader.line_num}"
        ) from error
    for number, row in enumerate(rows, start=1):
        # DictReader puts surplus cells under None and fills up with None where cells are missing.
        if None in row or None in row.values():
            raise SourceError(
                SOURCE_ID,
                f"{len(header)} cells in every row",
                f"{'more' if None in row else 'fewer'} in row {number} of {len(rows)}",
            )
    return {"rows": records(SOURCE_ID, rows, "the lines below the header", REQUIRED)}
