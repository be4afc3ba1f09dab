"""When every source that is asked for fails: what ends the run, what is told, what stays."""

import json
import shutil
import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import click.testing
import duckdb
import pytest

from base.errors import IpbrError
from ingest.fetch.client import TransportSettings
from ingest.registry import Source
from ipbr_rank.cli import main as cli
from ipbr_rank.run import fetching
from ipbr_rank.run.run_log import LOG
from tests.support.played_sources import KEYS, Played, faults_at, status

Run = Callable[..., click.testing.Result]
# These tests ask a server of their own, which a run tells.
BASE_URL = "IPBR_BASE_URL"


def tree(folder: Path) -> dict[str, bytes]:
    """Database and --out, byte for byte."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.relative_to(folder).parts[0] in ("board.duckdb", "out")
    }


@pytest.fixture
def run(tmp_path: Path, settings: TransportSettings, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command line in this process, beside a database and an --out that have to stay."""
    duckdb.connect(str(tmp_path / "board.duckdb")).close()
    (tmp_path / "out" / "site").mkdir(parents=True)
    (tmp_path / "out" / "scoreboard.toml").write_text("scores")
    (tmp_path / "out" / "site" / "index.html").write_text("a page")
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(fetching, "transport_settings", lambda *_: settings)
    monkeypatch.setattr(LOG, "form", "text")
    for name, place in {"OUT": "out", "CACHE": "cache", "DATABASE": "board.duckdb"}.items():
        monkeypatch.setenv(f"IPBR_{name}", place)

    def call(*arguments: str) -> click.testing.Result:
        before = tree(tmp_path)
        result = click.testing.CliRunner().invoke(cli.cli, arguments)
        assert tree(tmp_path) == before
        return result

    return call


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch, settings: TransportSettings, run: Run) -> None:
    """No name resolves."""

    def resolve(*_: object, **__: object) -> list:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    nowhere = replace(settings, base_url_override="http://nowhere.invalid")
    monkeypatch.setattr(fetching, "transport_settings", lambda *_: nowhere)


def told(result: click.testing.Result) -> list[str]:
    """What stands on the terminal after a run that failed."""
    assert isinstance(result.exception, IpbrError), result.exception
    assert result.exception.exit_code == 1
    assert result.stdout == ""
    return [*result.stderr.splitlines(), f"error: {result.exception}"]


def beginnings(lines: list[str]) -> list[str]:
    """What each line is about."""
    return [line.partition(":")[0] for line in lines]


@pytest.fixture
def n_fetched(sources: dict[str, Source]) -> int:
    """How many sources are fetched by a run of all."""
    return sum(source.cache_file is not None for source in sources.values())


@pytest.mark.parametrize("more", [[], ["--quiet"]])
@pytest.mark.parametrize("command", ["all", "fetch"])
def test_without_a_network(
    run: Run, no_network: None, n_fetched: int, command: str, more: list[str]
) -> None:
    lines = told(run(command, *more))
    before = {"all": ["Configuration", BASE_URL, "Fetching"], "fetch": [BASE_URL, "Fetching"]}
    assert beginnings(lines) == [*([] if more else before[command]), "error"]
    assert (
        f"none of {n_fetched} sources could be fetched, and --cache cache has none of them"
        in lines[-1]
    )
    assert lines[-1].endswith("(name resolution failed); are you offline?")
    assert "\n".join(lines).count("offline") == 1


def test_the_one_source_that_was_asked_for(run: Run, played: Played) -> None:
    played.faults["/gso-bench.github.io"] = status(404)
    (line,) = told(run("fetch", "--only", "gso", "--quiet"))
    assert line.startswith("error: gso could not be fetched, and --cache cache does not have it: ")
    assert "found 404 Not Found" in line


def test_every_source_fails_in_a_way_of_its_own(
    run: Run, played: Played, sources: dict[str, Source], n_fetched: int
) -> None:
    for number, source in enumerate(s for s in sources.values() if s.cache_file):
        played.faults |= faults_at(source, status((404, 410, 501)[number % 3]))
    lines = told(run("fetch"))
    assert beginnings(lines) == [BASE_URL, "Fetching", "error"]
    assert "offline" not in lines[-1]
    assert lines[-1].endswith(f"and {n_fetched - 1} more, which --verbose shows")


def test_a_key_that_is_missing_is_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AA_API_KEY")
    (line,) = told(run("fetch", "--quiet", "--only", "artificial_analysis"))
    assert "AA_API_KEY is not set" in line


@pytest.mark.parametrize("more", [[], ["--only", "gso"]])
def test_score_of_an_empty_cache(run: Run, tmp_path: Path, more: list[str]) -> None:
    (tmp_path / "cache").mkdir()
    lines = told(run("score", *more))
    assert len(lines) == 2
    told_first = "nothing was scored; the last board is kept: no source can be read from --cache "
    assert lines[-1].startswith(f"error: {told_first}cache: ")


def test_what_is_cached_is_enough(
    run: Run, no_network: None, filled: Path, tmp_path: Path, aged: Callable[..., None]
) -> None:
    """Every source is stale: that is no failure, and told once, also with --quiet."""
    shutil.copytree(filled, tmp_path / "cache")
    aged()
    result = run("fetch", "--quiet")
    assert (result.exit_code, result.exception) == (0, None)
    assert " ".join(result.stderr.split()).startswith("stale openrouter, lmarena, ")
    assert result.stderr.count("offline") == 1


def test_a_failure_is_told_also_when_quiet(run: Run, played: Played) -> None:
    played.faults["/gso-bench.github.io"] = status(404)
    result = run("fetch", "--quiet", "--only", "gso,bfcl")
    assert result.exit_code == 0
    assert result.stderr.startswith("failed gso: cannot fetch https://gso-bench.github.io/")


def events(result: click.testing.Result) -> dict[str, dict]:
    """The events of the sources, by source."""
    lines = map(json.loads, result.stderr.splitlines())
    return {line["source_id"]: line for line in lines if line["event"] == "source"}


def test_every_source_is_an_event(run: Run, played: Played, n_fetched: int) -> None:
    played.faults["/gso-bench.github.io"] = status(404)
    found = events(run("fetch", "--log-format", "json", "--only", "gso,bfcl"))
    assert len(found) == n_fetched
    assert (found["gso"]["status"], found["gso"]["level"]) == ("failed", "warning")
    assert "404" in found["gso"]["message"]
    assert (found["bfcl"]["status"], found["bfcl"]["n_tries"]) == ("verified", 1)
    assert found["sonar"]["status"] == "skipped"


def test_every_source_is_an_event_of_its_verification(
    run: Run, played: Played, n_fetched: int
) -> None:
    played.faults["/gso-bench.github.io"] = status(404)
    found = events(run("verify-sources", "--log-format", "json", "--only", "gso"))
    assert len(found) == n_fetched
    assert (found["gso"]["status"], found["gso"]["n_models"]) == ("failed", None)


def test_every_source_is_an_event_of_a_run_without_any(
    run: Run, no_network: None, n_fetched: int
) -> None:
    for command in ("all", "fetch"):
        found = events(run(command, "--log-format", "json"))
        assert {event["status"] for event in found.values()} == {"failed"}
        assert len(found) == n_fetched
