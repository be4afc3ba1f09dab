"""Sonar LLM leaderboard: the older single file, or the registry with one metrics file per model."""

import json
from pathlib import Path
from urllib.parse import urljoin

from base.errors import FetchError, SourceError
from ingest.contract import Fields, Record, decode_json, member, records, whole_json
from ingest.fetch.client import Client
from ingest.registry import RemoteSource
from ingest.sources import Parts

SOURCE_ID = "sonar"
FIELDS = {
    "models": Fields(
        ("name",),
        (
            *(
                "functionalSkill",
                "issueDensity",
                "bugDensityPerKloc",
                "vulnerabilityDensityPerKloc",
            ),
            *("passing_tests_pct", "issues_per_kloc", "bugs_per_kloc", "vulnerabilities_per_kloc"),
        ),
    )
}
# Beside the folder of the registry; what the board was read from before there was one.
OLDER_FILE = "../data.json"
GONE = (403, 404, 410)
SHOWN_FILES = 5


def parse(body: bytes) -> Parts:
    """Part `models`: one record per model, in either shape.

    Older: `{"models": [{name, organization, functionalSkill, …}]}`.
    Newer, as cached: `{"registry": {id: {"meta": {name, organization, …}, "files": {language:
    {"metrics": path}}}}, "metrics": {path: {"models": {name: {"metrics": {…}}}}}}`; a record is
    the model's meta fields and metrics side by side, under Sonar's own names.
    """
    response = decode_json(SOURCE_ID, body)
    if isinstance(response, dict) and "registry" in response:
        models = _join_registry(response)
        required = ("name", "passing_tests_pct")
    else:
        models = member(SOURCE_ID, response, "models", list, "the response")
        required = ("name", "functionalSkill")
    return {"models": records(SOURCE_ID, models, "models", required)}


def fetch(client: Client, source: RemoteSource, _pages: Path) -> bytes:
    """The registry and the metrics file of every model, each as it came; or the older single file.

    A metrics file that is not there, or is no JSON, is left out with a warning.
    """
    try:
        body = client.get(source.endpoint)
    except FetchError as error:
        if error.status not in GONE:
            raise
        client.warnings.append("there is no registry of models, so the older single file is used")
        return client.get(urljoin(source.endpoint, OLDER_FILE))
    registry = decode_json(SOURCE_ID, body)
    if not isinstance(registry, dict) or "models" in registry:
        return body
    files: dict[str, bytes] = {}
    missing: list[str] = []
    for entry in registry.values():
        path = _metrics_path(entry)
        if path is None or path in files or path in missing or entry.get("disabled") is True:
            continue
        try:
            files[path] = whole_json(SOURCE_ID, client.get(_file_url(source, path)))
        except FetchError as error:
            if error.status not in GONE:
                raise
            missing.append(path)
        except SourceError:
            missing.append(path)
    if missing:
        names = ", ".join(path[-60:] for path in missing[:SHOWN_FILES])
        client.warnings.append(
            f"{len(missing)} of {len(missing) + len(files)} metrics files are missing ({names}"
            f"{', …' if len(missing) > SHOWN_FILES else ''}), so their models have no values here"
        )
    metrics = b",".join(json.dumps(path).encode() + b":" + files[path] for path in files)
    return b'{"registry":%s,"metrics":{%s}}' % (whole_json(SOURCE_ID, body), metrics)


def _file_url(source: RemoteSource, path: str) -> str:
    """The registry names its files from the site's root or from its own folder."""
    return urljoin(source.endpoint, path.removeprefix("leaderboard/").removeprefix("data/"))


def _metrics_path(entry: object) -> str | None:
    """The metrics file of the Java run, the one every model has."""
    path = entry
    for name in ("files", "java", "metrics"):
        path = path.get(name) if isinstance(path, dict) else None
    return path if isinstance(path, str) else None


def _join_registry(response: Record) -> list[Record]:
    registry = member(SOURCE_ID, response, "registry", dict, "the response")
    files = member(SOURCE_ID, response, "metrics", dict, "the response")
    models = []
    for model_id, entry in registry.items():
        if isinstance(entry, dict) and entry.get("disabled") is True:
            continue
        meta = member(SOURCE_ID, entry, "meta", dict, "a model of the registry")
        metrics = _metrics_of(entry, meta, files)
        # A model without metrics is on the board, too: it is carried and has no figures.
        models.append({"id": model_id, **meta, **metrics})
    return models


def _metrics_of(entry: Record, meta: Record, files: Record) -> Record:
    """Take the metrics of a model; {} if there are none."""
    path = _metrics_path(entry)
    if path is None or path not in files:
        return {}
    measured = member(SOURCE_ID, files[path], "models", dict, "a metrics file")
    own = measured.get(meta.get("name")) if isinstance(meta.get("name"), str) else None
    if own is None and len(measured) == 1:
        own = next(iter(measured.values()))
    return member(SOURCE_ID, own, "metrics", dict, "a model of a metrics file") if own else {}
