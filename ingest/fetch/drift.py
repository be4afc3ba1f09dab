"""Tells whether a source's content or its shape is another than last time."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from ingest.sources import Parts

# An object with more names than this is a table by name, and its names are content, not shape.
MAXIMUM_NAMES = 200
SHOWN_PATHS = 5

Fingerprint = dict[str, str]


def fingerprint(parts: Parts) -> Fingerprint:
    """Every path in the records with its types, such as `{"models[].pricing.prompt": "text"}`.

    Types are those of all records together, joined by `|`. A null counts only where nothing else
    is found, as optional fields come and go with the rows.
    """
    found: dict[str, set[str]] = {}
    for part, records in parts.items():
        for record in records:
            _walk(f"{part}[]", record, found)
    return {path: "|".join(sorted(types - {"null"})) or "null" for path, types in found.items()}


def _walk(path: str, value: Any, found: dict[str, set[str]]) -> None:
    types = found.setdefault(path, set())
    if isinstance(value, dict):
        types.add("object")
        is_table = len(value) > MAXIMUM_NAMES
        for name, item in value.items():
            _walk(f"{path}.*" if is_table else f"{path}.{name}", item, found)
    elif isinstance(value, list):
        types.add("array")
        for item in value:
            _walk(f"{path}[]", item, found)
    else:
        types.add(_type(value))


def _type(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    return "text" if isinstance(value, str) else "number"


def content_hash(parts: Parts) -> str:
    """SHA-256 of the records alone: what else stands on a page does not count."""
    content = json.dumps(parts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(content.encode()).hexdigest()


def describe_change(old: Fingerprint, new: Fingerprint) -> str | None:
    """Name the paths that came, went or changed type; None if the shape is the same."""
    came, went = new.keys() - old.keys(), old.keys() - new.keys()
    changed = [
        f"{path} from {old[path]} to {new[path]}"
        for path in sorted(old.keys() & new.keys())
        if old[path] != new[path]
    ]
    told = [
        f"{len(paths)} {what} ({_listed(paths)})"
        for what, paths in (
            ("new", sorted(came)),
            ("gone", sorted(went)),
            ("of another type", changed),
        )
        if paths
    ]
    return f"the structure of the response has changed; paths: {', '.join(told)}" if told else None


def _listed(paths: Iterable[str]) -> str:
    paths = list(paths)
    shown = [path if len(path) <= 80 else f"{path[:79]}…" for path in paths[:SHOWN_PATHS]]
    return ", ".join(shown) + (", …" if len(paths) > SHOWN_PATHS else "")
