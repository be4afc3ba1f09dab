"""One hash over texts and files, for what is kept only as long as they are the same."""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path


def hash_of(texts: Iterable[str], files: Mapping[str, Path]) -> str:
    """SHA-256 of texts and of files with their names; lengths keep each from running into the next.

    Raises OSError for a file that cannot be read.
    """
    digest = hashlib.sha256()
    for text in texts:
        digest.update(f"{len(text)} {text}".encode())
    for name, path in files.items():
        body = path.read_bytes()
        digest.update(f"{name} {len(body)} ".encode() + body)
    return digest.hexdigest()
