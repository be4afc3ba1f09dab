"""tau-bench leaderboard: a manifest of submissions, and one file for each.

Cached as `{"manifest": {kind: [id]}, "submissions": {id: submission}}`.
"""

import json
from pathlib import Path
from urllib.parse import quote, urljoin

from base.errors import FetchError, SourceError
from ingest.contract import Fields, decode_json, describe, member, records
from ingest.fetch.client import Client
from ingest.registry import RemoteSource
from ingest.sources import Parts

SOURCE_ID = "tau2_bench"
FIELDS = {"submissions": Fields(("model_name",), ("results",))}
KINDS = ("submissions", "voice_submissions", "legacy_submissions")
GONE = (403, 404, 410)
# Addresses of people, which are no part of the board.
PERSONAL = "contact_info"


def fetch(client: Client, source: RemoteSource, _pages: Path) -> bytes:
    """The manifest and every submission it names; one that is not there is left out and told."""
    manifest = decode_json(SOURCE_ID, client.get(source.endpoint))
    submissions: dict[str, object] = {}
    missing = []
    for kind in KINDS:
        for name in _names(manifest, kind):
            try:
                body = client.get(urljoin(source.endpoint, f"{quote(name)}/submission.json"))
                submission = decode_json(SOURCE_ID, body)
            except FetchError as error:
                if error.status not in GONE:
                    raise
                missing.append(name)
                continue
            if isinstance(submission, dict):
                submission.pop(PERSONAL, None)
            submissions[name] = submission
    if missing:
        client.warnings.append(
            f"{len(missing)} of {len(missing) + len(submissions)} submissions are missing, such as "
            f"{missing[0][:60]}"
        )
    parts = {"manifest": manifest, "submissions": submissions}
    text = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


def parse(body: bytes) -> Parts:
    """Part `submissions`: each with its `submission_id` and the `kind` of list that names it."""
    response = decode_json(SOURCE_ID, body)
    manifest = member(SOURCE_ID, response, "manifest", dict, "the response")
    bodies = member(SOURCE_ID, response, "submissions", dict, "the response")
    found = []
    for kind in KINDS:
        for name in _names(manifest, kind):
            if name not in bodies:
                continue
            if not isinstance(bodies[name], dict):
                raise SourceError(
                    SOURCE_ID, f"an object as submission {name[:60]!r}", describe(bodies[name])
                )
            found.append({**bodies[name], "submission_id": name, "kind": kind})
    return {
        "submissions": records(
            SOURCE_ID, found, "submissions named in the manifest", ("model_name", "results")
        )
    }


def _names(manifest: object, kind: str) -> list[str]:
    names = member(SOURCE_ID, manifest, kind, list, "the manifest")
    for name in names:
        if not isinstance(name, str) or "/" in name:
            raise SourceError(SOURCE_ID, f"names in {kind}", describe(name))
    return [str(name) for name in names]
