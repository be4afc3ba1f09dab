"""Check of score_overrides.toml: reported figures, each with its citation."""

from collections.abc import Collection
from typing import Any

from ipbr_rank.config.aliases import is_date
from ipbr_rank.config.coefficients import Coefficients
from ipbr_rank.config.problems import (
    Document,
    array_of_tables,
    check_keys,
    check_top_level,
    choices,
    finite_number,
    nonempty_text,
)
from ipbr_rank.words import shown


def overridden_metrics(document: Document) -> set[str]:
    """The metrics that have at least one entry."""
    entries = array_of_tables(document, "entries")
    return {entry["metric"] for entry in entries if isinstance(entry.get("metric"), str)}


def check_overrides(
    document: Document, *, models: Collection[str], coefficients: Coefficients | None
) -> None:
    """Reports everything wrong with the entries; metrics are left alone without `coefficients`."""
    check_top_level(document, ("entries",))
    seen: dict[tuple[str, str], int] = {}
    for number, entry in enumerate(array_of_tables(document, "entries"), start=1):
        table = _place(number, entry)
        check_keys(
            document, table, entry, ("canonical_id", "metric", "value", "note"), ("url", "date")
        )
        canonical_id, metric = entry.get("canonical_id"), entry.get("metric")
        if "canonical_id" in entry and canonical_id not in models:
            document.report(
                table,
                "canonical_id",
                f"unknown model {shown(canonical_id)}",
                choices(models, str(canonical_id)),
            )
        if "metric" in entry and coefficients and metric not in coefficients.metrics:
            if metric in coefficients.composites:
                valid = "it is a composite, computed from its inputs: override those"
            else:
                valid = choices(coefficients.metrics, str(metric))
            document.report(table, "metric", f"unknown metric {shown(metric)}", valid)
        if "value" in entry and finite_number(entry["value"]) is None:
            document.report(
                table, "value", f"found {shown(entry['value'])}", "a finite number was expected"
            )
        if "note" in entry and not _has_text(entry["note"]):
            document.report(
                table,
                "note",
                f"found {shown(entry['note'])}",
                "a text that cites the publication was expected",
            )
        if "url" in entry:
            url = nonempty_text(document, table, "url", entry["url"])
            if url and not url.startswith(("https://", "http://")):
                document.report(table, "url", f"found {shown(url)}", "https://… was expected")
        if "date" in entry and not is_date(entry["date"]):
            document.report(
                table,
                "date",
                f"found {shown(entry['date'])}",
                "a date such as 2026-04-23 was expected",
            )
        if isinstance(canonical_id, str) and isinstance(metric, str):
            first = seen.setdefault((canonical_id, metric), number)
            if first != number:
                document.report(
                    table,
                    "",
                    f"second figure for this model and metric, the first is [[entries]] {first}",
                    "one entry per model and metric",
                )


def _place(number: int, entry: dict[str, Any]) -> str:
    """`[[entries]] 3 (model, metric)`: TOML gives array elements no name."""
    said = [shown(entry[key]) for key in ("canonical_id", "metric") if key in entry]
    return f"[[entries]] {number}" + (f" ({', '.join(said)})" if said else "")


def _has_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())
