"""EQ-Bench Creative Writing v3: a script that assigns a CSV table to a variable."""

from ingest.contract import Fields, decode_text
from ingest.pages.csv_table import read_assigned_text, read_table
from ingest.sources import Parts

SOURCE_ID = "eqbench_creative_writing"
FIELDS = {"models": Fields(("model_name",), ("elo_score", "creative_writing_score"))}
VARIABLE = "leaderboardDataCreativeWritingV3"
REQUIRED = ("model_name", "elo_score", "creative_writing_score")
# The last line, which is about the table.
METADATA = "__metadata__"


def parse(body: bytes) -> Parts:
    """Part `models`: one record per model, every cell as the text that stands there."""
    script = decode_text(SOURCE_ID, body, "a script")
    text = read_assigned_text(SOURCE_ID, script, VARIABLE)
    rows = read_table(SOURCE_ID, text, REQUIRED, VARIABLE)
    return {"models": [row for row in rows if row["model_name"] != METADATA]}
