"""Reads arrays of records out of the data stream of a Next.js page.

Such a page carries its data as script elements `self.__next_f.push([1,"…"])`. The pushed strings,
joined, are one text of records in which arrays stand as plain JSON behind their property name.
"""

import json
import re
from collections.abc import Sequence
from typing import Any

from base.errors import SourceError
from ingest.contract import DECODER, Fields, Record, records
from ingest.pages.html import HtmlPage, read_page

PUSH = "self.__next_f.push("
SCALE_REQUIRED = ("model", "score", "confidenceInterval_upper")
SCALE_FIELDS = {"entries": Fields(("model",), ("score",))}
# A board's label stands among its properties; further away it would be another one's.
HEADING_REACH = 2000
HEADING = re.compile(r'"(?:title|label|heading|tab|name)":"((?:[^"\\]|\\.){1,80})"')
STREAM = "the data stream of a Next.js page (self.__next_f.push)"


def read_stream(source_id: str, page: HtmlPage) -> str:
    """Join the strings that a page pushes; empty if it pushes none."""
    chunks: list[str] = []
    for text in page.scripts:
        if not text.startswith(PUSH):
            continue
        try:
            pushed, _ = DECODER.raw_decode(text, len(PUSH))
        except (json.JSONDecodeError, RecursionError) as error:
            raise SourceError(
                source_id, STREAM, f"a stream that ends early, in script {len(chunks) + 1}"
            ) from error
        # The first member is the kind of chunk: 1 is text, the others carry no records.
        if isinstance(pushed, list) and pushed[:1] == [1] and isinstance(pushed[-1], str):
            chunks.append(pushed[-1])
    return "".join(chunks)


def find_records(
    source_id: str, stream: str, name: str, required: Sequence[str], board: str | None = None
) -> list[Record] | None:
    """Find the array of records behind `"name":` in a stream; None if there is none.

    Pages hold other arrays of that name, so it is the one with an object that has all the required
    fields. Of a page with several boards it is the one named `board`. SourceError if an array
    breaks off, if two different ones answer, or if none has the name.
    """
    anchor = f'"{name}":'
    found: list[tuple[str, list[Any]]] = []
    position, end = stream.find(anchor), 0
    while position >= 0:
        start = position + len(anchor)
        position = start
        if stream.startswith("[", start):
            try:
                value, position = DECODER.raw_decode(stream, start)
                is_board = _answers(value, required)
            except (json.JSONDecodeError, RecursionError) as error:
                raise SourceError(
                    source_id,
                    f"a complete array {anchor}[…]",
                    "one that ends early or is nested too deeply",
                ) from error
            if is_board:
                found.append((_heading(stream[max(end, start - HEADING_REACH) : start]), value))
                end = position
        position = stream.find(anchor, position)
    if not found:
        return None
    value = _chosen(source_id, anchor, found, board)
    return records(source_id, value, f"{anchor}[…]", required)


def _heading(before: str) -> str:
    """What a board is called: the last label before its records."""
    labels = HEADING.findall(before)
    return str(json.loads(f'"{labels[-1]}"')) if labels else ""


def _chosen(
    source_id: str, anchor: str, found: Sequence[tuple[str, list[Any]]], board: str | None
) -> list[Any]:
    headings = ", ".join(repr(heading[:40]) for heading, _ in found)
    if board is not None:
        found = [(heading, value) for heading, value in found if board in heading.lower().split()]
    values = [
        value
        for number, (_, value) in enumerate(found)
        if value not in [earlier for _, earlier in found[:number]]
    ]
    if len(values) == 1:
        return values[0]
    if board is None:
        raise SourceError(
            source_id,
            f"one array {anchor}[…] of results",
            f"two different ones, headed {headings}" if headings else "two different ones",
        )
    raise SourceError(
        source_id, f"one board {board!r} among the arrays {anchor}[…]", f"boards headed {headings}"
    )


def _answers(values: list[Any], required: Sequence[str]) -> bool:
    return any(
        isinstance(value, dict) and all(name in value for name in required) for value in values
    )


def read_records(
    source_id: str, body: bytes, name: str, required: Sequence[str], board: str | None = None
) -> list[Record]:
    """Read the array of records `"name":[…]` of a page's stream, or of one of its boards, or raise
    SourceError."""
    stream = read_stream(source_id, read_page(source_id, body))
    if not stream:
        raise SourceError(source_id, STREAM, "a page without one")
    found = find_records(source_id, stream, name, required, board)
    if found is None:
        fields = ", ".join(f'"{field}"' for field in required)
        raise SourceError(
            source_id,
            f'an array "{name}":[…] of objects with {fields}',
            f"a stream of {len(stream)} characters without one",
        )
    return found
