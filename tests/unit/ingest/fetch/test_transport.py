"""Headers that any server may send: whatever stands in them, the client keeps its head."""

import gzip
import time
import tracemalloc
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from base.errors import FetchError
from ingest.fetch.client import Client, TransportSettings, _TryAgainError, wanted_wait

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
        ({"RateLimit": '"api";r=0;t=55'}, 55),
        ({"RateLimit": '"api"; r=0; t=55'}, 55),
        ({"RateLimit": '"api";r=0', "X-RateLimit-Reset": "3"}, 3),
        ({"RateLimit": '"api";r=0;t=soon'}, None),
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


@given(st.lists(st.binary(max_size=1000), min_size=1, max_size=4))
def test_gzip_in_several_parts(parts: list[bytes]) -> None:
    packed = b"".join(map(gzip.compress, parts))
    assert Client("gso", SETTINGS)._decompressed("https://a.example", packed) == b"".join(parts)


@given(st.binary(min_size=1, max_size=300), st.data())
def test_gzip_that_breaks_off_is_never_taken_for_whole(content: bytes, data: st.DataObject) -> None:
    packed = gzip.compress(content)
    cut = data.draw(st.integers(0, len(packed) - 1))
    with pytest.raises(_TryAgainError, match=r"ends early|not gzip"):
        Client("gso", SETTINGS)._decompressed("https://a.example", packed[:cut])


@given(st.binary(max_size=300), st.integers(0, 100))
def test_any_bytes_as_gzip_are_read_or_refused(content: bytes, cut: int) -> None:
    damaged = gzip.compress(content)[:cut] + content
    try:
        body = Client("gso", SETTINGS)._decompressed("https://a.example", damaged)
    except _TryAgainError:
        return
    # Only what is whole may come through: nothing but zeros stands behind the packed part.
    assert body == gzip.decompress(damaged)


def test_bomb_is_refused_in_bounded_memory() -> None:
    packed = 8 * gzip.compress(b" " * 50_000_000)
    assert len(packed) < 400_000
    client = Client("gso", replace(SETTINGS, maximum_body_bytes=10_000_000))
    tracemalloc.start()
    try:
        with pytest.raises(FetchError, match="at most 10,000,000 bytes, found more"):
            client._decompressed("https://a.example", packed)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 25_000_000
