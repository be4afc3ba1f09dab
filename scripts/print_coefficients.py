"""Writes the coefficients into docs/methodology.md: `python scripts/print_coefficients.py`, or
`make coefficients`. A test uses `rewritten` to see that the page is up to date.
"""

import sys
import tomllib
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT / "scripts"))

from source_facts import between, table  # noqa: E402

PAGE = Path("docs/methodology.md")
TARGET = "make coefficients"
WEIGHTS = {
    "final_score_weights": "Role",
    "group_weights": "Group",
    "composite_metrics": "Composite",
}
# All else is one number each, or a table of metrics.
SINGLE = ("synthesis", "aggregation", "penalties")


def rewritten(text: str, project: Path) -> str:
    """The page with the coefficients as the file has them now."""
    file = project / "data/coefficients.toml"
    coefficients = tomllib.loads(file.read_text(encoding="utf-8"))
    unknown = coefficients.keys() - {*WEIGHTS, *SINGLE, "metrics"}
    if unknown:
        raise SystemExit(f"{file}: {PAGE} has no place for {', '.join(sorted(unknown))}")
    text = between(text, "weights", TARGET, _weights(coefficients))
    text = between(text, "single numbers", TARGET, _single(coefficients))
    return between(text, "transforms", TARGET, _transforms(coefficients["metrics"]))


def _weights(coefficients: dict[str, Any]) -> list[str]:
    rows = [
        [
            f"{kind} `{parent}`",
            ", ".join(f"{child} {weight:g}" for child, weight in children.items()),
        ]
        for key, kind in WEIGHTS.items()
        for parent, children in coefficients[key].items()
    ]
    return table(("role, group or composite", "weights"), rows)


def _single(coefficients: dict[str, Any]) -> list[str]:
    rows = [
        [f"`{key}.{name}`", f"{value:g}"]
        for key in SINGLE
        for name, value in coefficients[key].items()
    ]
    return table(("coefficient", "value"), rows)


def _transforms(metrics: dict[str, dict[str, Any]]) -> list[str]:
    """Metrics that are treated alike share a row."""
    alike: dict[tuple[str, str, str], list[str]] = {}
    for metric_id, metric in metrics.items():
        key = (
            metric["transform"],
            "higher" if metric["higher_better"] else "lower",
            "yes" if metric["log_scale"] else "no",
        )
        alike.setdefault(key, []).append(metric_id)
    rows = [[f"`{key[0]}`", *key[1:], ", ".join(ids)] for key, ids in alike.items()]
    return table(("transform", "better", "logarithm", "metrics"), rows)


if __name__ == "__main__":
    page = PROJECT / PAGE
    page.write_text(rewritten(page.read_text(encoding="utf-8"), PROJECT), encoding="utf-8")
