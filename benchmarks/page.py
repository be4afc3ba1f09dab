"""What both benchmarks write into docs/performance.md."""

import os
import platform
import re
from importlib.metadata import version
from pathlib import Path
from typing import Any

TABLE = Path(__file__).resolve().parents[1] / "docs" / "performance.md"
DISTRIBUTIONS = ("dbt-core", "dbt-duckdb", "duckdb")


def machine() -> dict[str, Any]:
    """What the figures were taken on, without its name."""
    model = "unknown processor"
    if Path("/proc/cpuinfo").exists():
        found = re.search(r"(?m)^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text())
        model = found[1] if found else model
    return {
        "processor": model,
        "processors": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "system": f"{platform.system()} {platform.machine()}",
        "versions": {"Python": platform.python_version()}
        | {name: version(name) for name in DISTRIBUTIONS},
    }


def described(about: dict[str, Any]) -> str:
    """The same in a line."""
    versions = ", ".join(f"{name} {number}" for name, number in about["versions"].items())
    return (
        f"{about['processor']}, {about['processors']} processors, {about['system']}; {versions}; "
        f"load at the end {about['load']}."
    )


def put(path: Path, name: str, text: str) -> None:
    """Replaces what stands between the two marks of that name."""
    page = path.read_text("utf-8")
    start, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->\n"
    before, rest = page.split(start)
    _, after = rest.split(end)
    path.write_text(before + start + text + end + after, "utf-8")
