"""Every broken response is a SourceError with one line that names source, expected and found."""

import json
import random
import re
import time
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from base.errors import SourceError
from ingest.registry import Source
from ingest.sources import (
    ANY_PART,
    Parts,
    count_filled,
    count_records,
    module_of,
    parse_whole,
    parser_of,
)
from tests.support.counted import COUNTED

ERROR_PAGE = b"<!DOCTYPE html><html><head></head><body><h1>502 Bad Gateway</h1></body></html>"
LOGIN_PAGE = (
    b'<!DOCTYPE html><html><body><form action="/login"><table><tr><th>User</th>'
    b'<td><input name="user"></td></tr></table></form><script>self.__next_f.push([1,"0:[]\\n"])'
    b"</script></body></html>"
)

# The lists of a JSON response, which may be emptied; a star stands for every element.
ROWS = {source_id: counted["lists"] for source_id, counted in COUNTED.items() if "lists" in counted}


def refused(source_id: str, body: bytes) -> str:
    """Assert that the body is refused properly; returns the message."""
    with pytest.raises(SourceError) as caught:
        parser_of(source_id)(body)
    message = str(caught.value)
    assert message.startswith(f"{source_id}: cannot read the response: expected ")
    assert ", found " in message
    assert message.isprintable(), "one line without control characters"
    assert len(message) < 500
    assert caught.value.exit_code == 1
    return message


def headings_of(body: bytes) -> bytes:
    """A table that ends after its headings; those of EQ-Bench stand in a JavaScript string."""
    if b"`" not in body:
        return body.splitlines(keepends=True)[0]
    return re.sub(rb"(`\n[^\n]*\n)[^`]*`", rb"\1`", body)


def empty_at(value: object, path: list[str]) -> object:
    """A copy of a JSON value in which the lists at the path are empty."""
    if not path:
        return []
    name, rest = path[0], path[1:]
    if isinstance(value, list):
        return [empty_at(item, rest) for item in value]
    return {
        key: empty_at(item, rest) if name in ("*", key) else item for key, item in value.items()
    }


def test_truncated_in_the_middle(source_id: str, fixture_body: Callable[[str], bytes]) -> None:
    body = fixture_body(source_id)
    # Of a table that ends with a line nobody can see that it had more.
    message = refused(source_id, body[: len(body) // 2].rstrip(b"\n"))
    assert "ends early" in message or "without it" in message or "cells in every row" in message


@pytest.mark.parametrize("share", [0.01, 0.2, 0.7, 0.97])
def test_truncated_elsewhere(
    source_id: str, share: float, fixture_body: Callable[[str], bytes]
) -> None:
    body = fixture_body(source_id)
    refused(source_id, body[: int(share * len(body))])


@pytest.mark.parametrize("body", [b"", b" \n\t", b"\xef\xbb\xbf"], ids=["no", "blank", "mark"])
def test_empty(source_id: str, body: bytes) -> None:
    assert "found an empty response" in refused(source_id, body)


@pytest.mark.parametrize("body", [ERROR_PAGE, LOGIN_PAGE], ids=["error page", "log-in page"])
def test_other_html_page(source_id: str, body: bytes) -> None:
    message = refused(source_id, body)
    if source_id in ROWS:
        # Terminal-Bench was once a page, and one with its table is read to this day.
        is_page_too = source_id == "terminal_bench_4_0"
        told = "expected a table with the columns" if is_page_too else "found an HTML page"
        assert told in message


def test_html_page_that_is_cut_between_two_rows_of_its_table(
    fixture_body: Callable[[str], bytes],
) -> None:
    body = fixture_body("terminal_bench")
    cut = body.index(b"</tr>\n", len(body) // 3) + len(b"</tr>\n")
    assert "without it" in refused("terminal_bench", body[:cut])


@pytest.mark.parametrize("body", [b'{"error":"unauthorized"}', b"null", b"7", b'"text"', b"[]"])
def test_other_json(source_id: str, body: bytes) -> None:
    refused(source_id, body)


TABLES = {"bfcl", "osworld_2", "epoch_eci", "eqbench_creative_writing", "eqbench_judgemark"}


@pytest.mark.parametrize("source_id", sorted({*COUNTED} - TABLES - {"overrides"}))
def test_array_where_an_object_was(source_id: str, fixture_body: Callable[[str], bytes]) -> None:
    body = fixture_body(source_id)
    if body.startswith(b"{"):
        assert "found an array of length 1" in refused(source_id, b"[%s]" % body)
    elif b'\\"entries\\":' in body or b'\\"items\\":' in body:
        # Every object of the stream becomes an array of its values.
        head, *scripts = body.decode().split("<script>self.__next_f.push(")
        arrays = [
            re.sub(r'\\"\w+\\":(?!\[)', "", script).replace("{", "[").replace("}", "]")
            for script in scripts
        ]
        refused(source_id, "<script>self.__next_f.push(".join([head, *arrays]).encode())


@pytest.mark.parametrize("value", [[], "text", 7, None, True], ids=repr)
@pytest.mark.parametrize("source_id", ROWS)
def test_record_that_is_no_object(
    source_id: str, value: object, fixture_body: Callable[[str], bytes]
) -> None:
    for path in ROWS[source_id]:
        body = json.loads(fixture_body(source_id))
        *parents, name = path.split("/")
        target = body
        for parent in parents:
            key = next(iter(target)) if parent == "*" and isinstance(target, dict) else parent
            target = target[0] if isinstance(target, list) else target[key]
        target[name].insert(1, value)
        refused(source_id, json.dumps(body).encode())


def test_all_rows_gone(source_id: str, fixture_body: Callable[[str], bytes]) -> None:
    body = fixture_body(source_id)
    for path in ROWS.get(source_id, []):
        emptied = empty_at(json.loads(body), path.split("/"))
        refused(source_id, json.dumps(emptied).encode())
    if source_id in TABLES:
        assert "found none" in refused(source_id, headings_of(body))
    elif source_id == "livebench":
        table = json.loads(body)
        refused(source_id, json.dumps(table | {"table": table["table"].split("\n")[0]}).encode())
    elif source_id == "tau2_bench":
        refused(source_id, json.dumps(json.loads(body) | {"submissions": {}}).encode())
    elif source_id not in ROWS:
        text = re.sub(r'\\"(entries|items)\\":\[.*?\}\]', r'\\"\1\\":[]', body.decode(), flags=re.S)
        text = re.sub(r"<tbody>.*</tbody>", "<tbody></tbody>", text, flags=re.S)
        assert text != body.decode(), f"nothing here says how {source_id} would serve no rows"
        refused(source_id, text.encode())


# What pages show where a text or a number has not come yet.
@pytest.mark.parametrize("blank", [None, "", " ", "–", {}, []], ids=repr)
def test_rows_without_names_or_figures_do_not_count(
    source_id: str, blank: object, parsed: Callable[[str], Parts]
) -> None:
    fields = module_of(source_id).FIELDS
    parts = parsed(source_id)
    assert count_filled(source_id, parts) == count_records(parts)
    for part, records in parts.items():
        names, figures = fields.get(part) or fields[ANY_PART]
        for paths in (names, figures):
            emptied = [blanked(record, paths, blank) for record in records]
            expected = 0 if paths else len(records)
            assert count_filled(source_id, {part: emptied}) == expected


def blanked(record: dict, paths: tuple[str, ...], blank: object) -> dict:
    """A copy of a record with nothing to be read at the paths."""
    for path in paths:
        name, _, rest = path.partition(".")
        if isinstance(record.get(name), dict) and rest:
            record = record | {name: blanked(record[name], (rest,), blank)}
        elif name in record:
            record = record | {name: blank}
    return record


def test_a_table_of_empty_rows_is_refused(sources: dict[str, Source]) -> None:
    headings = ("", "Rank", "Agent", "Model", "Date", "Agent Org", "Model Org", "Accuracy")
    empty = f"<tr>{'<td><div></div></td>' * len(headings)}</tr>"
    cells = ("", "1", "Codex", "GPT-5.5", "2026-05-01", "OpenAI", "OpenAI", "7%")
    whole = f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"
    heads = "".join(f"<th>{heading}</th>" for heading in headings)
    source = sources["terminal_bench_2_1"]
    assert source.minimum_rows == 5

    def page(rows: str) -> bytes:
        return f"<html><table><tr>{heads}</tr>{rows}</table></html>".encode()

    with pytest.raises(SourceError) as caught:
        parse_whole(source, page(10 * empty))
    assert str(caught.value).endswith(
        "expected at least 5 records (minimum_rows in seeds/sources.csv), "
        "found 0 with a name and a value, and 10 without"
    )
    # They are carried beside rows that are whole, and neither make nor break the board.
    assert len(parse_whole(source, page(5 * whole + 10 * empty))["rows"]) == 15


def test_renamed_anchor(source_id: str, fixture_body: Callable[[str], bytes]) -> None:
    # One piece, so that no anchor is cut in two.
    text = fixture_body(source_id).decode()
    text = text.replace('"])</script>\n<script>self.__next_f.push([1,"', "")
    assert COUNTED[source_id]["anchors"]
    for anchor in COUNTED[source_id]["anchors"]:
        assert anchor in text
        renamed = re.sub(r"(\w+)", r"\1x", anchor, count=1)
        refused(source_id, text.replace(anchor, renamed).encode())


def test_incomplete_set_of_pages(fixture_body: Callable[[str], bytes]) -> None:
    response = json.loads(fixture_body("lmarena"))
    del response["configs"]["text"][3]
    message = refused("lmarena", json.dumps(response).encode())
    assert "expected 1044 rows" in message
    assert "found 944" in message


def test_two_leaderboards_of_one_name(fixture_body: Callable[[str], bytes]) -> None:
    text = fixture_body("swebench").decode().replace('"Lite"', '"Verified"')
    assert "two named 'Verified'" in refused("swebench", text.encode())


def test_bytes_that_are_not_utf8() -> None:
    assert "not UTF-8 at byte 10 of 14" in refused("gso", b'{"models":\xff[]}')


def test_two_different_arrays_of_results(fixture_body: Callable[[str], bytes]) -> None:
    other = '\\"entries\\":[{\\"model\\":1,\\"score\\":1,\\"confidenceInterval_upper\\":1}]'
    script = f'<script>self.__next_f.push([1,"{other}"])</script></body>'
    body = fixture_body("hil_bench").decode().replace("</body>", script)
    assert "found two different ones" in refused("hil_bench", body.encode())


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        (">83.4<", ">83.5<", "accuracy for row 1"),
        ("<span>Codex CLI</span>", "<span>Codex</span>", "agent for row 1"),
        ("<span>GLM 5.1</span>", "<span>GLM 5.2</span>", "model for row 11"),
    ],
)
def test_table_that_disagrees_with_the_stream(
    old: str, new: str, named: str, fixture_body: Callable[[str], bytes]
) -> None:
    body = fixture_body("terminal_bench_2_1").decode().replace(old, new)
    assert named in refused("terminal_bench_2_1", body.encode())


def test_table_with_fewer_rows_than_the_stream(fixture_body: Callable[[str], bytes]) -> None:
    text = re.sub(r"<tr [^\n]*</tr>\n</tbody>", "</tbody>", fixture_body("terminal_bench").decode())
    assert "found 124 and 123" in refused("terminal_bench", text.encode())


# --- any bytes ------------------------------------------------------------------------------------

FIELDS = (
    *("data", "pages", "configs", "text", "webdev", "search", "document", "rows", "row", "slug"),
    *("leaderboards", "results", "name", "resolved", "performances", "models", "evaluations"),
    *("registry", "metrics", "meta", "files", "items", "entries", "model", "score", "agent"),
    *("modelName", "taskRangeTimestamp", "rangeStats", "accuracy", "rating", "category"),
    *("num_rows_total", "confidenceInterval_upper", "id", "pricing"),
)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda children: (
        st.lists(children, max_size=4)
        | st.dictionaries(
            st.sampled_from(FIELDS),
            children,
            max_size=4,
        )
    ),
    max_leaves=25,
)


def page_of(value: object) -> bytes:
    """A page with a small board that carries any JSON in its stream."""
    stream = json.dumps(value, separators=(",", ":"))
    heads = "".join(
        f"<th>{name}</th>" for name in ("Agent", "Model", "Date", "Agent Org", "Model Org")
    )
    cells = "<td>1</td>" * 6
    return (
        f"<html><table><tr>{heads}<th>Accuracy</th></tr><tr>{cells}</tr></table>"
        f"<script>self.__next_f.push({json.dumps([1, stream])})</script></html>"
    ).encode()


def sound(source_id: str, body: bytes) -> None:
    """Assert that a body is read to records or refused with a SourceError."""
    try:
        parts = parser_of(source_id)(body)
    except SourceError as error:
        assert str(error).isprintable()
        return
    assert any(parts.values())
    for records in parts.values():
        assert all(isinstance(record, dict) for record in records)


@settings(max_examples=40, deadline=5000, suppress_health_check=list(HealthCheck))
@given(
    body=st.binary(max_size=300)
    | st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass"))
    | JSON_VALUES.map(lambda value: json.dumps(value).encode())
    | JSON_VALUES.map(page_of)
)
def test_any_bytes_are_read_or_refused(source_id: str, body: bytes) -> None:
    sound(source_id, body)


@pytest.mark.parametrize("seed", range(12))
def test_damaged_fixture_is_read_or_refused(
    source_id: str, seed: int, fixture_body: Callable[[str], bytes]
) -> None:
    chance = random.Random(f"{source_id} {seed}")
    body = bytearray(fixture_body(source_id)[:200_000])
    for _ in range(chance.randint(1, 20)):
        start = chance.randrange(len(body))
        body[start : start + chance.randint(0, 30)] = chance.randbytes(chance.randint(0, 8))
    sound(source_id, bytes(body))


SIZE = 400_000
LARGE = {
    "open elements": b"<div>" * (SIZE // 5),
    "closed without being open": b"<div>" * (SIZE // 10) + b"</p>" * (SIZE // 8),
    "attributes": b"<div " + b" ".join(b"a%d=1" % number for number in range(SIZE // 9)) + b">",
    "formatting elements": b"<p><b><i><u>" * (SIZE // 12),
    "tables": b"<table><tr><th>" * (SIZE // 15),
    "comments": b"<!--" * (SIZE // 4),
    "scripts": b'<script>self.__next_f.push([1,"a"])</script>' * (SIZE // 45),
    "script without end": b'<script>self.__next_f.push([1,"' + b"a" * SIZE,
    "nested anchors": b'<script>self.__next_f.push([1,"'
    + rb"\"entries\":[{\"items\":[{\"rows\":[" * (SIZE // 30)
    + b'"])</script>',
    "repeated anchors": b'<script>self.__next_f.push([1,"'
    + rb"\"entries\":[1],\"items\":[],\"rows\":[2]" * (SIZE // 38)
    + b'"])</script>',
    "arrays": b"[" * SIZE,
    "objects": b'{"data":' * (SIZE // 8),
    "digits": b'{"data":[' + b"1" * SIZE + b"]}",
    "escapes": b'"' + b"\\u00" * SIZE,
    "quotes": b"Model,Overall Acc\n" + b'"' * SIZE,
    "columns": b"Model,Overall Acc" + b",a" * (SIZE // 4) + b"\n" + b",\n" * (SIZE // 4),
}


@pytest.mark.parametrize("body", LARGE.values(), ids=LARGE.keys())
def test_large_nonsense_is_refused_in_linear_time(source_id: str, body: bytes) -> None:
    started_at = time.monotonic()
    refused(source_id, body)
    refused(source_id, body + b"</html>")
    assert time.monotonic() - started_at < 5
