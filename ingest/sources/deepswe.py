"""DeepSWE v1.1: JSON `{"rows": [one per model and effort], "generated_at": …}`."""

from ingest.contract import Fields, decode_json, member, records
from ingest.sources import Parts

SOURCE_ID = "deepswe"
FIELDS = {"rows": Fields(("model",), ("pass_at_1",))}


def parse(body: bytes) -> Parts:
    """Part `rows`: each configuration with the time at which the board was made."""
    response = decode_json(SOURCE_ID, body)
    rows = member(SOURCE_ID, response, "rows", list, "the response")
    required = ("model", "harness", "reasoning_effort", "pass_at_1")
    return {
        "rows": [
            {**row, "generated_at": response.get("generated_at")}
            for row in records(SOURCE_ID, rows, "rows[]", required)
        ]
    }
