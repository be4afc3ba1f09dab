"""Finding fault with a TOML file, in words: file, table, key, what was found, what is valid."""

import difflib
import math
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ingest.errors import ConfigurationError
from ipbr_rank.words import shown, shown_path

SHOWN_CHOICES = 12


@dataclass
class Document:
    """One TOML file: where it is, its bytes, its tables, and what is wrong with it."""

    path: Path
    body: bytes
    tables: dict[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def report(self, table: str, key: str, found: str, valid: str) -> None:
        """Notes one problem; `table` is written as in the file, `key` may be empty."""
        place = " ".join(part for part in (table, key) if part)
        line = f"{shown_path(self.path)}: {place}: {found}; {valid}"
        if line not in self.problems:
            self.problems.append(line)


def read_document(path: Path) -> Document:
    """Reads and parses one file.

    A file that cannot be read is ConfigurationError at once; broken TOML is a problem of the
    document, so that the other files are still looked at.
    """
    try:
        body = path.read_bytes()
    except OSError as error:
        raise ConfigurationError(
            f"{shown_path(path)}: cannot be read ({error.strerror or error}); "
            "a readable TOML file was expected"
        ) from error
    document = Document(path, body)
    try:
        document.tables = tomllib.loads(body.decode("utf-8"))
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        document.problems.append(f"{shown_path(path)}: line {line} is not UTF-8; TOML must be")
    except tomllib.TOMLDecodeError as error:
        document.problems.append(f"{shown_path(path)}: broken TOML: {error}")
    return document


def choices(valid: Iterable[str], found: str) -> str:
    """What would have been valid: close spellings first, the whole list where it is short."""
    names = list(valid)
    folded = {name.casefold(): name for name in names}
    close = [folded[match] for match in difflib.get_close_matches(found.casefold(), folded, 3, 0.7)]
    if close:
        return f"did you mean {' or '.join(close)}?"
    if len(names) <= SHOWN_CHOICES:
        return f"valid: {', '.join(names)}"
    return f"valid: {', '.join(names[:SHOWN_CHOICES])} and {len(names) - SHOWN_CHOICES} more"


def finite_number(value: object) -> float | None:
    """The value as a float, or None if it is no finite number (true and false are none)."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def subtables(document: Document, name: str, of: str) -> dict[str, dict[str, Any]]:
    """The tables `[name.x]` by x; anything else under `name` is reported and left out."""
    value = document.tables.get(name, {})
    if not isinstance(value, dict):
        document.report(
            f"[{name}]",
            "",
            f"found {shown(value)}",
            f'one table per {of} was expected: [{name}."…"]',
        )
        return {}
    tables = {}
    for key, table in value.items():
        if isinstance(table, dict):
            tables[key] = table
        else:
            document.report(
                f"[{name}]", key, f"found {shown(table)}", f"a table was expected: [{name}.{key}]"
            )
    return tables


def array_of_tables(document: Document, name: str) -> list[dict[str, Any]]:
    """The tables `[[name]]` in file order; anything else under `name` is reported."""
    value = document.tables.get(name, [])
    if not isinstance(value, list) or not all(isinstance(table, dict) for table in value):
        document.report(
            f"[[{name}]]", "", "found no array of tables", f"write [[{name}]] per entry"
        )
        return []
    return value


def check_keys(
    document: Document,
    table: str,
    found: Iterable[str],
    required: Iterable[str],
    optional: Iterable[str] = (),
) -> None:
    """Reports unknown and missing keys of one table."""
    required, known = list(required), [*required, *optional]
    present = list(found)
    for key in present:
        if key not in known:
            document.report(table, key, "unknown key", choices(known, key))
    for key in required:
        if key not in present:
            document.report(table, key, "missing", f"this table needs {', '.join(required)}")


def check_top_level(document: Document, names: Iterable[str]) -> None:
    """Reports tables and keys at the top of the file that mean nothing."""
    names = list(names)
    for key, value in document.tables.items():
        if key not in names:
            kind = "table" if isinstance(value, dict | list) else "key"
            place = f"[{key}]" if kind == "table" else key
            document.report(place, "", f"unknown {kind}", choices(names, key))


def nonempty_text(document: Document, table: str, key: str, value: object) -> str | None:
    """The value if it is text with at least one visible character; else None, and a report."""
    if isinstance(value, str) and value.strip():
        return value
    document.report(table, key, f"found {shown(value)}", "a text that is not empty was expected")
    return None


def list_of_text(document: Document, table: str, key: str, value: object) -> list[str]:
    """The texts of a list; anything else is reported and left out."""
    if not isinstance(value, list):
        document.report(table, key, f"found {shown(value)}", "a list of texts was expected")
        return []
    return [item for item in value if nonempty_text(document, table, key, item) is not None]
