"""How `triage` is written: tables, JSON, or TOML to paste."""

import json
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

from base.errors import ConfigurationError, IpbrError
from base.output import as_table, width_of
from base.text import printable, printable_line, shown_path

# In a table: what a person reads in a sitting. JSON and TOML have all.
SHOWN_MODELS = 20
STEPS = {"vendor_prefixed": "vendor put before it", "affix_stripped": "words taken off"}
TITLES = {
    "new_models": "Models not on the board, newest month first",
    "names_to_review": "Newly resolved names to review",
    "unmatched_names": "Unmatched names, grouped by model",
    "synthesis_gaps": "Gaps that a model of the same vendor could fill",
    "stale_overrides": "Stale overrides",
    "stale_pairs": "Stale pairs",
    "unused_aliases": "Aliases that no source uses",
    "unseen_ignored_names": "Ignored names that no longer occur",
}
NOTES = ("stale_overrides", "stale_pairs", "unused_aliases", "unseen_ignored_names")


def write_report(
    report: dict[str, Any], form: str, *, baseline: Path | None = None, out: IO[str] | None = None
) -> None:
    """Writes the report as a table, JSON or TOML. With a baseline, an earlier report as JSON,
    IpbrError lists the names it does not hold."""
    known = read_baseline(baseline) if baseline else None
    out = out or sys.stdout
    out.write(WRITERS[form](report, width_of(out)))
    if baseline and known is not None:
        new = sorted(_names_of(report) - known)
        if new:
            listed = "\n".join(f"  {source_id}: {name}" for source_id, name in new)
            raise IpbrError(
                f"{len(new)} unmatched names are not in {shown_path(baseline)}; add an alias or an "
                f"ignored name for each, or write the file again with --format json\n{listed}"
            )


def read_baseline(path: Path) -> set[tuple[str, str]]:
    """Source and name of every unmatched name in an earlier JSON report."""
    try:
        return _names_of(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigurationError(
            f"--fail-on-new {shown_path(path)}: expected output of `ipbr-rank triage --format "
            f"json`, found something else ({type(error).__name__})"
        ) from error


def told_resolved(names: Iterable[dict[str, Any]], *, width: int | None = None) -> tuple[int, str]:
    """How many names, and a table of them: name → model, by which step."""
    rows = [
        (
            name["source_id"],
            name["name"],
            f"→ {name['canonical_id']}",
            STEPS.get(name["match_method"], "its own name"),
            name["words_taken_off"],
        )
        for name in names
    ]
    header = ["source", "name", "model", "by which step", "words"]
    return len(rows), as_table(header, rows, width=width) if rows else ""


def _names_of(report: dict[str, Any]) -> set[tuple[str, str]]:
    return {
        (name["source_id"], name["name"])
        for entry in report["unmatched_names"]
        for name in entry["names"]
    }


def _as_json(report: dict[str, Any], _width: int | None) -> str:
    return json.dumps(report, indent=2, ensure_ascii=False) + "\n"


def _as_toml(report: dict[str, Any], _width: int | None) -> str:
    """Blocks to paste into the files of data/; the likeliest model only, the rest as comments."""
    lines = ["# required_aliases.toml: names to add to the aliases of a ranked model"]
    tables: dict[str, list[str]] = defaultdict(list)
    for entry in report["unmatched_names"]:
        for position, found in enumerate(entry["suggestions"]):
            for line in found["toml_lines"]:
                said = f"  # {', '.join(entry['source_ids'])}; {found['score']:.2f}"
                sign = "# or here: " if position else ""
                tables[found["toml_table"]].append(f"    {sign}{line}{said}")
    for table in sorted(tables):
        lines += ["", table, "aliases = [", *tables[table], "]"]
    lines += ["", "# required_aliases.toml: models that are not ranked, the newest month first"]
    for model in report["new_models"]:
        lines += ["", printable(f"# {'; '.join(_facts(model))}"), model["toml"]]
    if "synthesis_gaps" in report:
        lines += _pairs_and_notes(report)
    return "\n".join(lines) + "\n"


def _pairs_and_notes(report: dict[str, Any]) -> list[str]:
    """What only a board shows."""
    lines = ["", "# synthesis_aliases.toml: pairs that would fill a gap"]
    for gap in report["synthesis_gaps"]:
        blocked = "; blocked by the cap of the source" if gap["is_cap_blocked"] else ""
        others = ", ".join(donor["donor_id"] for donor in gap["donors"][1:])
        lines += ["", f"# {', '.join(gap['metric_ids'])}{blocked}"]
        lines += [f"# or from {others}"] if others else []
        lines += [f"# {line}" if blocked else line for line in gap["toml"].split("\n")]
    for title in NOTES:
        lines += ["", f"# {TITLES[title]}"]
        lines += [
            printable_line(f"# {note['subject']}: {note['message']}") for note in report[title]
        ]
    return lines


def _facts(model: dict[str, Any]) -> list[str]:
    """What the sources state of a model that is not ranked."""
    when = "no date"
    if model["dated_on"]:
        when = f"{'released' if model['release_date'] else 'listed'} {model['dated_on']}"
    facts = [when, f"on {', '.join(model['source_ids'])}", f"{model['n_figures']} values"]
    if model["mean_share_below"] is not None:
        facts.append(f"above {model['mean_share_below']:.0%} of the values there")
    if model["context_window"]:
        facts.append(f"context {model['context_window']:,}")
    return [*facts, *model["reasons"]]


def _as_table(report: dict[str, Any], width: int | None) -> str:
    sections = {
        "new_models": (
            ["date", "model", "vendor", "sources", "above", "weights", "context", "listed by"],
            [_new_model(model) for model in report["new_models"][:SHOWN_MODELS]],
        ),
        "unmatched_names": (
            ["date", "values", "sources", "names", "vendor", "for example", "likely", "refused"],
            [_unmatched(entry) for entry in report["unmatched_names"]],
        ),
        "synthesis_gaps": (
            ["model", "source", "missing", "donors (fills, common)", "cap"],
            [_gap(gap) for gap in report.get("synthesis_gaps", [])],
        ),
    }
    texts = []
    for title in TITLES:
        if title not in report:
            continue
        if title == "names_to_review":
            n_rows, table = told_resolved(report[title], width=width)
        else:
            header, rows = sections.get(title) or (
                ["what", "why"],
                [(note["subject"], note["message"]) for note in report[title]],
            )
            n_rows, table = len(report[title]), as_table(header, rows, width=width) if rows else ""
            if n_rows > len(rows):
                table += (
                    f"and {n_rows - len(rows)} more; use --since, --min-sources or --format json\n"
                )
        texts.append(f"{TITLES[title]}: {n_rows}\n{table}")
    return "\n".join(texts)


def _new_model(model: dict[str, Any]) -> tuple[Any, ...]:
    weights = {True: "open", False: "closed", None: None}[model["open_weights"]]
    share = model["mean_share_below"]
    return (
        model["dated_on"],
        model["canonical_id"],
        model["vendor"],
        len(model["source_ids"]),
        None if share is None else f"{share:.0%}",
        weights,
        model["context_window"],
        _few(model["source_ids"]),
    )


def _unmatched(entry: dict[str, Any]) -> tuple[Any, ...]:
    return (
        entry["dated_on"],
        entry["n_figures"],
        ", ".join(entry["source_ids"]),
        _few(dict.fromkeys(name["name"] for name in entry["names"])),
        entry["vendor"],
        _few(
            f"{figure['metric_id']} {figure['value']:.4g}" for figure in entry["sample_figures"][:1]
        ),
        _few(f"{found['canonical_id']} ({found['score']:.2f})" for found in entry["suggestions"]),
        "; ".join(entry["reasons"]),
    )


def _gap(gap: dict[str, Any]) -> tuple[Any, ...]:
    return (
        gap["canonical_id"],
        gap["source_id"],
        len(gap["metric_ids"]),
        ", ".join(
            f"{donor['donor_id']} ({donor['n_fills']}, {donor['n_common']})"
            for donor in gap["donors"]
        ),
        "blocks" if gap["is_cap_blocked"] else None,
    )


def _few(texts: Iterable[str], shown: int = 3) -> str:
    listed = list(texts)
    more = f" and {len(listed) - shown} more" if len(listed) > shown else ""
    return ", ".join(text if len(text) < 60 else text[:59] + "…" for text in listed[:shown]) + more


WRITERS = {"table": _as_table, "json": _as_json, "toml": _as_toml}
