"""What the tests of landing share."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.registry import Source, load_sources
from ingest.sources import Parts, parser_of

PROJECT = Path(__file__).resolve().parents[3]
SOURCES = load_sources(PROJECT)
LANDED_IDS = [
    source.source_id for source in SOURCES.values() if source.cache_file and source.is_recorded
]


@pytest.fixture(params=LANDED_IDS)
def source_id(request: pytest.FixtureRequest) -> str:
    """Runs a test once for each source with a response on record."""
    return request.param


@pytest.fixture(scope="session")
def sources() -> dict[str, Source]:
    """All rows of seeds/sources.csv."""
    return SOURCES


@pytest.fixture(scope="session")
def fixtures(project: Path) -> Path:
    """The folder of cut-down responses."""
    return project / "data" / "fixtures"


@pytest.fixture(scope="session")
def fixture_body(fixtures: Path) -> Callable[[str], bytes]:
    """Gives the fixture's bytes of a source."""
    return lambda source_id: (fixtures / SOURCES[source_id].cache_file).read_bytes()


@pytest.fixture(scope="session")
def parsed(fixture_body: Callable[[str], bytes]) -> Callable[[str], Parts]:
    """Gives the parsed fixture of a source; each is read once."""
    known: dict[str, Parts] = {}

    def parts(source_id: str) -> Parts:
        if source_id not in known:
            known[source_id] = parser_of(source_id)(fixture_body(source_id))
        return known[source_id]

    return parts
