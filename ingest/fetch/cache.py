"""Cached responses: bodies, and the sidecars that tell when and how they were fetched.

Every file is replaced in one step. Body and sidecar are two files, the sidecar is written first: it
tells of the new body and still of the one before, and what counts is what it says of the body whose
SHA-256 is there. So a run killed between the two leaves nothing wrong.
"""

import contextlib
import hashlib
import json
import os
import re
import shutil
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from base.errors import SourceError
from base.files import replace_file
from base.times import moment_text
from ingest.registry import RemoteSource

# What a sidecar's file holds: written here, or by somebody else.
Sidecar = dict[str, Any]
Kind = TypeVar("Kind")


@dataclass(frozen=True)
class Validators:
    """What an answer said to ask with next time, whether it is still the same."""

    url: str
    etag: str | None = None
    last_modified: str | None = None

    @property
    def headers(self) -> dict[str, str]:
        """The headers of a conditional request; none if the answer gave no means for one."""
        named = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in named.items() if value}


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
    shape_change: str | None = None
    """How the shape differs from that of the response before, in words."""
    warnings: list[str] = field(default_factory=list)
    """What a user should know about the body, such as parts that are missing."""
    validators: list[Validators] = field(default_factory=list)
    """Of every address the body was put together from."""
    is_partial: bool = False
    """Whether only a part of the board is known, as of some that were recorded by hand."""

    @property
    def notes(self) -> list[str]:
        """All that is to be told of the body, each a sentence."""
        return [*self.warnings, *([self.shape_change] if self.shape_change else [])]


def sidecar_of(path: Path) -> Path:
    """`<cache file>.meta.json`: {url, fetched_at, content_changed_at, http_status, etag, …}."""
    return path.with_name(f"{path.name}.meta.json")


def rejected_of(path: Path) -> Path:
    """`<cache file>.rejected`: the last body that was not good enough to replace the cache file."""
    return path.with_name(f"{path.name}.rejected")


def reason_of(path: Path) -> Path:
    """`<cache file>.rejected.reason.txt`: why, in one line."""
    return path.with_name(f"{path.name}.rejected.reason.txt")


def pages_of(source_id: str, cache_directory: Path) -> Path:
    """`<source_id>_pages/`: finished pages of a download that is still incomplete."""
    return Path(cache_directory) / f"{source_id}_pages"


def read_cached(source: RemoteSource, cache_directory: Path) -> CachedResponse | None:
    """Read a source's cache file; None if there is none, SourceError if it cannot be read.

    The sidecar counts only if its sha256 is that of the body. A body that was put there by hand
    is dated by the file's own time.
    """
    path = Path(cache_directory) / source.cache_file
    if path.exists() and not path.is_file():
        # A pipe would be waited for.
        raise SourceError(source.source_id, "a file", "something else", where=str(path))
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
    sidecar = _part_about(sha256, _read_sidecar(source.source_id, sidecar_of(path)))
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
        shape_change=_typed(sidecar, "shape_change", str),
        warnings=[text for text in _typed(sidecar, "warnings", list) or [] if type(text) is str],
        validators=_validators(sidecar),
        is_partial=sidecar.get("is_partial") is True,
    )


def write_cached(response: CachedResponse) -> None:
    """Replace sidecar and body; OSError if they cannot be written, the old body is whole then."""
    discard_rejected(response.path)
    _write_sidecar(response)
    replace_file(response.path, response.body)


def renew(response: CachedResponse) -> None:
    """Note that the body is still that of the source: renew its age, here and in the sidecar."""
    discard_rejected(response.path)
    _write_sidecar(response)
    # Last: a run that is killed before leaves a file that is still old, and is asked for again.
    os.utime(response.path)


def keep_rejected(path: Path, body: bytes, reason: str) -> None:
    """Keep a body that was not good enough beside the cache file, with the reason."""
    replace_file(reason_of(path), f"{reason}\n".encode())
    replace_file(rejected_of(path), body)


def discard_rejected(path: Path) -> None:
    """Remove what an earlier run has rejected."""
    rejected_of(path).unlink(missing_ok=True)
    reason_of(path).unlink(missing_ok=True)


def discard_pages(source_id: str, cache_directory: Path) -> None:
    """Remove the pages of a download that has ended."""
    shutil.rmtree(pages_of(source_id, cache_directory), ignore_errors=True)


def remove_remains(cache_directory: Path) -> None:
    """Remove temporary files of processes that are no more."""
    for path in Path(cache_directory).rglob(".*.tmp"):
        process = re.fullmatch(r"\..+\.([0-9]{1,9})\.tmp", path.name)
        if process and not _is_running(int(process[1])):
            path.unlink(missing_ok=True)


def seconds_since_renewal(path: Path) -> float | None:
    """Age of a cache file by its own time; None if there is none."""
    with contextlib.suppress(OSError):
        return time.time() - path.stat().st_mtime
    return None


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _write_sidecar(response: CachedResponse) -> None:
    first = response.validators[0] if response.validators else Validators("")
    sidecar: Sidecar = {
        "url": response.url,
        "fetched_at": moment_text(response.fetched_at),
        "content_changed_at": moment_text(response.content_changed_at),
        "http_status": response.http_status,
        "etag": response.etag,
        "last_modified": first.last_modified,
        "sha256": response.sha256,
        "shape_change": response.shape_change,
        "warnings": response.warnings,
        "requests": [vars(validators) for validators in response.validators],
        **({"is_partial": True} if response.is_partial else {}),
    }
    before = _part_about_file(response.path)
    if before and before["sha256"] != response.sha256:
        sidecar["before"] = before
    content = json.dumps(sidecar, ensure_ascii=False, indent=1) + "\n"
    replace_file(sidecar_of(response.path), content.encode())


def _validators(sidecar: Sidecar) -> list[Validators]:
    # A sidecar from elsewhere may know one address only.
    requests = _typed(sidecar, "requests", list) or [sidecar]
    return [
        Validators(
            request["url"],
            _typed(request, "etag", str),
            _typed(request, "last_modified", str),
        )
        for request in requests
        if isinstance(request, dict) and isinstance(request.get("url"), str)
    ]


def _read_sidecar(source_id: str, path: Path) -> Sidecar:
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


def _part_about(sha256: str, sidecar: Sidecar) -> Sidecar:
    """What a sidecar says of the body with this hash; empty if nothing."""
    for part in (sidecar, sidecar.get("before")):
        if isinstance(part, dict) and part.get("sha256") == sha256:
            return {name: value for name, value in part.items() if name != "before"}
    return {}


def _part_about_file(path: Path) -> Sidecar:
    """What is known of the body that is there now; empty if nothing."""
    try:
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        return _part_about(sha256, _read_sidecar("", sidecar_of(path)))
    except (OSError, SourceError):
        return {}


def _typed(sidecar: Sidecar, name: str, kind: type[Kind]) -> Kind | None:
    value = sidecar.get(name)
    return value if isinstance(value, kind) else None


def _time(source_id: str, path: Path, sidecar: Sidecar, name: str) -> datetime | None:
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
