"""The shape and the content of a response, compared with the last one."""

from hypothesis import given
from hypothesis import strategies as st

from ingest.fetch.drift import content_hash, describe_change, fingerprint


def test_fingerprint_names_paths_and_types() -> None:
    parts = {
        "models": [
            {"id": "a", "price": {"in": 1, "out": None}, "tags": ["x", 1], "gone": None},
            {"id": "b", "price": {"in": 1.5}, "is_free": True},
        ]
    }
    assert fingerprint(parts) == {
        "models[]": "object",
        "models[].id": "text",
        "models[].price": "object",
        "models[].price.in": "number",
        "models[].price.out": "null",
        "models[].tags": "array",
        "models[].tags[]": "number|text",
        "models[].gone": "null",
        "models[].is_free": "boolean",
    }


def test_null_beside_a_value_is_no_type_of_its_own() -> None:
    with_null = fingerprint({"p": [{"a": 1}, {"a": None}]})
    assert with_null == fingerprint({"p": [{"a": 2}]})


def test_names_of_a_large_table_are_content() -> None:
    tables = [{"by_name": {f"{letter}{n}": n for n in range(300)}} for letter in "ab"]
    one, other = (fingerprint({"p": [table]}) for table in tables)
    assert one == other
    assert one["p[].by_name.*"] == "number"


def test_change_is_told_in_one_bounded_line() -> None:
    old = {f"p[].{n:03}": "text" for n in range(100)}
    new = {f"p[].x{n:03}": "text" for n in range(90)}
    text = describe_change(old, new)
    assert text.startswith(
        "the structure of the response has changed; paths: 90 new (p[].x000, p[].x001, "
    )
    assert "100 gone (p[].000, " in text
    assert len(text) < 300
    assert describe_change(old, old) is None


def test_hash_is_of_the_content_and_not_of_its_spelling() -> None:
    assert content_hash({"p": [{"a": 1, "b": 2}]}) == content_hash({"p": [{"b": 2, "a": 1}]})
    assert content_hash({"p": [{"a": 1}, {"a": 2}]}) != content_hash({"p": [{"a": 2}, {"a": 1}]})


VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(st.lists(st.dictionaries(st.text(), VALUES, max_size=4), max_size=4))
def test_any_records_have_a_fingerprint(records: list[dict]) -> None:
    found = fingerprint({"p": records})
    assert describe_change(found, found) is None
    assert (describe_change({}, found) is None) == (not records)
