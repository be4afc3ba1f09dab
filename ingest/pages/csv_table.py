"""Reads CSV tables, alone or as the text that a script assigns to a variable."""

import csv
import io
import re
from collections.abc import Sequence

from base.errors import SourceError
from ingest.contract import Record, decode_text, records

TEMPLATE_TEXT = re.compile(r"([^\\`]*(?:\\.[^\\`]*)*)`", re.DOTALL)
# What stands in such a text for something else: an escape that is no quoted sign, or `${`.
WORKED_OUT = re.compile(r"(?<!\\)(?:\\\\)*(\\[^\\`$]|\$\{)")


def whole_text(source_id: str, body: bytes) -> str:
    """The text of a table whose writer ends every line; one that ends early is an error.

    Where the last cell may be empty, nothing else would tell.
    """
    text = decode_text(source_id, body, "a CSV table")
    if not text.endswith("\n"):
        raise SourceError(
            source_id,
            "a complete CSV table that ends with a line break",
            f"a table that ends early, after {len(text)} characters",
        )
    return text


def read_table(source_id: str, text: str, required: Sequence[str], where: str) -> list[Record]:
    """One record per line, every cell as the text that stands there."""
    reader = csv.reader(io.StringIO(text.strip(), newline=""), strict=True)
    try:
        lines = [line for line in reader if line]
    except csv.Error as error:
        raise SourceError(
            source_id, "a complete CSV table", f"{error} in line {reader.line_num} of {where}"
        ) from error
    header, rows = (lines[0], lines[1:]) if lines else ([""], [])
    if not set(required) <= set(header):
        raise SourceError(
            source_id,
            f"a CSV header with the columns {', '.join(required)} in {where}",
            f"a first line with {len(header)} cells, of which the first is {header[0][:40]!r}",
        )
    for number, row in enumerate(rows, start=1):
        if len(row) != len(header):
            raise SourceError(
                source_id,
                f"{len(header)} cells in every row of {where}",
                f"{len(row)} in row {number} of {len(rows)}",
            )
    named = [dict(zip(header, row, strict=True)) for row in rows]
    return records(source_id, named, f"the lines below the header of {where}", required)


def read_assigned_text(source_id: str, script: str, variable: str) -> str:
    """The text between backticks that a script assigns to a variable.

    A backslash before a backtick, a backslash or a dollar sign stands for the sign alone; what else
    a script could work out in such a text (`${x}`, `\\u0041`) is an error.
    """
    start = re.search(rf"\b{re.escape(variable)}\s*=\s*`", script)
    if start is None:
        raise SourceError(
            source_id,
            f"a script that assigns a string to {variable}",
            f"{len(script)} characters that begin with {script.lstrip()[:40]!r}",
        )
    text = TEMPLATE_TEXT.match(script, start.end())
    if text is None:
        raise SourceError(source_id, f"the complete text of {variable}", "a script that ends early")
    if worked_out := WORKED_OUT.search(text[1]):
        raise SourceError(source_id, f"a plain text in {variable}", repr(worked_out[1]))
    return re.sub(r"\\(.)", r"\1", text[1])
