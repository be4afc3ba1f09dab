"""seeds/sources.csv, and what is said about a broken one."""

import dataclasses
from pathlib import Path

import pytest

from base.errors import ConfigurationError
from ingest.registry import Source, load_sources


@pytest.fixture
def lines(project: Path, tmp_path: Path) -> list[str]:
    (tmp_path / "seeds").mkdir()
    return (project / "seeds" / "sources.csv").read_text(encoding="utf-8").splitlines()


def load(tmp_path: Path, lines: list[str]) -> dict[str, Source]:
    (tmp_path / "seeds" / "sources.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return load_sources(tmp_path)


def test_a_field_per_column_in_file_order(lines: list[str], tmp_path: Path) -> None:
    sources = load(tmp_path, lines)
    assert lines[0].split(",") == [field.name for field in dataclasses.fields(Source)]
    assert list(sources) == [line.split(",")[0] for line in lines[1:]]


def test_types_and_empty_cells(lines: list[str], tmp_path: Path) -> None:
    sources = load(tmp_path, lines)
    assert sources["lmarena"].ttl_hours == 24
    assert sources["lmarena"].secret_variable == "HF_TOKEN"
    assert sources["lmarena"].is_secret_required is False
    assert sources["artificial_analysis"].is_secret_required is True
    assert sources["gso"].secret_variable is None
    assert sources["overrides"].cache_file is None
    assert sources["overrides"].minimum_rows is None


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("gso,", "GSO!,", "row 13: expected a source_id in lower snake case, found 'GSO!'"),
        ("gso,", "lmarena,", "row 13: source_id 'lmarena' occurs twice"),
        ("gso.json,48,10,", "gso.json,48,ten,", "row 13: .* minimum_rows, found 'ten'"),
        ("gso.json,48,10,", "gso.json,,10,", "row 13: ttl_hours is empty"),
        (",false,none stated,unknown,GSO", ",no,none stated,unknown,GSO", "row 13: .* 'no'"),
        ("gso,GSO,GSO", "gso,,GSO", "row 13: display_name is empty"),
        ("gso,GSO,", "gso,GSO,x,", "row 13: expected one cell per column"),
        ("source_id,", "id,", "expected the columns source_id, .* found id, "),
    ],
)
def test_broken_file(old: str, new: str, message: str, lines: list[str], tmp_path: Path) -> None:
    at = next(number for number, line in enumerate(lines) if old in line)
    lines[at] = lines[at].replace(old, new)
    with pytest.raises(ConfigurationError, match=r"seeds/sources\.csv.*" + message):
        load(tmp_path, lines)


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot read the list of sources"):
        load_sources(tmp_path)
