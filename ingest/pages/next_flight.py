"""Reads arrays of records out of the data stream of a Next.js page.

Such a page carries its data as script elements `self.__next_f.push([1,"…"])`. The pushed strings,
joined, are one text of records in which arrays stand as plain JSON behind their property name.
"""

import json
from collections.abc import Sequence
from typing import Any

from base.errors import SourceError
from ingest.contract import DECODER, Fields, Record, records
from ingest.pages.html import HtmlPage, read_page

PUSH = "self.__next_f.push("
SCALE_REQUIRED = ("model", "score", "confidenceInterval_upper")
SCALE_FIELDS = {"entries": Fields(("model",), ("score",))}
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
                source_id, STREAM, f"a stream that breaks off in script {len(chunks) + 1}"
            ) from error
        # The first member is the kind of chunk: 1 is text, the others carry no records.
        if isinstance(pushed, list) and pushed[:1] == [1] and isinstance(pushed[-1], str):
            chunks.append(pushed[-1])
    return "".join(chunks)


def find_records(
    source_id: str, stream: str, name: str, required: Sequence[str]
) -> list[Record] | None:
    """Find the array of records behind `"name":` in a stream; None if there is none.

    Pages hold other arrays of that name, so it is the one with an object that has all the required
    fields. SourceError if an array breaks off or if two different ones answer.
    """
    anchor = f'"{name}":'
    found: list[Any] | None = None
    position = stream.find(anchor)
    while position >= 0:
        start = position + len(anchor)
        position = start
        if stream.startswith("[", start):
            try:
                value, position = DECODER.raw_decode(stream, start)
                is_another = found is not None and _answers(value, required) and value != found
            except (json.JSONDecodeError, RecursionError) as error:
                raise SourceError(
                    source_id,
                    f"a complete array {anchor}[…]",
                    "one that breaks off or is nested too deeply",
                ) from error
            if is_another:
                raise SourceError(
                    source_id, f"one array {anchor}[…] of results", "two different ones"
                )
            if _answers(value, required):
                found = value
        position = stream.find(anchor, position)
    return None if found is None else records(source_id, found, f"{anchor}[…]", required)


def _answers(values: list[Any], required: Sequence[str]) -> bool:
    return any(
        isinstance(value, dict) and all(name in value for name in required) for value in values
    )


def read_records(source_id: str, body: bytes, name: str, required: Sequence[str]) -> list[Record]:
    """Read the one array of records `"name":[…]` of a page's stream, or raise SourceError."""
    stream = read_stream(source_id, read_page(source_id, body))
    if not stream:
        raise SourceError(source_id, STREAM, "a page without one")
    found = find_records(source_id, stream, name, required)
    if found is None:
        fields = ", ".join(f'"{field}"' for field in required)
        raise SourceError(
            source_id,
            f'an array "{name}":[…] of objects with {fields}',
            f"a stream of {len(stream)} characters without one",
        )
    return found
