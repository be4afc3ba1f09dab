"""Epoch Capabilities Index: a CSV table."""

from ingest.contract import Fields
from ingest.pages.csv_table import read_table, whole_text
from ingest.sources import Parts

SOURCE_ID = "epoch_eci"
FIELDS = {"models": Fields(("Model",), ("eci",))}
REQUIRED = ("Model", "eci", "date")


def parse(body: bytes) -> Parts:
    """Part `models`: one record per model."""
    text = whole_text(SOURCE_ID, body)
    return {"models": read_table(SOURCE_ID, text, REQUIRED, "the table")}
