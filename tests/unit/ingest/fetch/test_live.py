"""The real endpoints; left out by default (`pytest -m live`)."""

import pytest

from ingest.fetch.download import FetchedSource
from ingest.registry import load_sources
from ipbr_rank.analysis.verify_sources import RESOLVING, check_sources
from ipbr_rank.run.fetching import FETCHING
from ipbr_rank.run.inputs import read_asked
from ipbr_rank.run.progress import Display
from ipbr_rank.run.settings import find_project, make_settings

FETCHED = [s.source_id for s in load_sources(find_project()).values() if s.cache_file]


@pytest.fixture(scope="module")
def rows() -> dict[str, FetchedSource]:
    """What `ipbr-rank verify-sources` finds, by source."""
    settings = make_settings({})
    with Display([FETCHING, RESOLVING], "quiet") as display:
        found, _ = check_sources(read_asked(settings), display)
    return {row.source_id: row for row in found}


@pytest.mark.live
@pytest.mark.parametrize("source_id", FETCHED)
def test_source_is_verified(source_id: str, rows: dict[str, FetchedSource]) -> None:
    row = rows[source_id]
    if row.status == "skipped":
        pytest.skip(row.message)
    assert row.status == "verified", row.message
