"""What all parsers share: bytes to JSON, and JSON to a checked list of clean records.

Everything here is linear in the size of the response and raises SourceError, naming what was
expected and what came, for anything that is not as expected.
"""

import codecs
import json
import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from base.errors import SourceError

# A JSON object of a source, whatever it holds.
Record = dict[str, Any]

# Far above any real record; keeps every later walk and dump within Python's recursion limit.
MAXIMUM_DEPTH = 100


def decode_text(source_id: str, body: bytes, expected: str) -> str:
    """Decode a body that must be UTF-8 text; an empty one is an error."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SourceError(
            source_id, expected, f"bytes that are not UTF-8 at byte {error.start} of {len(body)}"
        ) from error
    if not text.strip():
        raise SourceError(source_id, expected, "an empty response")
    return text


def decode_json(source_id: str, body: bytes) -> Any:
    """Decode a JSON body. NaN, Infinity and numbers too large to hold become text."""
    expected = "complete JSON"
    text = decode_text(source_id, body, expected)
    try:
        return DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise SourceError(source_id, expected, _not_json(text, error)) from error
    except RecursionError as error:
        raise SourceError(source_id, expected, "JSON that is nested too deeply") from error


def whole_json(source_id: str, body: bytes) -> bytes:
    """The body as it came, checked to be one JSON value, so that it may stand inside another."""
    decode_json(source_id, body)
    return body.removeprefix(codecs.BOM_UTF8).strip()


def _not_json(text: str, error: json.JSONDecodeError) -> str:
    start = text.lstrip()[:200].lower()
    if start.startswith(("<!doctype html", "<html")):
        return "an HTML page"
    if error.pos >= len(text.rstrip()) or "Unterminated" in error.msg:
        return f"JSON that ends early, after {len(text)} characters"
    return f"text that is not JSON ({error.msg} at character {error.pos} of {len(text)})"


def _float(text: str) -> float | str:
    value = float(text)
    return value if math.isfinite(value) else ("-Infinity" if value < 0 else "Infinity")


def _integer(text: str) -> int | float | str:
    # A double ends near 1.8e308, and Python refuses to read integers of many thousand digits.
    return int(text) if len(text) <= 300 else _float(text)


# JSON has no NaN or Infinity, but Python's writers produce them; as text they reach the ledger.
DECODER = json.JSONDecoder(parse_float=_float, parse_int=_integer, parse_constant=str)


def clean(source_id: str, value: Any, depth: int = 0) -> Any:
    """Copy a JSON value; NUL and lone surrogates, which the database cannot hold, become U+FFFD."""
    if isinstance(value, str):
        return clean_text(value)
    if depth > MAXIMUM_DEPTH:
        raise SourceError(source_id, f"records at most {MAXIMUM_DEPTH} levels deep", "a deeper one")
    if isinstance(value, dict):
        return {clean_text(name): clean(source_id, item, depth + 1) for name, item in value.items()}
    if isinstance(value, list):
        return [clean(source_id, item, depth + 1) for item in value]
    return value


def clean_text(text: str) -> str:
    """Replace NUL and lone surrogates by U+FFFD."""
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    try:
        text.encode()
    except UnicodeEncodeError:
        # Joins a pair that was split over two chunks, replaces what stays alone.
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def describe(value: Any) -> str:
    """Name a JSON value for an error message."""
    if isinstance(value, dict):
        return f"an object with {_names(value)}" if value else "an empty object"
    if isinstance(value, list):
        return f"an array of length {len(value)}"
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    return "a string" if isinstance(value, str) else "a number"


def _names(value: Record) -> str:
    names = [json.dumps(str(name)[:40]) for name in list(value)[:5]]
    return ", ".join(names) + (", …" if len(value) > len(names) else "")


def member(
    source_id: str, container: Any, name: str, kind: type[list[Any] | Record], where: str
) -> Any:
    """Take a member of an object; SourceError if the object, the member or its type is not so."""
    kind_name = "an array" if kind is list else "an object"
    expected = f'{kind_name} "{name}" in {where}'
    if not isinstance(container, dict):
        raise SourceError(source_id, expected, describe(container))
    if name not in container:
        raise SourceError(source_id, expected, describe(container))
    if not isinstance(container[name], kind):
        raise SourceError(source_id, expected, describe(container[name]))
    return container[name]


def records(source_id: str, values: Any, anchor: str, required: Sequence[str]) -> list[Record]:
    """Check and clean the records of a part that must be there.

    Each must be an object. A single record may lack a field (it is carried, and counted as
    missing), but a required field that no record has means that the shape has changed.
    """
    if not isinstance(values, list):
        raise SourceError(source_id, f"an array of records at {anchor}", describe(values))
    if not values:
        raise SourceError(source_id, f"records at {anchor}", "none")
    for number, value in enumerate(values, start=1):
        if not isinstance(value, dict):
            raise SourceError(
                source_id, f"only objects at {anchor}", f"{describe(value)} as item {number}"
            )
    for name in required:
        if not any(name in value for value in values):
            raise SourceError(
                source_id, f'the field "{name}" at {anchor}', f"{describe(values[0])} as item 1"
            )
    cleaned: list[Record] = clean(source_id, values)
    return cleaned


class Fields(NamedTuple):
    """Where the name and the figures of a record stand; a dot leads into an object.

    One of each is enough. A part that only lists what others measure has names alone.
    """

    names: tuple[str, ...]
    figures: tuple[str, ...] = ()


def is_filled(record: Record, fields: Fields) -> bool:
    """Whether a record has a name and a figure; pages that have not loaded have rows without."""
    has_name = any(_holds(_at(record, path), str.isalnum) for path in fields.names)
    return has_name and (
        not fields.figures or any(_holds(_at(record, path), str.isdigit) for path in fields.figures)
    )


def _at(record: Any, path: str) -> Any:
    for name in [path] if path in record else path.split("."):
        record = record.get(name) if isinstance(record, dict) else None
    return record


def _holds(value: Any, is_wanted: Callable[[str], bool]) -> bool:
    """Whether a value, or one within it, has a character of the kind: `--` has neither kind."""
    if isinstance(value, dict | list):
        values = value.values() if isinstance(value, dict) else value
        return any(_holds(item, is_wanted) for item in values)
    if value is None or isinstance(value, bool):
        return False
    return any(map(is_wanted, str(value)))
