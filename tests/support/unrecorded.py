"""Made-up responses of sources of which none is on record."""

import json

from tests.support.written_responses import SCRIPTS, page_bytes


def submission(model: str, accuracy: float | None, **changes: object) -> dict:
    """A row as Terminal-Bench's endpoint has it."""
    metadata = {"model_display": {"label": model, "url": None}, "agent_display": {"label": "Codex"}}
    metrics = {"accuracy": accuracy, "accuracy_ci95_half_width": 2.1}
    return {"status": "display", "metadata": metadata, "metrics": metrics, **changes}


def board(*rows: dict, total: int | None = None) -> bytes:
    """A response of the endpoint; `total` is what it says of its length."""
    pagination = {"total": len(rows) if total is None else total, "total_pages": 1}
    return json.dumps({"rows": rows, "pagination": pagination}).encode()


def scale_entry(model: str, score: float) -> dict:
    """A row of a Scale board."""
    return {
        "model": model,
        "rank": 1,
        "score": score,
        "confidenceInterval_upper": 1,
        "maxScore": 100,
    }


def two_boards(**boards: list[dict]) -> bytes:
    """A Scale page with boards of these headings."""
    tabs = ",".join(
        f'["$","$L1e",null,{SCRIPTS.compact({"title": f"{heading.title()} set", "entries": rows})}]'
        for heading, rows in boards.items()
    )
    return page_bytes(SCRIPTS.page("SWE-Bench Pro V2", "", f'1c:["$","div",null,[{tabs}]]\n'))


FULL = [scale_entry(f"Model {number}", 90 - number) for number in range(10)]
HARD = [scale_entry(f"Model {number}", 98 - number) for number in range(11)]

UNRECORDED = {
    "terminal_bench_3_0": board(*[submission(f"Model {number}", number) for number in range(12)]),
    "swebench_pro_v2": two_boards(full=FULL, hard=HARD),
}
