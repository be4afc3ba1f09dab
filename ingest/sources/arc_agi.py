"""ARC Prize leaderboard: two JSON files, cached as `{"models": […], "evaluations": […]}`."""

from pathlib import Path
from urllib.parse import urljoin

from ingest.contract import Fields, decode_json, member, records, whole_json
from ingest.fetch.client import Client
from ingest.registry import RemoteSource
from ingest.sources import Parts

SOURCE_ID = "arc_agi"
FIELDS = {
    "models": Fields(("id", "displayName")),
    "evaluations": Fields(("modelId",), ("score",)),
}


def fetch(client: Client, source: RemoteSource, _pages: Path) -> bytes:
    """Both files as they came, in one object."""
    files = {
        name: whole_json(SOURCE_ID, client.get(urljoin(source.endpoint, f"{name}.json")))
        for name in ("evaluations", "models")
    }
    return b"{" + b",".join(b'"%s":%s' % (n.encode(), body) for n, body in files.items()) + b"}"


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
