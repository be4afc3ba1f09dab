"""`triage`: what a maintainer may look at after a run, with the lines to paste.

Reads the built database only. Unmatched names that mean the same are one entry; what the marts
already warn of (stale overrides, stale pairs) is listed beside them, and the unused aliases.
"""

import json
import re
import sys
import unicodedata
from collections import Counter, defaultdict
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from base.errors import ConfigurationError, IpbrError
from base.text import printable, shown_path
from ipbr_rank.analysis.name_suggestions import AT_MOST, Suggester
from ipbr_rank.analysis.query import open_read_only, run
from ipbr_rank.cli.output import as_table, width_of

if TYPE_CHECKING:
    import duckdb

# A name that so many sources list is likely a model that people ask for.
SOURCES_OF_A_CANDIDATE = 3
SAMPLE_FIGURES = 3
DONORS = 3

MODELS = """
select canonical_id, vendor, release_date, [display_name] || aliases as names
from marts.dim_models order by canonical_id"""
UNMATCHED = """
select source_id, source_model_name, any_value(vendor_hint) as vendor_hint, count(*) as n_figures,
    list({'metric_id': metric_id, 'value': raw_value} order by metric_id, raw_value)
        filter (where raw_value is not null) as figures,
    string_agg(distinct outcome, '; ' order by outcome) as reason,
    bool_or(outcome != 'no ranked model has this name') as is_refused
from marts.fct_observation_ledger
where resolution = 'unmatched' and source_model_name is not null
group by source_id, source_model_name
order by source_id, source_model_name"""
WARNINGS = """
select warning_kind, subject, message from marts.rpt_warnings
where warning_kind in ('stale_override', 'stale_pair', 'unused_alias')
order by warning_kind, subject"""
# Of all sources: these are no warning (docs/decisions/0068-what-comes-off-a-name.md).
UNUSED_ALIASES = """
select aliases.canonical_id as subject,
    string_agg(aliases.alias, ', ' order by aliases.alias) as message
from staging.stg_config__aliases as aliases
inner join marts.dim_models as models on aliases.canonical_id = models.canonical_id
where aliases.source_id is null
and aliases.alias not in (models.canonical_id, models.display_name)
and not exists (
    select 1 from intermediate.int_names_resolved as names
    where names.canonical_id = aliases.canonical_id
        and replace(replace(names.matched_name, '.', ''), ' ', '') = aliases.compact_alias
)
group by aliases.canonical_id
order by subject"""
UNSEEN_IGNORED = """
select ignored.source_id || ' ' || ignored.source_name as subject, ignored.reason as message
from seeds.ignored_names as ignored
inner join marts.dim_sources as sources
    on ignored.source_id = sources.source_id and sources.status in ('verified', 'stale')
where not exists (
    select 1 from marts.fct_observation_ledger as ledger
    where ledger.source_id = ignored.source_id
        and regexp_replace(lower(ledger.source_model_name), '[^a-z0-9]', '', 'g')
        = regexp_replace(lower(ignored.source_name), '[^a-z0-9]', '', 'g')
)
order by subject"""
# Per model and source: figures that are missing and that a model of the same vendor has from that
# source; a gap that no model of the vendor can fill is no work for a maintainer. A cap blocks where
# one more filled model would pass the share of the settings.
GAPS = f"""
with figures as (
    select measurements.*, models.vendor
    from marts.fct_measurements as measurements
    inner join marts.dim_models as models
        on measurements.canonical_id = models.canonical_id and models.is_active
    inner join marts.dim_metrics as metrics
        on measurements.metric_id = metrics.metric_id
        and metrics.metric_class = 'capability' and metrics.metric_kind = 'metric'
),
direct as (
    select * from figures where evidence_class = 'direct'
),
missing as (
    select figures.canonical_id, figures.vendor, figures.metric_id, offered.source_id
    from figures
    inner join (select distinct metric_id, source_id from direct) as offered
        on figures.metric_id = offered.metric_id
    where not figures.is_present
),
gaps as (
    select canonical_id, vendor, source_id, list(metric_id order by metric_id) as metric_ids
    from missing
    group by canonical_id, vendor, source_id
),
commons as (
    select a.canonical_id, b.canonical_id as donor_id, count(*) as n_common
    from direct as a
    inner join direct as b
        on a.metric_id = b.metric_id and a.vendor = b.vendor and a.canonical_id != b.canonical_id
    group by a.canonical_id, b.canonical_id
),
offers as (
    select missing.canonical_id, missing.source_id, direct.canonical_id as donor_id,
        count(*) as n_fills
    from missing
    inner join direct
        on missing.metric_id = direct.metric_id and missing.source_id = direct.source_id
        and missing.vendor = direct.vendor
    group by missing.canonical_id, missing.source_id, direct.canonical_id
),
ranked as (
    select offers.*, coalesce(commons.n_common, 0) as n_common,
        row_number() over (
            partition by offers.canonical_id, offers.source_id
            order by offers.n_fills desc, coalesce(commons.n_common, 0) desc, offers.donor_id
        ) as place
    from offers
    left join commons
        on offers.canonical_id = commons.canonical_id and offers.donor_id = commons.donor_id
),
donors as (
    select canonical_id, source_id,
        list(
            {{'donor_id': donor_id, 'n_fills': n_fills, 'n_common': n_common}} order by place
        ) as donors
    from ranked
    where place <= {DONORS}
    group by canonical_id, source_id
),
shares as (
    select source_id,
        count(distinct canonical_id) filter (where evidence_class = 'direct') as n_measured,
        count(distinct canonical_id) filter (where evidence_class = 'synthesised') as n_filled,
        list(distinct canonical_id) filter (where evidence_class = 'synthesised') as filled_ids
    from figures
    where source_id is not null
    group by source_id
),
cap as (
    select value as per_source_cap from marts.fct_settings
    where setting_id = 'synthesis.per_source_cap'
)
select gaps.canonical_id, gaps.source_id, gaps.metric_ids,
    not list_contains(coalesce(shares.filled_ids, []), gaps.canonical_id)
    and shares.n_filled + 1
    > cap.per_source_cap * (shares.n_measured + shares.n_filled + 1) + 1e-9 as is_cap_blocked,
    donors.donors
from gaps
inner join donors
    on gaps.canonical_id = donors.canonical_id and gaps.source_id = donors.source_id
inner join shares on gaps.source_id = shares.source_id
cross join cap
order by len(gaps.metric_ids) desc, gaps.canonical_id, gaps.source_id"""


def triage(
    database: Path,
    form: str,
    *,
    min_count: int = 1,
    baseline: Path | None = None,
    out: IO[str] | None = None,
) -> None:
    """Writes the report as a table, JSON or TOML; names with fewer than `min_count` figures stay
    out. With a baseline, an earlier report as JSON, IpbrError tells the names it does not hold."""
    known = read_baseline(baseline) if baseline else None
    with open_read_only(database) as connection:
        report = make_report(connection, min_count)
    out = out or sys.stdout
    out.write(WRITERS[form](report, width_of(out)))
    if baseline and known is not None:
        new = sorted(_names_of(report) - known)
        if new:
            listed = "\n".join(f"  {source_id}: {name}" for source_id, name in new)
            raise IpbrError(
                f"{len(new)} unmatched names are not in {shown_path(baseline)}: add an alias or an "
                f"ignored name, or write the baseline again with --format json\n{listed}"
            )


def read_baseline(path: Path) -> set[tuple[str, str]]:
    """Source and name of every unmatched name in an earlier JSON report."""
    try:
        return _names_of(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigurationError(
            f"--fail-on-new {shown_path(path)}: expected what `ipbr-rank triage --format json` "
            f"writes, found something else ({type(error).__name__})"
        ) from error


def make_report(connection: "duckdb.DuckDBPyConnection", min_count: int = 1) -> dict[str, Any]:
    """All sections, in the shape of the JSON form (docs/triage.md)."""
    suggester = _suggester(connection)
    entries = _unmatched(connection, suggester, min_count)
    warnings = defaultdict(list)
    for kind, subject, message in run(connection, WARNINGS)[1]:
        warnings[kind].append({"subject": subject, "message": message})
    return {
        "unmatched_names": entries,
        "new_models": [
            model
            for entry in entries
            if len(entry["source_ids"]) >= SOURCES_OF_A_CANDIDATE
            and not entry["suggestions"]
            # Another build under the very name of a ranked model needs a name first.
            and (model := _new_model(entry, suggester))["canonical_id"] not in suggester.names
        ],
        "synthesis_gaps": [_gap(*row) for row in run(connection, GAPS)[1]],
        "stale_overrides": warnings["stale_override"],
        "stale_pairs": warnings["stale_pair"],
        "unused_aliases": warnings["unused_alias"] + _notes(connection, UNUSED_ALIASES),
        "unseen_ignored_names": _notes(connection, UNSEEN_IGNORED),
    }


def _notes(connection: "duckdb.DuckDBPyConnection", query: str) -> list[dict[str, Any]]:
    return [
        {"subject": subject, "message": message} for subject, message in run(connection, query)[1]
    ]


def _suggester(connection: "duckdb.DuckDBPyConnection") -> Suggester:
    models = run(connection, MODELS)[1]
    spellings = run(connection, "select spelling, vendor from seeds.vendor_spellings")[1]
    return Suggester(
        names={canonical_id: names for canonical_id, _, _, names in models},
        vendors={canonical_id: vendor for canonical_id, vendor, _, _ in models},
        released={canonical_id: released for canonical_id, _, released, _ in models},
        spellings=dict(spellings),
    )


def _unmatched(
    connection: "duckdb.DuckDBPyConnection", suggester: Suggester, min_count: int
) -> list[dict[str, Any]]:
    """One entry per model that the names seem to mean, the one with most sources first."""
    groups = defaultdict(list)
    for row in run(connection, UNMATCHED)[1]:
        name = row[1]
        # A name of signs only has no core and stands for itself.
        groups[suggester.core(name) or name].append(row)
    entries = []
    for core, rows in groups.items():
        n_figures = sum(row[3] for row in rows)
        if n_figures < min_count:
            continue
        hints = Counter(row[2] for row in rows if row[2])
        entries.append(
            {
                "core": core,
                "n_figures": n_figures,
                "source_ids": sorted({row[0] for row in rows}),
                "vendor": max(hints, key=lambda hint: (hints[hint], hint)) if hints else None,
                "names": [
                    {
                        "source_id": source_id,
                        "name": name,
                        "n_figures": n,
                        "vendor_hint": hint,
                        "reason": reason,
                    }
                    for source_id, name, hint, n, _, reason, _ in rows
                ],
                "sample_figures": [
                    {"source_id": row[0], **figure}
                    for row in rows[:SAMPLE_FIGURES]
                    for figure in (row[4] or [])[:1]
                ],
                # An alias would undo what a stamp, a date or the vendor tells of another model.
                "suggestions": _suggestions(suggester, [row for row in rows if not row[6]]),
                "reasons": list(dict.fromkeys(row[5] for row in rows if row[6])),
            }
        )
    entries.sort(key=lambda entry: (-len(entry["source_ids"]), -entry["n_figures"], entry["core"]))
    return entries


def _suggestions(suggester: Suggester, rows: list[tuple[Any, ...]]) -> list[dict[str, Any]]:
    """The likeliest models of all spellings of one entry, with the lines that add them."""
    best: dict[str, dict[str, Any]] = {}
    for _, name, hint, *_ in rows:
        for found in suggester.suggest(name, hint):
            entry = best.setdefault(
                found.canonical_id,
                {
                    "canonical_id": found.canonical_id,
                    "score": found.score,
                    "like": found.alias,
                    "toml_table": f"[models.{_toml_text(found.canonical_id)}]",
                    "toml_lines": [],
                },
            )
            entry["score"] = max(entry["score"], found.score)
            line = f"{_toml_text(name)},"
            if line not in entry["toml_lines"]:
                entry["toml_lines"].append(line)
    ordered = sorted(best.values(), key=lambda entry: (-entry["score"], entry["canonical_id"]))
    return ordered[:AT_MOST]


def _new_model(entry: dict[str, Any], suggester: Suggester) -> dict[str, Any]:
    """A model that several sources list, with its block for the alias file."""
    names = [name["name"] for name in entry["names"]]
    hints = [suggester.vendor_of(name["vendor_hint"] or "") for name in entry["names"]]
    vendors = Counter(hint for hint in hints if hint)
    vendor = vendors.most_common(1)[0][0] if vendors else _slug(entry["vendor"] or "unknown")
    # `vendor/model` as OpenRouter writes it is an id already.
    listed = [name for name in names if re.fullmatch(r"[a-z0-9-]+/[a-z0-9][a-z0-9._-]*", name)]
    shortest = min(names, key=lambda name: (len(name), name))
    canonical_id = listed[0] if listed else f"{vendor}/{_slug(shortest.split('/')[-1])}"
    display_name = min(
        (name for name in names if "/" not in name),
        key=lambda name: (name == name.lower(), len(name), name),
        default=canonical_id.split("/")[1],
    )
    block = "\n".join(
        (
            f"[models.{_toml_text(canonical_id)}]",
            f"vendor = {_toml_text(vendor)}",
            f"display_name = {_toml_text(display_name)}",
            "aliases = [",
            *(f"    {_toml_text(name)}," for name in dict.fromkeys(names)),
            "]",
        )
    )
    return {
        "canonical_id": canonical_id,
        "source_ids": entry["source_ids"],
        "n_figures": entry["n_figures"],
        "toml": block,
    }


def _gap(
    canonical_id: str,
    source_id: str,
    metric_ids: list[str],
    is_cap_blocked: bool,
    donors: list[dict[str, Any]],
) -> dict[str, Any]:
    return {
        "canonical_id": canonical_id,
        "source_id": source_id,
        "metric_ids": metric_ids,
        "is_cap_blocked": is_cap_blocked,
        "donors": donors,
        "toml": "\n".join(
            (
                "[[pair]]",
                f"target = {_toml_text(canonical_id)}",
                f"from = {_toml_text(donors[0]['donor_id'])}",
                'category = "conservative"',
                f"sources = [{_toml_text(source_id)}]",
            )
        ),
    }


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
    lines += ["", "# required_aliases.toml: models on several sources that are not ranked"]
    for model in report["new_models"]:
        lines += ["", f"# {', '.join(model['source_ids'])}: {model['n_figures']} figures"]
        lines.append(model["toml"])
    lines += ["", "# synthesis_aliases.toml: pairs that would fill a gap"]
    for gap in report["synthesis_gaps"]:
        blocked = "; the cap of the source blocks it" if gap["is_cap_blocked"] else ""
        others = ", ".join(donor["donor_id"] for donor in gap["donors"][1:])
        lines += ["", f"# {', '.join(gap['metric_ids'])}{blocked}"]
        lines += [f"# or from {others}"] if others else []
        lines += [f"# {line}" if blocked else line for line in gap["toml"].split("\n")]
    for title in NOTES:
        lines += ["", f"# {TITLES[title]}"]
        lines += [
            printable(f"# {note['subject']}: {note['message']}".replace("\n", " "))
            for note in report[title]
        ]
    return "\n".join(lines) + "\n"


def _as_table(report: dict[str, Any], width: int | None) -> str:
    sections: dict[str, tuple[list[str], list[tuple[Any, ...]]]] = {
        "unmatched_names": (
            ["figures", "sources", "names", "vendor", "for example", "likely", "refused"],
            [
                (
                    entry["n_figures"],
                    ", ".join(entry["source_ids"]),
                    _few(dict.fromkeys(name["name"] for name in entry["names"])),
                    entry["vendor"],
                    _few(
                        f"{figure['metric_id']} {figure['value']:.4g}"
                        for figure in entry["sample_figures"][:1]
                    ),
                    _few(
                        f"{found['canonical_id']} ({found['score']:.2f})"
                        for found in entry["suggestions"]
                    ),
                    "; ".join(entry["reasons"]),
                )
                for entry in report["unmatched_names"]
            ],
        ),
        "new_models": (
            ["canonical_id", "figures", "sources"],
            [
                (model["canonical_id"], model["n_figures"], ", ".join(model["source_ids"]))
                for model in report["new_models"]
            ],
        ),
        "synthesis_gaps": (
            ["model", "source", "missing", "donors (fills, common)", "cap"],
            [
                (
                    gap["canonical_id"],
                    gap["source_id"],
                    len(gap["metric_ids"]),
                    ", ".join(
                        f"{donor['donor_id']} ({donor['n_fills']}, {donor['n_common']})"
                        for donor in gap["donors"]
                    ),
                    "blocks" if gap["is_cap_blocked"] else None,
                )
                for gap in report["synthesis_gaps"]
            ],
        ),
    }
    for title in NOTES:
        rows = [(note["subject"], note["message"]) for note in report[title]]
        sections[title] = (["what", "why"], rows)
    return "\n".join(
        f"{TITLES[title]}: {len(rows)}\n" + (as_table(header, rows, width=width) if rows else "")
        for title, (header, rows) in sections.items()
    )


WRITERS = {"table": _as_table, "json": _as_json, "toml": _as_toml}
TITLES = {
    "unmatched_names": "Unmatched names, spellings of one model together",
    "new_models": f"Not ranked, on {SOURCES_OF_A_CANDIDATE} sources or more",
    "synthesis_gaps": "Gaps that a model of the same vendor could fill",
    "stale_overrides": "Stale overrides",
    "stale_pairs": "Stale pairs",
    "unused_aliases": "Aliases that no source uses",
    "unseen_ignored_names": "Ignored names that are no longer seen",
}
NOTES = ("stale_overrides", "stale_pairs", "unused_aliases", "unseen_ignored_names")


def _few(texts: Any, shown: int = 3) -> str:
    listed = list(texts)
    more = f" and {len(listed) - shown} more" if len(listed) > shown else ""
    return ", ".join(text if len(text) < 60 else text[:59] + "…" for text in listed[:shown]) + more


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9.]+", "-", plain).strip("-.") or "unknown"


def _toml_text(text: str) -> str:
    """A TOML basic string; JSON's escapes are TOML's, but for surrogates, which raw text avoids."""
    quoted = json.dumps(text, ensure_ascii=False)
    return quoted.replace("\x7f", "\\u007F")
