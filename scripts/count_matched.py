"""Writes how many rows of each source resolve into what the tests expect, from a DATABASE.

Look at the difference before you commit it: a count that changes is a name that resolves
differently.
"""

import re
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
COUNTED = PROJECT / "tests/unit/ingest/sources"


def count(database: Path) -> None:
    """Replaces `matched_rows` in the file of every source."""
    from ipbr_rank.analysis.query import open_read_only, run

    with open_read_only(database) as connection:
        rows = run(connection, "select source_id, n_rows_matched from marts.dim_sources")[1]
    for source_id, n_rows_matched in rows:
        path = COUNTED / f"{source_id}.toml"
        if not path.is_file():
            # No response of it is on record.
            continue
        text = path.read_text(encoding="utf-8")
        changed = re.sub(r"(?m)^matched_rows = .*$", f"matched_rows = {n_rows_matched}", text)
        path.write_text(changed, encoding="utf-8")


if __name__ == "__main__":
    count(Path(sys.argv[1]))
