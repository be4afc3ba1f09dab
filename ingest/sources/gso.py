"""GSO leaderboard: JSON `{"models": [submission]}`."""

from ingest.contract import Fields, decode_json, member, records
from ingest.sources import Parts

SOURCE_ID = "gso"
FIELDS = {"models": Fields(("name",), ("score_hack_control",))}


def parse(body: bytes) -> Parts:
    """Part `models`: one record per submission, of all settings."""
    models = member(SOURCE_ID, decode_json(SOURCE_ID, body), "models", list, "the response")
    required = ("name", "setting", "score_hack_control")
    return {"models": records(SOURCE_ID, models, "models[]", required)}
