"""ARC Prize leaderboard: two JSON files, cached as `{"models": […], "evaluations": […]}`."""

from ingest.reading import decode_json, member, records
from ingest.sources import Parts

SOURCE_ID = "arc_agi"


def parse(body: bytes) -> Parts:
    """Parts `models` and `evaluations` (one record per model and data set)."""
    response = decode_json(SOURCE_ID, body)
    models = member(SOURCE_ID, response, "models", list, "the response")
    evaluations = member(SOURCE_ID, response, "evaluations", list, "the response")
    return {
        "models": records(SOURCE_ID, models, "models[]", ("id", "displayName")),
        "evaluations": records(
            SOURCE_ID, evaluations, "evaluations[]", ("datasetId", "modelId", "score")
        ),
    }
