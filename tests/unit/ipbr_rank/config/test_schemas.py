"""What editors know of the configuration files: JSON Schemas, from the types that check them."""

import json
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from ipbr_rank.config.schemas import NAMES, schemas

FILES = [name.removesuffix(".json") for name in NAMES.values()]


def faults(project: Path, name: str, text: str) -> list[str]:
    """The faults that an editor marks in a text; TOML's dates are texts to it."""
    schema = json.loads((project / "data/schemas" / f"{name}.json").read_text("utf-8"))
    tables: Any = json.loads(json.dumps(tomllib.loads(text), default=str))
    jsonschema.Draft202012Validator.check_schema(schema)
    checker = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    return [error.json_path for error in checker.iter_errors(tables)]


def test_schemas_are_up_to_date(project: Path) -> None:
    written = {path.name: path.read_text("utf-8") for path in (project / "data/schemas").iterdir()}
    assert written == schemas(), "run make schemas"


@pytest.mark.parametrize("name", FILES)
def test_a_file_names_its_schema_and_follows_it(project: Path, name: str) -> None:
    text = (project / "data" / f"{name}.toml").read_text("utf-8")
    first, _, _ = text.partition("\n")
    schema = project / "data" / first.removeprefix("#:schema ")
    assert schema == project / "data/schemas" / f"{name}.json"
    assert faults(project, name, text) == []


@pytest.mark.parametrize(
    ("name", "old", "new", "place"),
    [
        ("coefficients", "LMArenaText = 0.35", "LMArenaText = -0.35", "group_weights.CRE"),
        ("coefficients", "trust_threshold =", "trust_treshold =", "aggregation"),
        ("coefficients", "higher_better = true", 'higher_better = "yes"', "metrics"),
        ("coefficients", 'transform = "percentile"', 'transform = "percentil"', "metrics"),
        ("coefficients", "[metrics.LMArenaText]", '[metrics."LMArena Text"]', "metrics"),
        ("required_aliases", "open_weights = false", "open_weights = 0", "models"),
        ("required_aliases", "release_date = 2026", 'release_date = "May 2026" # ', "models"),
        ("required_aliases", '[models."openai/gpt-5.5"]', '[models."gpt-5.5"]', "models"),
        ("score_overrides", "value = 87.6", 'value = "87.6"', "entries[0].value"),
        ("score_overrides", 'url = "https', 'url = "ftp', "entries"),
        ("synthesis_aliases", '= "conservative"', '= "conservatve"', "pair[0].category"),
        ("synthesis_aliases", "sources = [", "sources = []\nnote = [", "pair[0]"),
    ],
)
def test_faults_are_seen_by_an_editor(
    project: Path, name: str, old: str, new: str, place: str
) -> None:
    text = (project / "data" / f"{name}.toml").read_text("utf-8")
    found = faults(project, name, text.replace(old, new, 1))
    assert any(path.startswith(f"$.{place}") for path in found), found
