"""EQ-Bench Judgemark v4: a script that assigns a CSV table to a variable."""

from ingest.contract import Fields, decode_text
from ingest.pages.csv_table import read_assigned_text, read_table
from ingest.sources import Parts

SOURCE_ID = "eqbench_judgemark"
FIELDS = {"models": Fields(("model",), ("score",))}
VARIABLE = "leaderboardDataJudgemarkV4"
REQUIRED = ("model", "score", "ci_low", "ci_high")


def parse(body: bytes) -> Parts:
    """Part `models`: one record per model, every cell as the text that stands there."""
    script = decode_text(SOURCE_ID, body, "a script")
    text = read_assigned_text(SOURCE_ID, script, VARIABLE)
    return {"models": read_table(SOURCE_ID, text, REQUIRED, VARIABLE)}
