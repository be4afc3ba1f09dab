"""ARC Prize leaderboards: one JSON file each, `{"evaluations": [evaluation], …}`.

Until mid 2026 there was one file of evaluations for all data sets and one of models beside it; such
a response, cached as `{"models": […], "evaluations": […]}`, is read, too.
"""

from pathlib import Path
from urllib.parse import urljoin

from base.errors import FetchError
from ingest.contract import Fields, Record, decode_json, member, records, whole_json
from ingest.fetch.client import Client
from ingest.registry import RemoteSource
from ingest.sources import Parts

SOURCE_ID = "arc_agi"
FIELDS = {
    "models": Fields(("id", "displayName")),
    "evaluations": Fields(("modelId",), ("score",)),
}
LEADERBOARDS = ("v2", "v3")
OLDER_FILES = ("evaluations", "models")
GONE = (403, 404, 410)
REQUIRED = ("datasetId", "modelId", "score")


def fetch(client: Client, source: RemoteSource, _pages: Path) -> bytes:
    """The leaderboards of ARC-AGI-2 and 3 as they came, in one object; or the older two files."""
    try:
        return _fetch_files(client, source, {name: f"{name}.json" for name in LEADERBOARDS})
    except FetchError as error:
        if error.status not in GONE:
            raise
        client.warnings.append(
            "the leaderboards' own files are gone, so the two older files are used"
        )
        return _fetch_files(client, source, {name: f"../{name}.json" for name in OLDER_FILES})


def _fetch_files(client: Client, source: RemoteSource, paths: dict[str, str]) -> bytes:
    files = {
        name: whole_json(SOURCE_ID, client.get(urljoin(source.endpoint, path)))
        for name, path in paths.items()
    }
    return b"{" + b",".join(b'"%s":%s' % (n.encode(), body) for n, body in files.items()) + b"}"


def parse(body: bytes) -> Parts:
    """Part `evaluations` (one record per model and data set), of an older response also `models`.

    A record of a leaderboard has the name of its model in it, and when the leaderboard was
    generated.
    """
    response = decode_json(SOURCE_ID, body)
    if isinstance(response, dict) and LEADERBOARDS[0] in response:
        return {"evaluations": _of_leaderboards(response)}
    models = member(SOURCE_ID, response, "models", list, "the response")
    evaluations = member(SOURCE_ID, response, "evaluations", list, "the response")
    return {
        "models": records(SOURCE_ID, models, "models[]", ("id", "displayName")),
        "evaluations": records(SOURCE_ID, evaluations, "evaluations[]", REQUIRED),
    }


def _of_leaderboards(response: Record) -> list[Record]:
    found = []
    for name in LEADERBOARDS:
        leaderboard = member(SOURCE_ID, response, name, dict, "the response")
        evaluations = member(SOURCE_ID, leaderboard, "evaluations", list, name)
        required = (*REQUIRED, "modelDisplayName")
        found += [
            {**record, "generatedAt": leaderboard.get("generatedAt")}
            for record in records(SOURCE_ID, evaluations, f"{name}.evaluations[]", required)
        ]
    return found
