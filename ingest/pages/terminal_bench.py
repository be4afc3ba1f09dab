"""Reads a Terminal-Bench board: the response of its endpoint, or the page it had until mid 2026.

The page is a table, and the unrounded rows of its stream; both shapes are told by the content.
"""

from collections.abc import Mapping

from base.errors import SourceError
from ingest.contract import Fields, Record, clean, decode_json, describe, member, records
from ingest.fetch.client import Client
from ingest.pages.html import HtmlPage, read_page
from ingest.pages.next_flight import find_records, read_stream
from ingest.registry import RemoteSource
from ingest.sources import Parts

# Column heading -> name in `displayed`.
COLUMNS = {
    "Agent": "agent",
    "Model": "model",
    "Date": "date",
    "Agent Org": "agent_organization",
    "Model Org": "model_organization",
    "Accuracy": "accuracy",
}
BOARD_FIELDS = {
    "rows": Fields(("model", "displayed.model"), ("accuracy", "displayed.accuracy")),
    "submissions": Fields(
        ("metadata.model_display", "metadata.model_names"), ("metrics.accuracy",)
    ),
}
# Accuracies are shown as percentages with one decimal.
ROUNDING = 0.05 + 1e-9


def fetch_board(client: Client, source: RemoteSource, board: Mapping[str, str]) -> bytes:
    """A board by its package and name; one endpoint serves them all."""
    return client.post(source.endpoint, board)


def read_board(source_id: str, body: bytes) -> Parts:
    """Part `submissions`: a record per row of the endpoint; of a page, part `rows`."""
    if not body.lstrip().startswith((b"{", b"[")):
        return {"rows": read_rows(source_id, body)}
    response = decode_json(source_id, body)
    rows = member(source_id, response, "rows", list, "the response")
    pagination = response.get("pagination")
    total = pagination.get("total") if isinstance(pagination, dict) else None
    if isinstance(total, int) and len(rows) < total:
        raise SourceError(source_id, f"{total} rows, as the response states", f"{len(rows)}")
    submissions = records(source_id, rows, "rows[]", ("metadata", "metrics"))
    for name, field in (("metadata", "model_display"), ("metrics", "accuracy")):
        parts = [row.get(name) for row in submissions]
        if not any(isinstance(part, dict) and field in part for part in parts):
            raise SourceError(source_id, f'"{field}" in rows[].{name}', describe(parts[0]))
    return {"submissions": submissions}


def read_rows(source_id: str, body: bytes) -> list[Record]:
    """Read all rows in page order, each with `displayed`, the texts of its table row.

    The streamed rows must agree with the table: same number, agent, model, rounded accuracy. A page
    without them yields rows that have only `displayed`.
    """
    page = read_page(source_id, body)
    table = _read_table(source_id, page)
    streamed = find_records(
        source_id, read_stream(source_id, page), "rows", ("agent", "model", "accuracy")
    )
    if streamed is None:
        return [{"displayed": displayed} for displayed in table]
    if len(streamed) != len(table):
        raise SourceError(
            source_id,
            "as many rows in the stream as in the table",
            f"{len(streamed)} and {len(table)}",
        )
    for number, (row, displayed) in enumerate(zip(streamed, table, strict=True), start=1):
        for name, agrees in (
            ("agent", _squeezed(row.get("agent")) == displayed["agent"]),
            ("model", _same_model(row.get("model"), displayed["model"])),
            ("accuracy", _same_accuracy(row.get("accuracy"), displayed["accuracy"])),
        ):
            if not agrees:
                raise SourceError(
                    source_id,
                    f"the same {name} for row {number} in the stream and in the table",
                    f"{str(row.get(name))[:60]!r} and {displayed[name][:60]!r}",
                )
    return [{**row, "displayed": displayed} for row, displayed in zip(streamed, table, strict=True)]


def _read_table(source_id: str, page: HtmlPage) -> list[dict[str, str]]:
    seen: list[str] = []
    for table in page.tables:
        rows = [[_squeezed(text) for text in row] for row in table]
        headings = rows[0] if rows else []
        if set(COLUMNS) <= set(headings):
            return _read_body(source_id, headings, rows[1:])
        seen.append(f"one with the columns {', '.join(headings)[:80]!r}")
    raise SourceError(
        source_id,
        f"a table with the columns {', '.join(COLUMNS)}",
        seen[0] if seen else "a page without a table",
    )


def _read_body(source_id: str, headings: list[str], rows: list[list[str]]) -> list[Record]:
    table = []
    for number, cells in enumerate(rows, start=1):
        if len(cells) != len(headings):
            raise SourceError(
                source_id,
                f"{len(headings)} cells in every row of the table",
                f"{len(cells)} in row {number} of {len(rows)}",
            )
        named = dict(zip(headings, cells, strict=True))
        displayed = {name: named[heading] for heading, name in COLUMNS.items()}
        # `82.0% ± 2.2`, where the second number is 1.96 standard errors and may be `N/A`.
        accuracy, _, plus_minus = displayed["accuracy"].partition("±")
        table.append(displayed | {"accuracy": accuracy.strip(), "plus_minus": plus_minus.strip()})
    if not table:
        raise SourceError(source_id, "rows in the table", "none")
    cleaned: list[Record] = clean(source_id, table)
    return cleaned


def _squeezed(value: object) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""


def _same_model(model: object, displayed: str) -> bool:
    names = [_squeezed(name) for name in model] if isinstance(model, list) else [_squeezed(model)]
    return displayed == ", ".join(names) or (len(names) > 1 and displayed == "Multiple")


def _same_accuracy(accuracy: object, displayed: str) -> bool:
    """Compare, if both are numbers; a figure that is none on either side is missing, not wrong."""
    if isinstance(accuracy, bool) or not isinstance(accuracy, int | float):
        return True
    try:
        shown = float(displayed.removesuffix("%"))
    except ValueError:
        return True
    return abs(100 * accuracy - shown) <= ROUNDING
