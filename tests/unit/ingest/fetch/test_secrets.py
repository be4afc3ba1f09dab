"""Where secrets come from, and where their values never show."""

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from base.errors import ConfigurationError
from ingest.fetch.secrets import Secrets, load_secrets, read_dotenv
from tests.support.fetch_fixtures import columns_with


def load(tmp_path: Path, **places: object) -> Secrets:
    defaults = {"files": {}, "environment": {}, "dotenv": tmp_path / ".env"}
    return load_secrets(["AA_API_KEY", "HF_TOKEN"], **{**defaults, **places})


def test_file_before_environment_before_dotenv(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("from-file-0123456\n")
    (tmp_path / ".env").write_text("AA_API_KEY=from-dotenv-0123456\nHF_TOKEN=from-dotenv-0123456\n")
    environment = {"AA_API_KEY": "from-environment-0123456", "HF_TOKEN": "from-environment-0123456"}
    everywhere = load(tmp_path, files={"AA_API_KEY": key}, environment=environment)
    assert everywhere.get("AA_API_KEY") == "from-file-0123456"
    assert everywhere.get("HF_TOKEN") == "from-environment-0123456"
    assert load(tmp_path).get("AA_API_KEY") == "from-dotenv-0123456"
    assert load(tmp_path, environment={"AA_API_KEY": ""}).get("AA_API_KEY") == "from-dotenv-0123456"
    assert load(tmp_path, dotenv=tmp_path / "none").get("AA_API_KEY") is None
    assert everywhere.get(None) is None


def test_dotenv_lines(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text(
        "# comment=1\n\nA=plain\nexport B = spaced  # why\nC='single # kept'\nD=\"double\" # x\n"
        "E=a=b\nF=\nG\n",
        encoding="utf-8",
    )
    assert read_dotenv(path) == {
        "A": "plain",
        "B": "spaced",
        "C": "single # kept",
        "D": "double",
        "E": "a=b",
        "F": "",
        "G": "",
    }


def test_broken_line_of_dotenv_is_told_unseen(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("HF_TOKEN=a\nAA_API_KEY='s3cret-value\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"\.env: line 2 cannot be read") as caught:
        load(tmp_path)
    assert "s3cret-value" not in str(caught.value)


@pytest.mark.parametrize("value", ["two words", "line\nbreak", "schlüssel", "tab\tin", "nul\0"])
def test_value_that_no_header_can_carry_is_refused_unseen(value: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, environment={"AA_API_KEY": value})
    assert "AA_API_KEY: expected one word of printable ASCII characters" in str(caught.value)
    assert value not in str(caught.value)


def test_key_file_that_is_empty_or_none(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    for name, told in {
        "empty": "is empty; expected the key",
        "binary": "not UTF-8 text",
        "": "Is a directory",
    }.items():
        with pytest.raises(ConfigurationError, match=told):
            load(tmp_path, files={"AA_API_KEY": tmp_path / name})


def test_values_are_redacted_in_every_spelling() -> None:
    secrets = Secrets({"A": "key/with+signs", "B": "key/with+signs/longer"})
    text = secrets.redact("x key/with+signs/longer y key%2Fwith%2Bsigns z key/with+signs")
    assert text == "x [redacted] y [redacted] z [redacted]"
    assert secrets.redact_bytes(b"<key/with+signs>") == b"<[redacted]>"
    assert repr(secrets) == "Secrets(A, B)"
    assert repr(Secrets()) == "Secrets(none)"


def test_traceback_that_ends_the_program_shows_no_value(project: Path) -> None:
    program = (
        "from ingest.fetch.secrets import Secrets, hide_in_tracebacks\n"
        "hide_in_tracebacks(Secrets({'A': 's3cret-value'}))\n"
        "raise ValueError('cannot send s3cret' + '-value')\n"
    )
    process = subprocess.run(
        [sys.executable, "-c", program], cwd=project, capture_output=True, text=True, timeout=60
    )
    assert process.returncode == 1
    assert "ValueError: cannot send [redacted]" in process.stderr
    assert "s3cret-value" not in process.stderr


def test_a_secret_in_a_compressed_column_is_found(tmp_path: Path) -> None:
    """The search that every test of fetching ends with, `no_secret_is_left`."""
    secrets = ["s3cret-one", "s3cret-two", "s3cret-three"]
    database, file = tmp_path / "board.duckdb", tmp_path / "rows.parquet"
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            "create schema raw; create table raw.rows as "
            "select range as n, ['a', 'b'] as names, '{}'::json as record, ''::blob as body "
            "from range(1000)"
        )
        connection.execute(f"copy raw.rows to '{file}'")
    assert columns_with(database, secrets) == columns_with(file, secrets) == []
    for column, value in (
        ("names", f"['a', '{secrets[0]}']"),
        ("record", f"json_object('key', '{secrets[1]}')"),
        ("body", f"'{secrets[2]}'::blob"),
    ):
        with duckdb.connect(str(database)) as connection:
            connection.execute(f"update raw.rows set {column} = {value} where n = 7")
            connection.execute(f"copy raw.rows to '{file}'")
        for path in (database, file):
            assert columns_with(path, secrets)[-1].endswith(f".{column}")
    assert len(columns_with(database, secrets)) == len(columns_with(file, secrets)) == 3


@pytest.mark.parametrize("value", ["x", "test", "none", "your-key-here"])
def test_a_placeholder_is_no_key(value: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"AA_API_KEY: .* if this is a placeholder"):
        load(tmp_path, environment={"AA_API_KEY": value})


def test_a_secret_is_found_in_the_escapes_of_json() -> None:
    secrets = Secrets({"HF_TOKEN": "hf_0123456789abcdef", "AA_API_KEY": "aa-0123456789abcdef"})
    escaped = b"".join(b"\\u%04X" % letter for letter in b"hf_0123456789abcdef")
    assert secrets.is_repeated_in(b'{"a": "' + escaped + b'"}')
    assert secrets.is_repeated_in(b"hf_0123456789abcdef")
    assert not secrets.is_repeated_in(b"hf_0123456789")
    # A host was sent its own key alone.
    assert not secrets.of("AA_API_KEY").is_repeated_in(escaped)
    assert not secrets.of("NOT_SET").is_repeated_in(escaped)
