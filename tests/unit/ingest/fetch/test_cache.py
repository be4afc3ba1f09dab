"""A cached response and its sidecar."""

import hashlib
import json
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from base.errors import SourceError
from ingest.fetch import cache as cache_module
from ingest.fetch.cache import read_cached, renew, write_cached
from ingest.registry import Source

BODY = b'{"models":[]}'
SHA256 = hashlib.sha256(BODY).hexdigest()


@pytest.fixture
def gso(sources: dict[str, Source]) -> Source:
    return sources["gso"]


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """A cache with one body, last modified at a known time."""
    path = tmp_path / "gso.json"
    path.write_bytes(BODY)
    modified_at = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC).timestamp()
    os.utime(path, (modified_at, modified_at))
    return tmp_path


def write_sidecar(cache: Path, content: object) -> None:
    (cache / "gso.json.meta.json").write_text(json.dumps(content), encoding="utf-8")


def test_no_file_is_none(gso: Source, tmp_path: Path) -> None:
    assert read_cached(gso, tmp_path) is None


def test_a_pipe_is_not_waited_for(gso: Source, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "gso.json")
    with pytest.raises(SourceError, match="expected a file, found something else"):
        read_cached(gso, tmp_path)


def test_without_sidecar_the_time_is_that_of_the_file(gso: Source, cache: Path) -> None:
    response = read_cached(gso, cache)
    assert response.body == BODY
    assert response.sha256 == SHA256
    assert response.url == gso.endpoint
    assert response.fetched_at == datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
    assert response.content_changed_at == response.fetched_at
    assert response.http_status is None
    assert response.etag is None


def test_sidecar_of_this_body_is_used(gso: Source, cache: Path) -> None:
    sidecar = {
        "sha256": SHA256,
        "url": "https://example.org/x",
        "fetched_at": "2026-04-26T13:00:00+02:00",
        "content_changed_at": "2026-04-23T00:00:00Z",
        "http_status": 200,
        "etag": 'W/"1"',
        "last_modified": None,
    }
    write_sidecar(cache, sidecar)
    response = read_cached(gso, cache)
    assert response.url == "https://example.org/x"
    assert response.fetched_at == datetime(2026, 4, 26, 11, tzinfo=UTC)
    assert response.content_changed_at == datetime(2026, 4, 23, tzinfo=UTC)
    assert response.http_status == 200
    assert response.etag == 'W/"1"'


def test_unchanged_content_is_as_old_as_its_download(gso: Source, cache: Path) -> None:
    write_sidecar(cache, {"sha256": SHA256, "fetched_at": "2026-04-26T11:00:00Z"})
    assert read_cached(gso, cache).content_changed_at == datetime(2026, 4, 26, 11, tzinfo=UTC)


def test_sidecar_of_another_body_is_not_used(gso: Source, cache: Path) -> None:
    write_sidecar(cache, {"sha256": "0" * 64, "fetched_at": "2020-01-01T00:00:00Z", "etag": "x"})
    response = read_cached(gso, cache)
    assert response.fetched_at == datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
    assert response.etag is None


@pytest.mark.parametrize(
    "content", [[], {"sha256": SHA256, "fetched_at": "lately"}, {"sha256": SHA256, "fetched_at": 1}]
)
def test_broken_sidecar_names_the_file_and_what_to_do(
    content: object, gso: Source, cache: Path
) -> None:
    write_sidecar(cache, content)
    with pytest.raises(SourceError, match=r"gso\.json\.meta\.json: expected .* delete the file"):
        read_cached(gso, cache)


def test_sidecar_that_is_no_json(gso: Source, cache: Path) -> None:
    (cache / "gso.json.meta.json").write_bytes(b"{")
    with pytest.raises(SourceError, match=r"expected a JSON object, found .* delete the file"):
        read_cached(gso, cache)


def test_folder_in_place_of_a_file(gso: Source, tmp_path: Path) -> None:
    (tmp_path / "gso.json").mkdir()
    with pytest.raises(SourceError, match=r"gso: cannot read .*gso\.json: expected a file"):
        read_cached(gso, tmp_path)


class Killed(BaseException):
    """Nothing after this moment is done."""


@pytest.mark.parametrize("n_written", [0, 1, 2])
def test_killed_between_sidecar_and_body(
    n_written: int, gso: Source, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_sidecar(cache, {"sha256": SHA256, "fetched_at": "2026-04-26T11:00:00Z", "etag": "old"})
    old = read_cached(gso, cache)
    body = b'{"models":[1]}'
    new = replace(
        old,
        body=body,
        sha256=hashlib.sha256(body).hexdigest(),
        fetched_at=datetime(2026, 5, 1, tzinfo=UTC),
        content_changed_at=datetime(2026, 5, 1, tzinfo=UTC),
        etag="new",
    )
    replace_file, left = cache_module.replace_file, [n_written]

    def until_killed(path: Path, content: bytes) -> None:
        if not left[0]:
            raise Killed
        left[0] -= 1
        replace_file(path, content)

    monkeypatch.setattr(cache_module, "replace_file", until_killed)
    try:
        write_cached(new)
    except Killed:
        assert n_written < 2
    found = read_cached(gso, cache)
    expected = new if n_written == 2 else old
    assert (found.body, found.sha256, found.fetched_at, found.content_changed_at) == (
        (expected.body, expected.sha256, expected.fetched_at, expected.content_changed_at)
    )
    # Killed again and again, the sidecar does not grow.
    monkeypatch.setattr(cache_module, "replace_file", replace_file)
    sizes = set()
    for number in range(5):
        next_body = b'{"models":[%d]}' % number
        write_cached(replace(new, body=next_body, sha256=hashlib.sha256(next_body).hexdigest()))
        sizes.add((cache / "gso.json.meta.json").stat().st_size)
    assert len(sizes) <= 2


def test_killed_while_renewing_leaves_a_file_that_is_asked_for_again(
    gso: Source, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (cache / "gso.json").stat().st_mtime

    def killed(path: Path) -> None:
        raise Killed

    monkeypatch.setattr(os, "utime", killed)
    with pytest.raises(Killed):
        renew(replace(read_cached(gso, cache), fetched_at=datetime(2026, 5, 1, tzinfo=UTC)))
    assert (cache / "gso.json").stat().st_mtime == before
    assert read_cached(gso, cache).fetched_at == datetime(2026, 5, 1, tzinfo=UTC)
