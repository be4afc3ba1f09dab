"""LiveCodeBench: JSON `{"performances": [one per model and problem], "models": [model]}`."""

from ingest.contract import Fields, decode_json, member, records
from ingest.sources import Parts

SOURCE_ID = "livecodebench"
FIELDS = {
    "performances": Fields(("model",), ("pass@1",)),
    "models": Fields(("model_repr",)),
}


def parse(body: bytes) -> Parts:
    """Parts `performances` (one record per model and problem) and `models`."""
    response = decode_json(SOURCE_ID, body)
    performances = member(SOURCE_ID, response, "performances", list, "the response")
    models = member(SOURCE_ID, response, "models", list, "the response")
    return {
        "performances": records(SOURCE_ID, performances, "performances[]", ("model", "pass@1")),
        "models": records(SOURCE_ID, models, "models[]", ("model_repr",)),
    }
