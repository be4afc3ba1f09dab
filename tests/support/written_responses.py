"""Writes any records as the source would serve them, for tests of odd content and lost rows."""

import importlib
import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType

from ingest.sources import Parts
from tests.support.counted import COUNTED


def _load() -> ModuleType:
    path = Path(__file__).parents[2] / "scripts" / "make_fixtures.py"
    specification = importlib.util.spec_from_file_location("make_fixtures", path)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


# It knows how to write the pages.
SCRIPTS = _load()
SCALE_LABS = {
    *("swebench_pro", "mcp_atlas", "hil_bench"),
    *("sweatlas_qna", "sweatlas_refactoring", "sweatlas_test_writing"),
}


def csv_cell(value: str) -> str:
    """A cell in quotes, as CSV has them."""
    return '"' + value.replace('"', '""') + '"'


def csv_text(records: list[dict]) -> str:
    """Records of texts as a CSV table."""
    lines = [records[0].keys(), *(record.values() for record in records)]
    return "".join(",".join(map(csv_cell, line)) + "\n" for line in lines)


def csv_bytes(text: str) -> bytes:
    """A text without escapes: a lone surrogate cannot come over this way."""
    return text.encode("utf-8", "replace").replace(b"?", "\ufffd".encode())


def response_of(source_id: str, parts: Parts) -> bytes:
    """Write records as the source would serve them."""
    match source_id:
        case "openrouter" | "artificial_analysis":
            response = {"data": parts["models"]}
        case "lmarena":
            response = {
                "configs": {
                    config: [{"rows": [{"row": row} for row in rows]}]
                    for config, rows in parts.items()
                }
            }
        case "swebench":
            boards = [{"name": name, "results": results} for name, results in parts.items()]
            response = {"leaderboards": boards}
        case "swerebench":
            items = [
                item
                | {
                    "rangeStats": {
                        "{from}:{to}".format(**item["taskRangeTimestamp"]): item["stats"]
                    }
                }
                for item in parts["items"]
            ]
            stream = f'7:["$","$La",null,{SCRIPTS.compact({"items": items})}]\n'
            return page_bytes(SCRIPTS.page("SWE-rebench", "", stream))
        case "terminal_bench" | "terminal_bench_2_1":
            shown = [
                row["displayed"] | {"agent": row["agent"].replace("\n", " ")}
                for row in parts["rows"]
            ]
            rows = [{key: row[key] for key in row if key != "displayed"} for row in parts["rows"]]
            return page_bytes(SCRIPTS.terminal_page("2.0", rows, shown))
        case "bfcl" | "osworld_2":
            return csv_bytes(csv_text(parts["rows"]))
        case "epoch_eci":
            return csv_bytes(csv_text(parts["models"]))
        case "eqbench_creative_writing" | "eqbench_judgemark":
            variable = importlib.import_module(f"ingest.sources.{source_id}").VARIABLE
            text = re.sub(r"[\\`]|\$(?={)", r"\\\g<0>", csv_text(parts["models"]))
            return csv_bytes(f"let {variable} = `\n{text}\n`\n")
        case "livebench":
            response = {
                "table": csv_text(
                    [{"model": row["model"], **row["scores"]} for row in parts["table"]]
                ),
                "cost": csv_text(parts["cost"]),
                "categories": {row["category"]: row["tasks"] for row in parts["categories"]},
            }
        case "tau2_bench":
            named = {
                f"submission {number}": record for number, record in enumerate(parts["submissions"])
            }
            response = {
                "manifest": {
                    kind: [name for name, record in named.items() if record["kind"] == kind]
                    for kind in ("submissions", "voice_submissions", "legacy_submissions")
                },
                "submissions": named,
            }
        case "terminal_bench_3_0" | "terminal_bench_4_0":
            response = {"rows": parts["submissions"]}
        case "swebench_pro_v2":
            props = SCRIPTS.compact({"title": "Full set", "entries": parts["entries"]})
            return page_bytes(SCRIPTS.page("Board", "", f'1c:["$","div",null,{props}]\n'))
        case _ if source_id in SCALE_LABS:
            return page_bytes(SCRIPTS.scale_page("Board", "2026-01-01", parts["entries"]))
        case _:
            # The usual shape, also of sources that are still to come: a list for each part.
            counted = COUNTED[source_id]
            names = zip(counted["lists"], counted["records"], strict=True)
            response = {name: parts[part] for name, part in names}
    return json.dumps(response).encode()


def page_bytes(page: str) -> bytes:
    """A page as a server sends it: what stands outside of escapes is valid UTF-8."""
    text = page.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text.encode()
