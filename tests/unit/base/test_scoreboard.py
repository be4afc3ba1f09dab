"""scoreboard.toml as types: nothing is lost, what is wrong is named, the schema is the types'."""

import copy
import re
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from base.scoreboard import (
    Compared,
    NotAScoreboardError,
    Scoreboard,
    checked,
    json_schema,
    read,
    six_decimals,
    tables_of,
    toml_of,
)
from tests.support import golden as expected

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def golden() -> dict[str, Any]:
    """The golden board, read by tomllib alone. Read only."""
    return tomllib.loads(expected.text())


@pytest.fixture
def tables(golden: dict[str, Any]) -> dict[str, Any]:
    """Two of its models, both ranked in some roles, to be broken."""
    names = (FIRST, "openai/gpt-5.4-mini")
    models = [model for model in golden["models"] if model["canonical_id"] in names]
    return copy.deepcopy({**golden, "models": models})


def test_read_and_written_again_it_is_the_same_file() -> None:
    body = expected.text().encode()
    board = read(body, Scoreboard)
    assert len(board.models) > 40
    assert toml_of(tables_of(board)).encode() == body


def test_a_key_of_a_later_version_is_kept(tables: dict[str, Any]) -> None:
    tables["schema_version"] = "1.9.0"
    tables["weather"] = "fair"
    tables["models"][0]["evidence"]["LMArenaText"]["since"] = 3
    board = checked(tables, Scoreboard)
    assert tables_of(board) == tables
    del tables["weather"]
    assert checked(tables, Scoreboard) != board


def test_files_of_1_1_have_neither_edition_nor_intervals(tables: dict[str, Any]) -> None:
    del tables["edition"]
    for model in tables["models"]:
        del model["intervals"]
        model["ranks"] = {role_id: model["ranks"][role_id] for role_id in "ipbr"}
    board = checked(tables, Scoreboard)
    assert board.edition == "full"
    assert {model.intervals for model in board.models} == {None}


def test_files_of_1_0_can_be_compared_with(tables: dict[str, Any]) -> None:
    tables["schema_version"] = "1.0.0"
    for model in tables["models"]:
        for key in ("ranks", "evidence", "groups", "coverage"):
            del model[key]
    compared = checked(tables, Compared)
    assert [model.ranks.b for model in compared.models] == [None, None]
    with pytest.raises(NotAScoreboardError, match="with ranks of "):
        checked(tables, Scoreboard)


def put(tables: dict[str, Any], path: str, value: Any) -> None:
    """Set what stands at a dotted path; without a value it is taken away."""
    *parents, last = path.split(".")
    table: Any = tables
    for key in parents:
        table = table[int(key) if isinstance(table, list) else key]
    if value is None:
        del table[last]
    else:
        table[int(last) if isinstance(table, list) else last] = value


FIRST = "google/gemini-2.5-flash"


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        ("schema_version", None, "with schema_version, found nothing"),
        ("schema_version", "2.0.0", "with a version 1.… as schema_version, found '2.0.0'"),
        ("generated_at", "lately", "with an ISO 8601 time as generated_at, found 'lately'"),
        ("generated_at", 3, "with an ISO 8601 time as generated_at, found 3"),
        ("sources", [], "with a table as sources, found []"),
        (
            "sources.gso.status",
            "tired",
            "with 'verified', 'stale', 'skipped', 'failed' or 'withheld' as ",
        ),
        ("sources.gso.n_rows_ingested", -1, "with a number from 0 up as sources.gso.n_rows"),
        ("models", 3, "with a list as models, found 3"),
        ("models.1", 3, "with a table as model number 2, found 3"),
        ("models.1.canonical_id", None, "with canonical_id of model number 2, found nothing"),
        ("models.1.canonical_id", FIRST, f"with every model once, found '{FIRST}' twice"),
        ("models.0.vendor", 3, f"with a string as vendor of {FIRST}, found 3"),
        ("models.0.aliases", "x", f"with a list as aliases of {FIRST}, found 'x'"),
        ("models.0.scores.i_raw", None, f"with scores.i_raw of {FIRST}, found nothing"),
        ("models.0.scores.i_raw", 100.1, f"with a number up to 100 as scores.i_raw of {FIRST}"),
        ("models.0.scores.i_raw", float("nan"), "with a finite number as scores.i_raw of"),
        ("models.0.scores.i_raw", True, "with a number as scores.i_raw of"),
        ("models.0.ranks.p", 0, f"with a number from 1 up as ranks.p of {FIRST}, found 0"),
        ("models.0.ranks.p", 2**40, "with a number below 2147483648 as ranks.p of"),
        ("models.0.ranks.p", 1.0, "with a whole number as ranks.p of"),
        ("models.0.ranks.p_tier", None, f"with ranks.p_tier of {FIRST}, found nothing"),
        ("models.0.coverage.CRE", None, f"with coverage.CRE of {FIRST}, found nothing"),
        ("models.0.raw_metrics.GSO", 10**400, f"with a number as raw_metrics.GSO of {FIRST}"),
        ("models.0.evidence.GSO", None, f"with evidence.GSO of {FIRST}, found nothing"),
        ("models.0.evidence.GSO.source", None, f"with evidence.GSO.source of {FIRST}, found no"),
        ("models.0.evidence.GSO.class", "so", "with 'direct', 'reported' or 'synthesised' as "),
        ("models.0.evidence.GSO.donor", None, f"with evidence.GSO.donor of {FIRST}, found noth"),
        ("models.0.missing.synthesis_dominant", 1, "with true or false as missing.synthesis_dom"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(
    tables: dict[str, Any], path: str, value: Any, told: str
) -> None:
    assert tables["models"][0]["canonical_id"] == FIRST
    put(tables, path, value)
    with pytest.raises(NotAScoreboardError) as caught:
        checked(tables, Scoreboard)
    assert f"expected a scoreboard.toml {told}" in str(caught.value)


@pytest.mark.parametrize("body", [b"[", b"\xff", b"a = " + b"[" * 5000], ids=["[", "ff", "deep"])
def test_what_is_no_toml_is_told_as_that(body: bytes) -> None:
    with pytest.raises(
        NotAScoreboardError, match=r"^expected a scoreboard.toml, found an unreadable"
    ):
        read(body, Compared)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (78.4, "78.4"),
        (100, "100.0"),
        (0.0, "0.0"),
        (-0.0000001, "0.0"),
        (0.1234565, "0.123456"),
        (0.1234567, "0.123457"),
        (0.0000005, "0.0"),
        (0.000001, "0.000001"),
        (0.00005, "0.00005"),
        (33.333333333, "33.333333"),
        (99.9999999, "100.0"),
    ],
)
def test_scores_have_six_decimals_and_a_point(value: float, text: str) -> None:
    assert str(six_decimals(value)) == text


@pytest.mark.parametrize(
    ("status", "key", "value", "fault"),
    [
        ("provisional", "place", 1, "no place where the status is provisional"),
        ("ranked", "place", None, "place"),
        ("ranked", "expected_p95", None, "expected_p95"),
        ("provisional", "status", "certain", "'ranked' or 'provisional'"),
    ],
)
def test_only_who_is_ranked_has_a_place(
    tables: dict[str, Any], status: str, key: str, value: Any, fault: str
) -> None:
    number, role = next(
        (number, role)
        for number, model in enumerate(tables["models"])
        for role in model["roles"]
        if model["roles"][role]["status"] == status
    )
    put(tables, f"models.{number}.roles.{role}.{key}", value)
    with pytest.raises(NotAScoreboardError) as told:
        checked(tables, Scoreboard)
    assert fault in str(told.value)


@given(st.floats(min_value=0, max_value=100))
def test_every_score_is_written_plainly(value: float) -> None:
    text = str(six_decimals(value))
    assert "." in text
    assert "e" not in text
    assert not text.startswith("-")
    assert abs(float(text) - value) <= 5.0001e-7


def test_the_schema_tells_a_board_from_none(golden: dict[str, Any], tables: dict[str, Any]) -> None:
    validator = jsonschema.Draft202012Validator(json_schema())
    validator.validate(golden)
    put(tables, "models.0.scores.i_raw", 101)
    put(tables, "models.1.evidence.LMArenaText.class", None)
    found = sorted(error.json_path for error in validator.iter_errors(tables))
    assert found == ["$.models[0].scores.i_raw", "$.models[1].evidence.LMArenaText"]


def without_role(path: str, name: str) -> str:
    """A key as the documentation writes it for all roles at once."""
    return "<>" if path == ".models.roles" else re.sub("^[ipbr]_(?!raw|adj)", "", name)


def keys_of(schema: dict[str, Any], node: dict[str, Any], path: str = "") -> set[str]:
    """The dotted keys below a node; `<>` stands for a name that the file chooses, or a role."""
    if "$ref" in node:
        return keys_of(schema, schema["$defs"][node["$ref"].rsplit("/", 1)[1]], path)
    if "items" in node and "$ref" in node["items"]:
        return keys_of(schema, node["items"], path)
    if "properties" in node:
        return {
            key
            for name, child in node["properties"].items()
            for key in keys_of(schema, child, f"{path}.{without_role(path, name)}")
        }
    of_any_name = node.get("additionalProperties")
    return keys_of(schema, of_any_name, f"{path}.<>") if of_any_name else {path}


def test_the_documentation_has_every_key() -> None:
    text = (ROOT / "docs" / "output-schema.md").read_text("utf-8")
    table = text.split("## scoreboard.toml", 1)[1].split("\n## ", 1)[0]
    documented = set()
    for cell in re.findall(r"^\| (`.+?`) \|", table, re.MULTILINE):
        first, *others = (
            re.sub("<role>_", "", key).replace("[]", "") for key in re.findall("`([^`]+)`", cell)
        )
        parent = first.rpartition(".")[0]
        keys = [first, *(f"{parent}.{key}" if parent else key for key in others)]
        documented |= {"." + re.sub("<[a-z]+>", "<>", key) for key in keys}
    by_role = {
        ".models.scores": "i_raw p_raw b_raw r i_adj p_adj b_adj",
        ".models.ranks": "i p b r",
    }
    for table_of_roles, keys_of_roles in by_role.items():
        documented.remove(table_of_roles)
        documented |= {f"{table_of_roles}.{key}" for key in keys_of_roles.split()}
    schema = json_schema()
    assert keys_of(schema, schema) == documented
