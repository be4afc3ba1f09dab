"""What is not believed of a host: where it sends us, how much it has, and what its clock says."""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from base.errors import ConfigurationError, FetchError
from ingest.fetch.client import Client, TransportSettings, _is_private
from ingest.fetch.download import (
    GREATEST_GROWTH,
    SKEW_SECONDS,
    FetchedSource,
    is_fresh,
    transport_settings,
)
from ingest.registry import Source
from tests.support.played_sources import KEYS, Played

Fetch = Callable[..., dict[str, FetchedSource]]


@pytest.mark.parametrize(
    "target",
    [
        "https://127.0.0.1/x",
        "https://localhost/x",
        "https://api.localhost/x",
        "https://169.254.169.254/latest/meta-data/",
        "https://10.1.2.3/x",
        "https://192.168.0.1/x",
        "https://[::1]/x",
        "https://[fd00::1]/x",
        "https://gso-bench.github.io:8443/x",
        "http://gso-bench.github.io/x",
    ],
)
def test_redirects_lead_to_public_hosts_on_their_port(target: str) -> None:
    client = Client("gso", TransportSettings("test", base_url_override="http://127.0.0.1:9"))
    with pytest.raises(FetchError, match=r"redirects to (https|public) addresses only"):
        client._redirected("https://gso-bench.github.io/a", "https://gso-bench.github.io/a", target)


def test_a_redirect_to_a_public_host_is_followed() -> None:
    client = Client("gso", TransportSettings("test", base_url_override="http://127.0.0.1:9"))
    for target in ("https://example.org/x", "https://example.org:443/x", "/b"):
        assert client._redirected("https://a.example/a", "https://a.example/a", target)


def test_a_name_that_resolves_to_this_network_is_private(monkeypatch: pytest.MonkeyPatch) -> None:
    places = {"inside.example": "10.0.0.7", "outside.example": "93.184.216.34"}

    def resolve(host: str, port: int) -> list[tuple[object, ...]]:
        return [(2, 1, 6, "", (places[host], port))]

    monkeypatch.setattr("socket.getaddrinfo", resolve)
    assert _is_private("inside.example", resolves=True)
    assert not _is_private("outside.example", resolves=True)
    assert not _is_private("inside.example", resolves=False)


def test_a_board_that_grows_beyond_measure_is_refused(
    fetch: Fetch, played: Played, cache: Path, sources: dict[str, Source], aged: Callable[..., None]
) -> None:
    source = sources["openrouter"]
    assert fetch(only=["openrouter"])["openrouter"].status == "verified"
    before = (cache / source.cache_file).read_bytes()
    document = json.loads(before)
    n_most = GREATEST_GROWTH * max(len(document["data"]), source.minimum_rows)
    more = [{**document["data"][0], "id": f"a/{n}"} for n in range(n_most + 1)]
    played.serve("openrouter", json.dumps({"data": more}).encode())
    aged()
    row = fetch(only=["openrouter"])["openrouter"]
    assert row.status == "stale"
    assert "expected at most" in (row.message or "")
    assert (cache / source.cache_file).read_bytes() == before


@pytest.mark.parametrize(
    ("age", "expected"),
    [(0, True), (3600, True), (-SKEW_SECONDS / 2, True), (-3600, False), (10**9, False)],
)
def test_a_response_from_the_future_is_due(
    age: float, expected: bool, sources: dict[str, Source]
) -> None:
    assert is_fresh(age, sources["gso"]) is expected


def test_a_cache_file_from_the_future_is_asked_for(
    fetch: Fetch, played: Played, cache: Path, sources: dict[str, Source]
) -> None:
    fetch(only=["gso"])
    ahead = time.time() + 10**8
    os.utime(cache / sources["gso"].cache_file, (ahead, ahead))
    played.asked.clear()
    assert fetch(only=["gso"])["gso"].tries == 1


@pytest.mark.parametrize("base", ["http://example.org", "https://10.0.0.1:80", "nonsense"])
def test_all_sources_are_played_on_this_machine_only(base: str) -> None:
    with pytest.raises(ConfigurationError, match="IPBR_BASE_URL is only for tests"):
        transport_settings("test", {"IPBR_BASE_URL": base})
    for own in ("http://127.0.0.1:8000/", "http://localhost:1", "http://[::1]:2"):
        settings = transport_settings("test", {"IPBR_BASE_URL": own})
        assert settings.base_url_override == own.rstrip("/")


def test_a_key_of_another_source_in_a_body_is_chance(fetch: Fetch, cache: Path) -> None:
    # Every response holds this word; only a host that was sent it could repeat it.
    keys = {**KEYS, "AA_API_KEY": "claude"}
    assert fetch(only=["gso"], keys=keys)["gso"].status == "verified"
    assert b"claude" in (cache / "gso.json").read_bytes().lower()
