"""Sonar LLM leaderboard: the older single file, or the registry with one metrics file per model."""

from ingest.reading import decode_json, member, records
from ingest.sources import Parts

SOURCE_ID = "sonar"


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


def _join_registry(response: dict) -> list[dict]:
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


def _metrics_of(entry: dict, meta: dict, files: dict) -> dict:
    """Take the metrics of the Java run, the one every model has; {} if there are none."""
    path = entry
    for name in ("files", "java", "metrics"):
        path = path.get(name) if isinstance(path, dict) else None
    if not isinstance(path, str) or path not in files:
        return {}
    measured = member(SOURCE_ID, files[path], "models", dict, "a metrics file")
    own = measured.get(meta.get("name")) if isinstance(meta.get("name"), str) else None
    if own is None and len(measured) == 1:
        own = next(iter(measured.values()))
    return member(SOURCE_ID, own, "metrics", dict, "a model of a metrics file") if own else {}
