"""Epoch Capabilities Index: a CSV table."""

from ingest.contract import Fields, decode_text
from ingest.pages.csv_table import read_table
from ingest.sources import Parts

SOURCE_ID = "epoch_eci"
FIELDS = {"models": Fields(("Model",), ("eci",))}
REQUIRED = ("Model", "eci", "date")


def parse(body: bytes) -> Parts:
    """Part `models`: one record per model."""
    text = decode_text(SOURCE_ID, body, "a CSV table")
    return {"models": read_table(SOURCE_ID, text, REQUIRED, "the table")}
