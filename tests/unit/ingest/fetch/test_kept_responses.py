"""Raw responses by the hash of their content: kept, forgotten, restored."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from base.errors import ConfigurationError
from ingest.fetch.kept_responses import keep_generation, restore_generation
from ingest.registry import load_sources

START = datetime(2026, 11, 7, 12, tzinfo=UTC)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    folder = tmp_path / "cache"
    folder.mkdir()
    (folder / "bfcl.csv").write_text("never changes")
    (folder / "other.txt").write_text("no source")
    return folder


@pytest.fixture
def keep(cache: Path, project: Path):
    """Writes the answer of a day and keeps the generation."""
    sources = load_sources(project)

    def run(day: int, content: str, count: int = 3) -> None:
        (cache / "gso.json").write_text(content)
        (cache / "gso.json.meta.json").write_text("{}")
        keep_generation(cache, sources, START + timedelta(days=day), count)

    return run


def files(cache: Path) -> list[str]:
    return sorted(path.read_text() for path in (cache / "raw").iterdir() if path.is_file())


def test_content_is_kept_once_and_forgotten_with_its_last_generation(cache, keep):
    for day, content in enumerate(["a", "b", "a", "c"]):
        keep(day, content)
    # The first generation is gone; "a" is still that of the third.
    assert files(cache) == ["a", "b", "c", "never changes", "{}"]
    keep(4, "c", count=2)
    assert files(cache) == ["c", "never changes", "{}"]


@pytest.mark.parametrize(
    ("hours", "content", "day"), [(0, "a", 0), (23, "a", 0), (24, "b", 1), (999, "c", 2)]
)
def test_the_generation_of_a_time(cache, keep, tmp_path, hours, content, day):
    for number, text in enumerate(["a", "b", "c"]):
        keep(number, text)
    found = restore_generation(cache, START + timedelta(hours=hours), tmp_path / "then")
    assert found == START + timedelta(days=day)
    assert {path.name: path.read_text() for path in (tmp_path / "then").iterdir()} == {
        "gso.json": content,
        "gso.json.meta.json": "{}",
        "bfcl.csv": "never changes",
    }


def test_a_time_before_all_generations(cache, keep, tmp_path):
    with pytest.raises(ConfigurationError, match="none were kept"):
        restore_generation(cache, START, tmp_path / "then")
    keep(0, "a")
    with pytest.raises(ConfigurationError, match="the first are from 2026-11-07T120000Z"):
        restore_generation(cache, START - timedelta(seconds=1), tmp_path / "then")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda path: path.unlink(), "missing"),
        (lambda path: path.write_text("b"), "changed since it was kept"),
    ],
)
def test_a_file_that_is_lost_or_changed_is_told(cache, keep, tmp_path, change, said):
    keep(0, "a")
    change(next(p for p in (cache / "raw").iterdir() if p.is_file() and p.read_text() == "a"))
    with pytest.raises(ConfigurationError, match=said):
        restore_generation(cache, START, tmp_path / "then")


@pytest.mark.parametrize("text", ["[]", "{", '{"../x": "' + "a" * 64 + '"}', '{"x": "../../y"}'])
def test_a_damaged_generation_is_told(cache, keep, tmp_path, text):
    keep(0, "a")
    next((cache / "raw" / "generations").iterdir()).write_text(text)
    with pytest.raises(ConfigurationError):
        restore_generation(cache, START, tmp_path / "then")
