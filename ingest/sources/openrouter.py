"""OpenRouter models list: JSON `{"data": [model]}`."""

from ingest.reading import decode_json, member, records
from ingest.sources import Parts

SOURCE_ID = "openrouter"


def parse(body: bytes) -> Parts:
    """Part `models`: one record per listed model or route."""
    data = member(SOURCE_ID, decode_json(SOURCE_ID, body), "data", list, "the response")
    return {"models": records(SOURCE_ID, data, "data[]", ("id", "pricing"))}
