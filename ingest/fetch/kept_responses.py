"""Raw responses of earlier runs, kept in the cache by the hash of their content (--keep-raw).

`<cache>/raw/<sha256>` are files of the cache, each once however often it was seen; a generation,
`<cache>/raw/generations/<time>.json`, says which of them stood in the cache at that time.
"""

import hashlib
import json
import re
from datetime import UTC, datetime
from pathlib import Path

from base.errors import ConfigurationError
from base.files import replace_file
from base.times import utc
from ingest.fetch.cache import sidecar_of
from ingest.registry import RemoteSource, Source

NAME = "%Y-%m-%dT%H%M%SZ"


def keep_generation(cache: Path, sources: dict[str, Source], now: datetime, count: int) -> None:
    """Keep what is in the cache as the generation of `now`, and the last `count` generations.

    The generation is written after its files and forgotten before them, so that a killed run leaves
    no generation that lacks one. OSError if it cannot be written.
    """
    folder = _generations(cache)
    folder.mkdir(parents=True, exist_ok=True)
    kept = {}
    for source in sources.values():
        if not isinstance(source, RemoteSource):
            continue
        body = cache / source.cache_file
        for path in (body, sidecar_of(body)):
            if path.is_file():
                kept[path.name] = _keep(cache, path.read_bytes())
    text = json.dumps(kept, indent=1, sort_keys=True) + "\n"
    replace_file(folder / f"{utc(now):{NAME}}.json", text.encode())
    # By name, which is the time.
    for path in sorted(folder.glob("*.json"))[:-count]:
        path.unlink()
    used = {name for path in folder.glob("*.json") for name in _read(path).values()}
    for path in _raw(cache).iterdir():
        if re.fullmatch("[0-9a-f]{64}", path.name) and path.name not in used:
            path.unlink()


def restore_generation(cache: Path, at: datetime, target: Path) -> datetime:
    """Fill the new folder `target` with the last generation at or before `at`; returns its time.

    Raises ConfigurationError if there is none, or if a file of it is lost or not what it was.
    """
    wanted = f"{utc(at):{NAME}}"
    names = sorted(path.stem for path in _generations(cache).glob("*.json"))
    fitting = [name for name in names if name <= wanted]
    if not fitting:
        has = f"the first are from {names[0]}" if names else "none were kept"
        raise ConfigurationError(
            f"--as-of {utc(at)} UTC: {cache} has no kept responses of that time ({has}); "
            "--keep-raw N keeps the responses of the last N runs"
        )
    target.mkdir(parents=True)
    for name, digest in _read(_generations(cache) / f"{fitting[-1]}.json").items():
        path = _raw(cache) / digest
        body = path.read_bytes() if path.is_file() else None
        if body is None or hashlib.sha256(body).hexdigest() != digest:
            raise ConfigurationError(
                f"--as-of {utc(at)} UTC: {path} (the kept {name}) "
                f"{'is missing' if body is None else 'has changed since it was kept'}; the "
                "responses of this time cannot be scored again"
            )
        (target / name).write_bytes(body)
    return datetime.strptime(fitting[-1], NAME).replace(tzinfo=UTC)


def _raw(cache: Path) -> Path:
    return cache / "raw"


def _generations(cache: Path) -> Path:
    return _raw(cache) / "generations"


def _keep(cache: Path, content: bytes) -> str:
    digest = hashlib.sha256(content).hexdigest()
    path = _raw(cache) / digest
    if not path.is_file():
        replace_file(path, content)
    return digest


def _read(path: Path) -> dict[str, str]:
    """File name → hash. ConfigurationError for what is no generation."""
    try:
        kept: dict[str, str] = json.loads(path.read_bytes())
        is_one = isinstance(kept, dict) and all(
            re.fullmatch(r"[\w-][\w.-]*", name) and re.fullmatch("[0-9a-f]{64}", digest)
            for name, digest in kept.items()
        )
    except (OSError, ValueError, TypeError) as error:
        raise ConfigurationError(
            f"{path}: expected a readable list of kept responses: {error}"
        ) from error
    if not is_one:
        raise ConfigurationError(f"{path}: expected a list of file names with their SHA-256")
    return kept
