"""Reads a cached response and the sidecar that tells when and how it was fetched."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ingest.errors import SourceError
from ingest.source import Source


@dataclass(frozen=True)
class CachedResponse:
    """One cache file: its untouched body and what is known about its download (times in UTC)."""

    source_id: str
    body: bytes
    url: str | None
    fetched_at: datetime
    content_changed_at: datetime
    http_status: int | None
    etag: str | None
    sha256: str
    path: Path


def sidecar_of(path: Path) -> Path:
    """`<cache file>.meta.json`: {url, fetched_at, content_changed_at, http_status, etag, …}."""
    return path.with_name(f"{path.name}.meta.json")


def read_cached(source: Source, cache_directory: Path) -> CachedResponse | None:
    """Read a source's cache file; None if there is none, SourceError if it cannot be read.

    The sidecar counts only if its sha256 is that of the body. A body that was put there by hand
    is dated by the file's own time.
    """
    if source.cache_file is None:
        return None
    path = Path(cache_directory) / source.cache_file
    try:
        body = path.read_bytes()
        modified_at = datetime.fromtimestamp(int(path.stat().st_mtime), UTC)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SourceError(
            source.source_id, "a readable file", error.strerror or str(error), where=str(path)
        ) from error
    sha256 = hashlib.sha256(body).hexdigest()
    sidecar = _read_sidecar(source.source_id, sidecar_of(path))
    if sidecar.get("sha256") != sha256:
        sidecar = {}
    fetched_at = _time(source.source_id, sidecar_of(path), sidecar, "fetched_at") or modified_at
    changed_at = _time(source.source_id, sidecar_of(path), sidecar, "content_changed_at")
    return CachedResponse(
        source_id=source.source_id,
        body=body,
        url=_typed(sidecar, "url", str) or source.endpoint,
        fetched_at=fetched_at,
        content_changed_at=changed_at or fetched_at,
        http_status=_typed(sidecar, "http_status", int),
        etag=_typed(sidecar, "etag", str),
        sha256=sha256,
        path=path,
    )


def _read_sidecar(source_id: str, path: Path) -> dict:
    try:
        content = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise SourceError(
            source_id, "a JSON object", str(error), where=str(path), remedy="delete the file"
        ) from error
    if not isinstance(content, dict):
        raise SourceError(
            source_id,
            "a JSON object",
            f"a {type(content).__name__}",
            where=str(path),
            remedy="delete the file",
        )
    return content


def _typed(sidecar: dict, name: str, kind: type) -> object:
    value = sidecar.get(name)
    return value if isinstance(value, kind) else None


def _time(source_id: str, path: Path, sidecar: dict, name: str) -> datetime | None:
    text = sidecar.get(name)
    if text is None:
        return None
    try:
        time = datetime.fromisoformat(text)
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError) as error:
        raise SourceError(
            source_id,
            f"an ISO 8601 time as {name}",
            repr(text),
            where=str(path),
            remedy="delete the file",
        ) from error
