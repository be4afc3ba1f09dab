"""Cut the recorded responses down to the fixtures in data/fixtures.

    python scripts/make_fixtures.py --recorded DIR --out data/fixtures
    python scripts/make_fixtures.py --stamp ID --fetched-at DATE

DIR holds `raw/` (recorded responses, named like the cache files), `facts/` (figures of pages
that are only known as tables, as <source_id>.json) and `autumn2026/` (newer ones, as RECORDED_LATER
says). A fixture keeps the shape of the response, all
rows of every board that is read, the fields that are read and a few neighbours; descriptions,
logos and other prose are left out. The same input gives the same bytes.

The sidecar's `fetched_at` is the newest date found in the response itself, or the earliest
possible date of the capture where that is known: the true time of the download is not recorded.

A source without a cutter here has a fixture that was cut by hand; `--stamp` writes its sidecar.
"""

import argparse
import csv
import hashlib
import io
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from base.times import moment_text  # noqa: E402
from ingest.contract import Record  # noqa: E402
from ingest.fetch.cache import sidecar_of  # noqa: E402
from ingest.registry import RemoteSource, load_sources  # noqa: E402
from ingest.sources import Parts, parser_of  # noqa: E402
from ipbr_rank.run.settings import parse_now  # noqa: E402

LMARENA_CATEGORIES = {
    "text": ("overall", "creative_writing", "hard_prompts"),
    "webdev": ("overall",),
    "search": ("overall",),
    "document": ("overall",),
}
SWEBENCH_BOARDS = ("bash-only", "Verified", "Multilingual")
N_NEIGHBOURS = 5
# A stream is pushed in pieces that are cut anywhere, also within a name or a number.
CHUNK_LENGTH = 4000


# Where a response was recorded, if the source is at another address today.
RECORDED_AT = {
    "lmarena": (
        "https://datasets-server.huggingface.co/parquet?dataset=lmarena-ai%2Fleaderboard-dataset"
    ),
    "arc_agi": "https://arcprize.org/media/data/evaluations.json",
    "terminal_bench": "https://www.tbench.ai/leaderboard/terminal-bench/2.0",
    "terminal_bench_2_1": "https://www.tbench.ai/leaderboard/terminal-bench/2.1",
}


# Responses and figures of autumn 2026, by source.
RECORDED_LATER = {
    "lmarena": "lmarena/webdev_overall_2026-10-06.facts.json",
    "eqbench_creative_writing": "eqbench_creative_writing/creative_writing_v3.js",
    "eqbench_judgemark": "eqbench_judgemark/judgemark-v4.js",
    "livebench": "livebench/table_2026_06_25.as_of_2026-09-21.csv",
    "tau2_bench": "tau2_bench/submissions.json",
    "bc_bench": "bc_bench_code_review/code-review_2026-08-21.json",
    "osworld_2": "osworld_2/epoch_osworld2_2026-10-08.facts.json",
    "epoch_eci": "epoch_eci/eci_scores_2026-10-08.top.facts.json",
    "deepswe": "deepswe/deepswe_v1_1_2026-09-22.best_per_model_top20.facts.json",
    "terminal_bench_4_0": "terminal_bench_4_0/terminal_bench_4_0_2026-09-19.facts.json",
}
# Of these boards a part is on record.
PARTIAL = ("deepswe", "terminal_bench_4_0")


class Recorded:
    """The recorded response of one source, in the forms the cutters below need."""

    def __init__(self, directory: Path, source: RemoteSource) -> None:
        self.source = source
        self.raw_file = directory / "raw" / source.cache_file
        self.facts_file = directory / "facts" / f"{source.source_id}.json"
        if source.source_id in RECORDED_LATER:
            self.later_file = directory / "autumn2026" / RECORDED_LATER[source.source_id]

    def json(self) -> Any:
        return json.loads(self.raw_file.read_bytes())

    def text(self) -> str:
        return self.raw_file.read_text(encoding="utf-8")

    def facts(self) -> Record:
        facts: Record = json.loads(self.facts_file.read_bytes())
        return facts

    def later(self) -> Any:
        """What was recorded in autumn: JSON, or the text of another file."""
        text = self.later_file.read_text(encoding="utf-8")
        return json.loads(text) if self.later_file.suffix == ".json" else text

    def parts(self) -> Parts:
        return parser_of(self.source.source_id)(self.raw_file.read_bytes())


def compact(value: Any) -> str:
    """JSON without blanks, keys in the order of the source."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def pick(record: Record, *names: str) -> Record:
    """The named fields of a record, in the order of the record."""
    return {name: value for name, value in record.items() if name in names}


def day(dates: Iterable[str | None]) -> str:
    """The newest of ISO dates, as midnight UTC."""
    return f"{max(date for date in dates if date)[:10]}T00:00:00Z"


def moment(milliseconds: Iterable[int]) -> str:
    """The newest of epoch milliseconds."""
    return moment_text(datetime.fromtimestamp(max(milliseconds) // 1000, UTC))


# --- JSON and CSV ---------------------------------------------------------------------------------


def openrouter(recorded: Recorded) -> tuple[str, str]:
    data = []
    for model in recorded.json()["data"]:
        kept = pick(
            model,
            *("id", "name", "canonical_slug", "created", "context_length", "knowledge_cutoff"),
        )
        kept["pricing"] = pick(model["pricing"], "prompt", "completion", "image")
        kept["top_provider"] = pick(
            model["top_provider"], "context_length", "max_completion_tokens"
        )
        data.append(kept)
    return compact({"data": data}), moment(1000 * model["created"] for model in data)


def lmarena(recorded: Recorded) -> tuple[str, str]:
    response = recorded.json()
    dates = []
    # One board is newer than the others; it has neither intervals nor votes.
    names = Counter(row["model_name"] for row in recorded.later()["rows"])
    features = response["configs"]["webdev"][0]["features"]
    webdev = [
        {"row": {feature["name"]: row.get(feature["name"]) for feature in features}}
        for row in recorded.later()["rows"]
        # Of two rows under one name nobody knows which is the model's.
        if names[row["model_name"]] == 1
    ]
    response["configs"]["webdev"] = [{"features": features, "rows": webdev}]
    for config, categories in LMARENA_CATEGORIES.items():
        pages = response["configs"][config]
        rows = [entry["row"] for page in pages for entry in page["rows"]]
        dates += [row["leaderboard_publish_date"] for row in rows]
        others = [row for row in rows if row["category"] not in categories][:N_NEIGHBOURS]
        kept = [row for row in rows if row["category"] in categories] + others
        response["configs"][config] = [
            {
                "features": pages[0]["features"],
                "rows": [
                    {"row_idx": start + index, "row": row, "truncated_cells": []}
                    for index, row in enumerate(kept[start : start + 100])
                ],
                "num_rows_total": len(kept),
                "num_rows_per_page": 100,
                "partial": False,
            }
            for start in range(0, len(kept), 100)
        ]
    return compact(response), day(dates)


def artificial_analysis(recorded: Recorded) -> tuple[str, str]:
    response = recorded.json()
    data = []
    for model in response["data"]:
        kept = dict(model)
        kept["model_creator"] = pick(model["model_creator"], "name", "slug")
        data.append(kept)
    return compact({**response, "data": data}), day(model["release_date"] for model in data)


def swebench(recorded: Recorded) -> tuple[str, str]:
    boards = []
    dates = []
    for board in recorded.json()["leaderboards"]:
        dates += [result["date"] for result in board["results"]]
        n_kept = len(board["results"]) if board["name"] in SWEBENCH_BOARDS else N_NEIGHBOURS
        results = [
            pick(
                result,
                *("name", "resolved", "date", "tags", "os_model", "checked", "instance_cost"),
            )
            for result in board["results"][:n_kept]
        ]
        if board["name"] in (*SWEBENCH_BOARDS, "Lite"):
            boards.append({"name": board["name"], "results": results})
    return compact({"leaderboards": boards}), day(dates)


def livecodebench(recorded: Recorded) -> tuple[str, str]:
    response = recorded.json()
    dates = response["date_marks"] + [row["date"] for row in response["performances"]]
    fixture = {
        "performances": [
            pick(row, "model", "date", "difficulty", "pass@1") for row in response["performances"]
        ],
        "models": [
            pick(model, "model_name", "model_repr", "release_date") for model in response["models"]
        ],
        "date_marks": response["date_marks"],
    }
    return compact(fixture), moment(dates)


def gso(recorded: Recorded) -> tuple[str, str]:
    response = recorded.json()
    for model in response["models"]:
        del model["submission_org_logo"]
    dates = [model["date"] for model in response["models"]]
    return compact(response), day([response["metadata"]["last_updated"], *dates])


def bfcl(recorded: Recorded) -> tuple[str, str]:
    reader = csv.DictReader(io.StringIO(recorded.text(), newline=""))
    rows = list(reader)
    output = io.StringIO()
    columns = [name for name in reader.fieldnames or () if name != "Model Link"]
    writer = csv.DictWriter(output, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    # The table carries no date; model names carry those of their releases.
    stamps = [
        part
        for row in rows
        for part in row["Model"].replace("(", "-").replace(" ", "-").split("-")
        if len(part) == 8 and part.isdigit() and part.startswith("20")
    ]
    return output.getvalue(), day(f"{s[:4]}-{s[4:6]}-{s[6:]}" for s in stamps)


def sonar(recorded: Recorded) -> tuple[str, str]:
    response = recorded.json()
    models = [
        pick(
            model,
            *("id", "name", "organization", "releaseDate", "functionalSkill", "issueDensity"),
            *("bugDensityPerKloc", "vulnerabilityDensityPerKloc"),
            *("linesOfCode", "bugSeverityPerMloc"),
        )
        for model in response["models"]
    ]
    fixture = {**pick(response, "benchmarks", "date"), "models": models}
    return compact(fixture), day(model["releaseDate"] for model in models)


def arc_agi(recorded: Recorded) -> tuple[str, str]:
    response = recorded.json()
    wanted = ("v2_Semi_Private", "v3_Semi_Private")
    evaluations = response["evaluations"]
    others = [entry for entry in evaluations if entry["datasetId"] not in wanted]
    others = others[: 2 * N_NEIGHBOURS]
    fixture = {
        "evaluations": [
            pick(entry, "costPerTask", "datasetId", "display", "modelId", "score")
            for entry in evaluations
            if entry["datasetId"] in wanted or entry in others
        ],
        "models": [
            pick(
                model,
                *("displayName", "id", "modelGroup", "modelReleaseDate", "modelType"),
                "providerId",
            )
            for model in response["models"]
        ],
    }
    return compact(fixture), day(model["modelReleaseDate"] for model in response["models"])


# --- Next.js pages --------------------------------------------------------------------------------


def script(pushed: Any) -> str:
    """A script element that pushes a value, escaped like the original."""
    text = compact(pushed)
    for character in "&<>":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return f"<script>self.__next_f.push({text})</script>"


def page(title: str, body: str, stream: str, linked_data: Record | None = None) -> str:
    """An HTML page whose stream is pushed in several chunks."""
    chunks = [stream[at : at + CHUNK_LENGTH] for at in range(0, len(stream), CHUNK_LENGTH)]
    linked = linked_data and f'<script type="application/ld+json">{compact(linked_data)}</script>'
    lines = [
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<script src="/_next/static/chunks/main.js" async=""></script></head><body>',
        linked,
        body,
        "<script>(self.__next_f=self.__next_f||[]).push([0])</script>",
        *(script([1, chunk]) for chunk in chunks),
        "</body></html>",
    ]
    return "\n".join(line for line in lines if line) + "\n"


def scale_page(title: str, dated: str, entries: list[Record]) -> str:
    """A Scale Labs leaderboard page: the rendered list, an article with a table, the entries."""
    bars = "".join(
        '<div class="flex items-center gap-3"><div class="shrink-0 w-9">'
        f"<span>{entry['rank']}</span></div>"
        f'<p data-model-name="true" data-state="closed">{escape(entry["model"])}</p>'
        f'<p class="ml-auto"><span class="text-ink">{entry["score"]:.2f}</span>'
        f"<span>±<!-- -->{entry['confidenceInterval_upper']}</span></p>"
        f'<button><div style="width:{100 * entry["score"] / entry["maxScore"]:.2f}%"></div>'
        "</button></div>"
        for entry in entries
    )
    cells = [
        {"_type": "tableRow", "cells": [entry["model"], f"{entry['score']}%"], "isHeader": False}
        for entry in entries[:3]
    ]
    table = {"_type": "leaderboardTable", "markDefs": None, "rows": cells}
    colours = [{"name": "OpenAI", "color": "#65C2B9", "code": "openai"}]
    props = {"entries": entries, "colorConfig": colours, "bottomTableText": "$undefined"}
    stream = (
        '1:"$Sreact.fragment"\n'
        f'7:["$","$L17",null,{compact({"leaderboards": [{"name": title}]})}]\n'
        f'1d:["$","$L20",null,{compact({"content": [table]})}]\n'
        f'1c:["$","div",null,{{"className":"w-full","children":["$","$L1e",null,{compact(props)}]}}]'
        "\n"
        '1f:["$","div",null,{"children":"$undefined"}]\n'
    )
    body = f'<h2>Performance Comparison</h2><div class="space-y-3">{bars}</div>'
    linked = {"@context": "https://schema.org", "@type": "Dataset", "dateModified": dated}
    return page(title, body, stream, linked)


def scale_recorded(recorded: Recorded) -> tuple[str, str]:
    """A Scale page from its recorded page, dated by the page's own time of rendering."""
    anchor = '"dateModified":"'
    text = recorded.text()
    start = text.index(anchor) + len(anchor)
    dated = f"{text[start : start + 19]}Z"
    entries = recorded.parts()["entries"]
    return scale_page(recorded.source.display_name, dated, entries), dated


def scale_facts(recorded: Recorded) -> tuple[str, str]:
    """A Scale page from its transcribed rows."""
    facts = recorded.facts()
    dated = f"{facts['as_of']}T00:00:00Z"
    entries = [
        {
            "model": row["model"],
            "version": "",
            "rank": row["rank"],
            "score": row["score"],
            "confidenceInterval_upper": row["confidence_interval"],
            "contaminationMessage": "",
            "company": row["organisation"],
            "isNew": row["is_new"],
            "new": row["is_new"],
            "createdAt": row["created_at"],
            "deprecated": row["deprecated"],
            "maxScore": facts["max_score"],
        }
        for row in facts["rows"]
    ]
    return scale_page(recorded.source.display_name, dated, entries), dated


def swerebench(recorded: Recorded) -> tuple[str, str]:
    facts = recorded.facts()
    first = facts["dates"][0]
    figures = "resolvedRate sem passN instanceCosts totalTokenUsage cachedTokenPercentage"
    zeros = dict.fromkeys(figures.split(), 0)
    items = []
    lines = []
    for row in facts["rows"]:
        window = row["taskRangeTimestamp"]
        stats = dict(row["rangeStats"])
        if row["basis"].startswith("approximate"):
            stats["resolvedRate"] = round(stats["resolvedRate"], 1)
        items.append(
            {
                "modelId": f"{row['modelName']}__{row['agentVersion']}",
                "modelName": row["modelName"],
                "taskRangeTimestamp": window,
                "agentVersion": row["agentVersion"],
                "rangeStats": {
                    f"{first}:{first}": zeros,
                    f"{window['from']}:{window['to']}": stats,
                },
            }
        )
        shown = row.get("default_window")
        lines.append(
            '<tr class="g-table__row"><td><div class="rank-table__model-name">'
            f"{escape(row['modelName'])}</div></td>"
            f"<td>{shown['resolved_rate'] if shown else 'N/A'}</td></tr>"
        )
    series = [
        {
            "name": f"{row['modelName']} ({row['agentVersion']})",
            "data": [{"x": month, "y": y} for month, y in row["monthly_resolved_rate"].items()],
        }
        for row in facts["rows"][:2]
    ]
    props = {
        "items": items,
        "dates": {"initialStartIndex": 28, "initialEndIndex": 33, "dates": facts["dates"]},
        "insights": [],
    }
    stream = (
        '5:["$","$L9",null,{"items":["Leaderboard","About"]}]\n'
        f'7:["$","$La",null,{compact(props)}]\n'
        f'8:["$","$Lb",null,{compact({"chart": {"series": series}})}]\n'
        '9:["$","$Lc",null,{"models":"$7:props:items"}]\n'
    )
    table = (
        '<table class="rank-table__table"><tr><th>Model</th><th>Resolved Rate (%)</th></tr>'
        f"{''.join(lines)}</table>"
    )
    # The page was captured between 2026-06-08 and 2026-06-10; its newest task date is older.
    return page(recorded.source.display_name, table, stream), "2026-06-08T00:00:00Z"


def terminal_page(version: str, rows: list[Record], shown: list[Record]) -> str:
    """A Terminal-Bench page: `rows` in the stream, `shown` (texts) in the table."""
    cell_class = "p-2 [&amp;:has([role=checkbox])]:pr-0 [&amp;&gt;[role=checkbox]]:py-4"
    headings = ("", "Rank", "Agent", "Model", "Date", "Agent Org", "Model Org")
    head = "".join(f'<th data-slot="table-head">{heading}</th>' for heading in headings)
    head += '<th data-slot="table-head"><p class="text-right">Accuracy</p></th>'
    lines = []
    for rank, (row, texts) in enumerate(zip(rows, shown, strict=True), start=1):
        text = {name: escape(value) for name, value in texts.items()}
        badge = '<svg viewBox="0 0 24 24"></svg>' if row["verified"] else ""
        accuracy = text["accuracy"].removesuffix("%")
        cells = (
            '<button type="button" role="checkbox"></button><input type="checkbox" value="on">',
            f'<div class="flex"><span>{rank}</span>{badge}</div>',
            f"<span>{text['agent']}</span>",
            f"<span>{text['model']}</span>",
            text["date"],
            text["agent_organization"],
            f"<span>{text['model_organization']}</span>",
            f'<p class="text-right"><span class="font-bold">{accuracy}<!-- -->%</span>'
            f'<span class="ml-1">± <!-- -->{text["plus_minus"]}</span></p>',
        )
        tds = "".join(f'<td data-slot="table-cell" class="{cell_class}">{c}</td>' for c in cells)
        lines.append(f'<tr data-slot="table-row" data-state="false">{tds}</tr>\n')
    table = (
        f"<p>Showing <!-- -->{len(rows)}<!-- --> entries</p>"
        '<table data-slot="table" class="[&amp;_tr&gt;td:first-child]:pl-6"><thead>'
        f'<tr data-slot="table-row">{head}</tr></thead><tbody>{"".join(lines)}</tbody></table>'
    )
    props = {"rows": rows, "className": "-mx-4", "name": "terminal-bench", "version": version}
    stream = (
        '1:"$Sreact.fragment"\n'
        '1d:["$","$L27",null,{"items":["New Model","Custom Agent"],"rows":[]}]\n'
        f'1e:["$","div",null,{{"children":["$","$L2b",null,{compact(props)}]}}]\n'
        '2c:["$","pre",null,{"children":" 5"}]\n'
    )
    return page(f"terminal-bench {version}", table, stream)


def terminal_bench(recorded: Recorded) -> tuple[str, str]:
    parsed = recorded.parts()["rows"]
    shown = [row["displayed"] for row in parsed]
    rows = [
        {name: row[name] for name in row if name not in ("displayed", "agentUrl", "key")}
        for row in parsed
    ]
    return terminal_page("2.0", rows, shown), day(row["date"] for row in rows)


def terminal_bench_2_1(recorded: Recorded) -> tuple[str, str]:
    facts = recorded.facts()
    rows = [
        {
            "agent": row["agent"],
            "model": [row["model"]],
            "agentOrganization": row["agent_organisation"],
            "modelOrganization": [row["model_organisation"]],
            "date": row["date"],
            "accuracy": row["accuracy"],
            "stderr": row["stderr"],
            "integrationMethod": row["integration_method"],
            "verified": row["verified"],
            "agentName": row["agent_name"],
            "agentVersion": row["agent_version"],
            "modelNames": [row["model_name"]],
            "modelProviders": [row["model_provider"]],
        }
        for row in facts["rows"]
    ]
    shown = [
        {
            "agent": row["agent"],
            "model": row["model"],
            "date": row["date"],
            "agent_organization": row["agent_organisation"],
            "model_organization": row["model_organisation"],
            "accuracy": f"{row['score']}%",
            "plus_minus": str(row["plus_minus"]),
        }
        for row in facts["rows"]
    ]
    return terminal_page("2.1", rows, shown), day(row["date"] for row in rows)


# --- Boards of autumn 2026 ------------------------------------------------------------------------


def table(rows: Iterable[Record]) -> str:
    """Records as a CSV table; the first tells the columns."""
    rows = list(rows)
    output = io.StringIO()
    writer = csv.DictWriter(output, list(rows[0]), extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return output.getvalue()


def assigned(recorded: Recorded, variable: str, columns: tuple[str, ...]) -> str:
    """A script that assigns a table to a variable, with some of its columns."""
    text = recorded.later().split("`")[1].strip()
    rows = [pick(row, *columns) for row in csv.DictReader(io.StringIO(text))]
    return f"let {variable} = `\n{table(rows)}`\n"


def eqbench_creative_writing(recorded: Recorded) -> tuple[str, str]:
    columns = ("model_name", "elo_score", "creative_writing_score", "avg_length")
    # The table has no date; its newest row is Claude Sonnet 5 of 2026-06-30.
    script = assigned(recorded, "leaderboardDataCreativeWritingV3", columns)
    return script, "2026-07-01T00:00:00Z"


def eqbench_judgemark(recorded: Recorded) -> tuple[str, str]:
    columns = ("model", "score", "ci_low", "ci_high", "cost")
    # As above.
    return assigned(recorded, "leaderboardDataJudgemarkV4", columns), "2026-07-01T00:00:00Z"


def livebench(recorded: Recorded) -> tuple[str, str]:
    folder = recorded.later_file.parent
    categories = json.loads((folder / "categories_2026_06_25.json").read_bytes())
    tasks = [task for names in categories.values() for task in names]
    scores = csv.DictReader(io.StringIO(recorded.later()))
    costs = csv.DictReader((folder / "cost_2026_06_25.csv").open(encoding="utf-8", newline=""))
    priced = ("model", "cost_per_question", "avg_output_tokens")
    fixture = {
        "table": table(pick(row, "model", *tasks) for row in scores),
        "cost": table(pick(row, *priced) for row in costs),
        "categories": categories,
    }
    return compact(fixture), "2026-09-21T00:00:00Z"


def tau2_bench(recorded: Recorded) -> tuple[str, str]:
    manifest = json.loads((recorded.later_file.parent / "manifest.json").read_bytes())
    submissions = {}
    dates = []
    recorded_by_name = recorded.later()
    for name in [name for names in manifest.values() for name in names]:
        submission = recorded_by_name[name]
        kept = pick(
            submission,
            *("model_name", "model_organization", "submission_date", "submission_type"),
            *("reasoning_effort", "modality"),
        )
        kept["results"] = {
            domain: result and pick(result, "pass_1", "pass_2", "pass_3", "pass_4", "cost")
            for domain, result in submission["results"].items()
        }
        for part, names in (
            ("methodology", ("evaluation_date", "tau2_bench_version")),
            ("model_release", ("release_date",)),
        ):
            if part in submission:
                kept[part] = submission[part] and pick(submission[part], *names)
        dates.append(submission["submission_date"])
        submissions[name] = kept
    fixture = {"manifest": manifest, "submissions": submissions}
    return compact(fixture), day(dates)


def bc_bench(recorded: Recorded) -> tuple[str, str]:
    response = recorded.later()
    kept = [
        pick(
            entry,
            *("model", "agent_name", "category", "experiment", "total", "num_runs"),
            *("benchmark_version", "f1", "f1_ci_low", "f1_ci_high", "precision", "recall"),
        )
        for entry in response["aggregate"]
    ]
    runs = [pick(run, "date", "model", "f1") for run in response["runs"][:N_NEIGHBOURS]]
    dates = [run["date"] for run in response["runs"]]
    return compact({"runs": runs, "aggregate": kept}), day(dates)


def osworld_2(recorded: Recorded) -> tuple[str, str]:
    rows = [
        {
            "Model version": row["model"],
            # As a share: four decimals are the percentage's two.
            "Binary accuracy": f"{row['percent'] / 100:.4f}",
            "Reasoning": row["effort"] or "",
        }
        for row in recorded.later()["rows"]
    ]
    return table(rows), "2026-10-08T00:00:00Z"


def epoch_eci(recorded: Recorded) -> tuple[str, str]:
    rows = [
        {
            "Model": row["model"],
            "eci": row["eci"],
            "date": row["release_date"],
            "Organization": row["organization"],
        }
        for row in recorded.later()["rows"]
    ]
    return table(rows), "2026-10-08T00:00:00Z"


def deepswe(recorded: Recorded) -> tuple[str, str]:
    rows = [
        {
            "model": row["model"],
            "harness": "mini-swe-agent",
            "provider": row["provider"],
            "reasoning_effort": row["reasoning_effort"],
            "source": "deep-swe",
            "pass_at_1": round(row["pass_at_1_percent"] / 100, 4),
            "ci_half": round(row["plus_minus"] / 100, 4),
            "mean_cost_usd": row["mean_cost_usd"],
        }
        for row in recorded.later()["rows"]
    ]
    dated = "2026-09-22T00:00:00Z"
    return compact({"generated_at": dated, "n_tasks_in_set": 113, "rows": rows}), dated


def terminal_bench_4_0(recorded: Recorded) -> tuple[str, str]:
    facts = recorded.later()["rows"]
    rows = [
        {
            "rank": rank,
            "status": "display",
            "n_trials": row["n_trials"],
            "metadata": {
                "date": row["submission_date"],
                "model_org": {"label": row["model_org"], "url": None},
                "model_names": [row["model_id"]],
                "model_display": {"label": row["model_display"], "url": None},
                "agent_display": {"label": row["agent"], "url": None},
                "agent_version": row["agent_version"],
                "reasoning_effort": row["reasoning_effort"],
            },
            "metrics": pick(
                row, "accuracy", "accuracy_ci95_half_width", "successes", "total_cost_usd"
            ),
        }
        for rank, row in enumerate(facts, start=1)
    ]
    board = {"name": "4-0-0", "title": "Terminal-Bench 4.0"}
    pagination = {"page": 1, "total": len(rows), "total_pages": 1}
    fixture = {"leaderboard": board, "rows": rows, "pagination": pagination}
    return compact(fixture), day(row["submission_date"] for row in facts)


CUTTERS: dict[str, Callable[[Recorded], tuple[str, str]]] = {
    "openrouter": openrouter,
    "lmarena": lmarena,
    "artificial_analysis": artificial_analysis,
    "swebench": swebench,
    "swebench_pro": scale_recorded,
    "sweatlas_qna": scale_facts,
    "sweatlas_test_writing": scale_facts,
    "sweatlas_refactoring": scale_facts,
    "mcp_atlas": scale_recorded,
    "hil_bench": scale_facts,
    "swerebench": swerebench,
    "livecodebench": livecodebench,
    "gso": gso,
    "terminal_bench": terminal_bench,
    "terminal_bench_2_1": terminal_bench_2_1,
    "bfcl": bfcl,
    "sonar": sonar,
    "arc_agi": arc_agi,
    "eqbench_creative_writing": eqbench_creative_writing,
    "eqbench_judgemark": eqbench_judgemark,
    "livebench": livebench,
    "tau2_bench": tau2_bench,
    "bc_bench": bc_bench,
    "osworld_2": osworld_2,
    "epoch_eci": epoch_eci,
    "deepswe": deepswe,
    "terminal_bench_4_0": terminal_bench_4_0,
}


def make_fixture(source: RemoteSource, recorded: Path, out: Path) -> Path:
    """Write the fixture of one source and its sidecar; returns the fixture's path."""
    text, fetched_at = CUTTERS[source.source_id](Recorded(recorded, source))
    body = text.encode()
    path = out / source.cache_file
    path.write_bytes(body)
    write_sidecar(source, path, fetched_at)
    return path


def write_sidecar(source: RemoteSource, path: Path, fetched_at: str) -> None:
    """Write what is known of the fixture as it is now: its hash and a time."""
    sidecar = {
        "url": RECORDED_AT.get(source.source_id, source.endpoint),
        "fetched_at": moment_text(parse_now(fetched_at)),
        "content_changed_at": None,
        "http_status": None,
        "etag": None,
        "last_modified": None,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        **({"is_partial": True} if source.source_id in PARTIAL else {}),
    }
    sidecar_of(path).write_text(json.dumps(sidecar, indent=1) + "\n", encoding="utf-8")


def stamp(source_id: str, fetched_at: str, fixtures: Path) -> None:
    """Give a fixture that was cut by hand its sidecar."""
    source = load_sources(PROJECT).get(source_id)
    path = fixtures / (source.cache_file if isinstance(source, RemoteSource) else source_id)
    if not isinstance(source, RemoteSource) or not path.is_file():
        sys.exit(f"error: --stamp {source_id}: expected a source with a fixture, found no {path}")
    write_sidecar(source, path, fetched_at)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--recorded", type=Path, help="folder with raw/ and facts/")
    parser.add_argument("--out", type=Path, help="folder for the fixtures")
    parser.add_argument("--stamp", metavar="ID", help="the source whose fixture was cut by hand")
    parser.add_argument("--fetched-at", metavar="ISO8601", help="when its answer was fetched")
    options = parser.parse_args()
    out = options.out or PROJECT / "data/fixtures"
    if options.stamp and options.fetched_at:
        stamp(options.stamp, options.fetched_at, out)
        return
    if not (options.recorded and options.out):
        parser.error("give --recorded and --out, or --stamp and --fetched-at")
    out.mkdir(parents=True, exist_ok=True)
    for source in load_sources(PROJECT).values():
        if isinstance(source, RemoteSource) and source.source_id in CUTTERS:
            path = make_fixture(source, options.recorded, out)
            print(f"{path.stat().st_size:>9,}  {path}")


if __name__ == "__main__":
    main()
