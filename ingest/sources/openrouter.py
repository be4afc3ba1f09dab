"""OpenRouter models list: JSON `{"data": [model]}`."""

from ingest.contract import Fields, decode_json, member, records
from ingest.sources import Parts

SOURCE_ID = "openrouter"
FIELDS = {
    "models": Fields(
        ("id",),
        (
            *("context_length", "top_provider.context_length"),
            *("pricing.prompt", "pricing.completion"),
        ),
    )
}


def parse(body: bytes) -> Parts:
    """Part `models`: one record per listed model or route."""
    data = member(SOURCE_ID, decode_json(SOURCE_ID, body), "data", list, "the response")
    return {"models": records(SOURCE_ID, data, "data[]", ("id", "pricing"))}
