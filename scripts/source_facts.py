"""Writes into docs/sources.md what the seeds say of sources and metrics: `make sources`.

A section ends with the facts of its source; the table of all sources and that of all metrics stand
between comments. What is in words is written by hand. A test uses `rewritten` to see that the page
is up to date.
"""

import csv
import re
import sys
from collections.abc import Sequence
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from ingest.registry import Source, load_sources  # noqa: E402
from ingest.sources import module_of  # noqa: E402

PAGE = Path("docs/sources.md")
TARGET = "make sources"
# A section from its heading on; its facts are the list that it ends with.
SECTION = re.compile(r"(?ms)^## [^\n]*\(`(?P<id>\w+)`\)\n.*?(?=^## )")
FACTS = re.compile(r"(?m)^- (?:Fetched|Secret|Terms|Metrics): .*\n")


def rewritten(text: str, project: Path) -> str:
    """The page with the facts as the seeds have them now."""
    sources = load_sources(project)
    fields = _seed(project, "source_metrics")

    def with_facts(match: re.Match[str]) -> str:
        source = sources[match["id"]]
        own = [row for row in fields if row["source_id"] == source.source_id]
        return FACTS.sub("", match[0]).rstrip() + f"\n\n{facts_of(source, own)}\n\n"

    text = SECTION.sub(with_facts, text)
    metrics = _seed(project, "metrics")
    text = between(text, "sources", TARGET, _sources_table(sources, fields, metrics))
    return between(text, "metrics", TARGET, _metrics_table(metrics))


def facts_of(source: Source, fields: list[dict[str, str]]) -> str:
    """What the seeds say of one source, as a list."""
    lines = []
    if source.cache_file:
        lines.append(
            f"- Fetched: {_request(source)}, cached as `{source.cache_file}`, "
            f"fresh for {_age(source.ttl_hours or 0)}, at least {source.minimum_rows} records."
        )
    if source.secret_variable:
        need = "required" if source.is_secret_required else "optional"
        lines.append(f"- Secret: `{source.secret_variable}` ({need}).")
    lines.append(f"- Terms: {source.licence} ({source.redistribution}).")
    listed = ", ".join(f"`{row['source_metric_name']}` → {row['metric_id']}" for row in fields)
    if listed:
        lines.append(f"- Metrics: {listed}.")
    return "\n".join(lines)


def _request(source: Source) -> str:
    board = getattr(module_of(source.source_id), "BOARD", None)
    if board is None:
        return f"<{source.endpoint}>"
    body = ", ".join(f'"{name}": "{value}"' for name, value in board.items())
    return f"POST <{source.endpoint}> with `{{{body}}}`"


def _age(hours: int) -> str:
    number, unit = (hours // 24, "day") if hours % 24 == 0 else (hours, "hour")
    return f"{number} {unit}{'' if number == 1 else 's'}"


def _sources_table(
    sources: dict[str, Source], fields: list[dict[str, str]], metrics: list[dict[str, str]]
) -> list[str]:
    described = {row["metric_id"]: row for row in metrics}
    rows = []
    for source in sources.values():
        own = {
            row["metric_id"]: described[row["metric_id"]]
            for row in fields
            if row["source_id"] == source.source_id
        }
        units = ", ".join(dict.fromkeys(row["unit"] for row in own.values()))
        asked = "POST" if source.cache_file and "POST" in _request(source) else "GET"
        rows.append(
            [
                f"`{source.source_id}`",
                source.family,
                f"`{source.cache_file}`" if source.cache_file else "–",
                asked if source.cache_file else "–",
                f"{len(own)} ({units})" if own else "those of the file",
                str(source.minimum_rows or "–"),
                _age(source.ttl_hours) if source.ttl_hours else "–",
                f"{source.licence} ({source.redistribution})",
            ]
        )
    columns = ("source", "family", "cache file", "method", "metrics", "fewest records", "fresh for")
    return table([*columns, "terms"], rows)


def _metrics_table(metrics: list[dict[str, str]]) -> list[str]:
    columns = ("metric_id", "display_name", "unit", "description")
    return table(
        ["metric", "name", "unit", "what it measures"],
        [[row[column] for column in columns] for row in metrics],
    )


def table(heads: Sequence[str], rows: list[list[str]]) -> list[str]:
    """A table of Markdown, line by line."""
    lines = [f"| {' | '.join(heads)} |", "|" + "---|" * len(heads)]
    return lines + [f"| {' | '.join(row)} |" for row in rows]


def between(text: str, name: str, target: str, lines: list[str]) -> str:
    """A text with these lines where comments name the place and the command that writes it."""
    start, end = f"<!-- {name}: `{target}` -->\n", f"<!-- end of {name} -->\n"
    head, rest = text.split(start, 1)
    return head + start + "\n".join(lines) + "\n" + end + rest.split(end, 1)[1]


def _seed(project: Path, name: str) -> list[dict[str, str]]:
    with (project / "seeds" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


if __name__ == "__main__":
    path = PROJECT / PAGE
    path.write_text(rewritten(path.read_text(encoding="utf-8"), PROJECT), encoding="utf-8")
