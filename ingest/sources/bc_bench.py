"""BC-Bench code review: JSON `{"aggregate": [one per model, agent, version and setting]}`."""

from ingest.contract import Fields, decode_json, member, records
from ingest.sources import Parts

SOURCE_ID = "bc_bench"
FIELDS = {"aggregate": Fields(("model",), ("f1",))}


def parse(body: bytes) -> Parts:
    """Part `aggregate`: the means over all runs of a configuration."""
    aggregate = member(SOURCE_ID, decode_json(SOURCE_ID, body), "aggregate", list, "the response")
    required = ("model", "agent_name", "benchmark_version", "f1")
    return {"aggregate": records(SOURCE_ID, aggregate, "aggregate[]", required)}
