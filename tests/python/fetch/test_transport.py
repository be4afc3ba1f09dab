"""Headers that any server may send: whatever stands in them, the client keeps its head."""

import gzip
import time
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import FetchError
from ingest.transport import Client, TransportSettings, _Gunzip, _TryAgainError, wanted_wait

SETTINGS = TransportSettings("test", base_url_override="http://127.0.0.1:9")


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"Retry-After": "7"}, 7),
        ({"Retry-After": " 7 "}, 7),
        ({"Retry-After": "-7"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "Sun, 06 Nov 1994 08:49:37 GMT"}, 0),
        ({"Retry-After": "soon", "X-RateLimit-Reset": "60"}, 60),
        ({"X-RateLimit-Reset": "1000000001"}, 0),
    ],
)
def test_wanted_wait(headers: dict[str, str], expected: float | None) -> None:
    assert wanted_wait(headers) == expected


def test_wait_until_a_time() -> None:
    at = int(time.time()) + 100
    assert 90 < wanted_wait({"X-RateLimit-Reset": str(at)}) <= 100


@given(st.text(max_size=60), st.text(max_size=30))
def test_any_wait_header(retry_after: str, reset: str) -> None:
    wait = wanted_wait({"Retry-After": retry_after, "X-RateLimit-Reset": reset})
    assert wait is None or wait >= 0


@given(st.text(max_size=60) | st.sampled_from(["//x", "https:x", "http://a", "HTTPS://A/b"]))
def test_any_location_is_https_or_refused(location: str) -> None:
    client = Client("gso", SETTINGS)
    try:
        target = client._redirected("https://a.example/b", "https://a.example/b", location)
    except FetchError as error:
        assert str(error).isprintable()
    else:
        assert target.startswith("https://")


@given(st.binary(max_size=3000), st.integers(1, 500))
def test_gzip_in_any_pieces(content: bytes, size: int) -> None:
    packed = gzip.compress(content)
    gunzip = _Gunzip()
    pieces = [packed[start : start + size] for start in range(0, len(packed), size)]
    assert b"".join(part for piece in [*pieces, b""] for part in gunzip(piece)) == content


@given(st.binary(max_size=300), st.integers(0, 100))
def test_any_bytes_as_gzip(content: bytes, cut: int) -> None:
    gunzip = _Gunzip()
    try:
        for piece in (gzip.compress(content)[:cut] + content, b""):
            list(gunzip(piece))
    except _TryAgainError:
        pass


def test_bomb_is_inflated_in_small_steps() -> None:
    packed = gzip.compress(b" " * 50_000_000)
    assert len(packed) < 60_000
    steps = [len(step) for step in _Gunzip()(packed)]
    assert max(steps) <= 2**20
    assert sum(steps) == 50_000_000
    assert zlib.decompress(packed, 31)[:1] == b" "
