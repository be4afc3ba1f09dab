"""The sections of `triage`, in the shape of its JSON form (docs/triage.md).

Read from a built board, or from names that were resolved without one: then the sections that say
something of a board are left out.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from ipbr_rank.analysis.name_suggestions import AT_MOST, Suggester
from ipbr_rank.analysis.query import run
from ipbr_rank.analysis.triage.blocks import Block, Namer, toml_text

if TYPE_CHECKING:
    import duckdb

SAMPLE_FIGURES = 3
DONORS = 3
# What an entry says of its model, beside its names.
FACTS = (
    *("dated_on", "release_date", "listed_on", "source_ids", "n_figures", "mean_share_below"),
    *("open_weights", "context_window", "reasons", "is_vendor_known"),
)

MODELS = """
select canonical_id, vendor, release_date, display_name, aliases
from staging.stg_config__models order by canonical_id"""
# The newest month first; within it by sources, then by how high the model scores.
UNRANKED = """
from marts.rpt_unranked_models
order by date_trunc('month', dated_on) desc nulls last, n_sources desc,
    mean_share_below desc nulls last, n_observations desc, compared_name, vendor"""
FIGURES = """
select source_id, source_model_name,
    list({'metric_id': metric_id, 'value': raw_value} order by metric_id, raw_value) as figures
from marts.fct_observation_ledger
where resolution = 'unmatched' and raw_value is not null and source_model_name is not null
group by source_id, source_model_name"""
TO_REVIEW = """
select source_id, candidate_name, canonical_id, match_method, words_taken_off, n_observations
from marts.rpt_names_to_review order by canonical_id, source_id, candidate_name"""
IS_BOARD = """
select count(*) > 0 from information_schema.tables
where table_schema = 'marts' and table_name = 'rpt_warnings'"""
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


@dataclass(frozen=True)
class Wanted:
    """What stays in the report."""

    min_count: int = 1
    """Names with at least so many values."""
    min_sources: int = 1
    """New models on at least so many sources."""
    since: date | None = None
    """New models released, or else listed, on that day or later."""


def make_report(connection: "duckdb.DuckDBPyConnection", wanted: Wanted) -> dict[str, Any]:
    """All sections."""
    suggester, namer = _ranked(connection)
    entries = _entries(connection, suggester, namer, wanted.min_count)
    new_models: dict[str, dict[str, Any]] = {}
    for entry, block in entries:
        # Another build under the very name of a ranked model needs a name first.
        is_ranked = block.canonical_id in suggester.names
        if _is_wanted(entry, wanted) and not entry["suggestions"] and not is_ranked:
            # Of two names with one id the one on more sources stands for both.
            new_models.setdefault(block.canonical_id, _new_model(entry, block))
    report = {
        "new_models": list(new_models.values()),
        "names_to_review": [_to_review(*row) for row in run(connection, TO_REVIEW)[1]],
        "unmatched_names": [entry for entry, _ in entries],
    }
    if run(connection, IS_BOARD)[1] == [(False,)]:
        return report
    warnings = defaultdict(list)
    for kind, subject, message in run(connection, WARNINGS)[1]:
        warnings[kind].append({"subject": subject, "message": message})
    return report | {
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


def _ranked(connection: "duckdb.DuckDBPyConnection") -> tuple[Suggester, Namer]:
    """What is known of the ranked models, for suggestions and for names like theirs."""
    models = run(connection, MODELS)[1]
    spellings = run(connection, "select spelling, vendor from seeds.vendor_spellings")[1]
    suggester = Suggester(
        names={canonical_id: [name, *aliases] for canonical_id, _, _, name, aliases in models},
        vendors={canonical_id: vendor for canonical_id, vendor, *_ in models},
        released={canonical_id: released for canonical_id, _, released, *_ in models},
        spellings=dict(spellings),
    )
    return suggester, Namer((row[0], row[1], row[3]) for row in models)


def _entries(
    connection: "duckdb.DuckDBPyConnection", suggester: Suggester, namer: Namer, min_count: int
) -> list[tuple[dict[str, Any], Block]]:
    """One entry per unranked model, with the block that would rank it; the newest month first."""
    figures = {row[:2]: row[2] for row in map(tuple, run(connection, FIGURES)[1])}
    header, rows = run(connection, UNRANKED)
    entries = []
    for model in (dict(zip(header, row, strict=True)) for row in rows):
        if model["n_observations"] < min_count:
            continue
        spellings = model["spellings"]
        entry = {
            "compared_name": model["compared_name"],
            "dated_on": _day(model["dated_on"]),
            "release_date": _day(model["release_date"]),
            "listed_on": _day(model["listed_on"]),
            "mean_share_below": model["mean_share_below"],
            "open_weights": model["open_weights"],
            "context_window": model["context_window"],
            "n_figures": model["n_observations"],
            "source_ids": model["source_ids"],
            "vendor": model["vendor"] or _most_used(spellings),
            "is_vendor_known": model["vendor"] is not None,
            "names": [
                {key: spelling[key] for key in spelling if key != "is_refused"}
                for spelling in spellings
            ],
            "sample_figures": [
                {"source_id": one["source_id"], **figure}
                for one in spellings[:SAMPLE_FIGURES]
                for figure in figures.get((one["source_id"], one["name"]), [])[:1]
            ],
            # An alias would undo what a stamp, a date or the vendor tells of another model.
            "suggestions": _suggestions(suggester, (s for s in spellings if not s["is_refused"])),
            "reasons": list(dict.fromkeys(s["reason"] for s in spellings if s["is_refused"])),
        }
        entries.append((entry, namer.block(model)))
    return entries


def _is_wanted(entry: dict[str, Any], wanted: Wanted) -> bool:
    since = wanted.since.isoformat() if wanted.since else ""
    return len(entry["source_ids"]) >= wanted.min_sources and (entry["dated_on"] or "") >= since


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _most_used(spellings: Iterable[dict[str, Any]]) -> str | None:
    """The vendor as most names have it."""
    hints = Counter(one["vendor_hint"] for one in spellings if one["vendor_hint"])
    return max(hints, key=lambda hint: (hints[hint], hint), default=None)


def _suggestions(suggester: Suggester, spellings: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The likeliest models of all spellings of one entry, with the lines that add them.

    A line is the name as it is looked up: of `Agent + Model` only the model.
    """
    best: dict[str, dict[str, Any]] = {}
    for spelling in spellings:
        for found in suggester.suggest(spelling["candidate_name"], spelling["vendor_hint"]):
            entry = best.setdefault(
                found.canonical_id,
                {
                    "canonical_id": found.canonical_id,
                    "score": found.score,
                    "like": found.alias,
                    "toml_table": f"[models.{toml_text(found.canonical_id)}]",
                    "toml_lines": [],
                },
            )
            entry["score"] = max(entry["score"], found.score)
            line = f"{toml_text(spelling['candidate_name'])},"
            if line not in entry["toml_lines"]:
                entry["toml_lines"].append(line)
    ordered = sorted(best.values(), key=lambda entry: (-entry["score"], entry["canonical_id"]))
    return ordered[:AT_MOST]


def _new_model(entry: dict[str, Any], block: Block) -> dict[str, Any]:
    """A model that is not ranked, with its block for the aliases file."""
    return {
        "canonical_id": block.canonical_id,
        "display_name": block.display_name,
        "vendor": block.vendor,
        **{key: entry[key] for key in FACTS},
        "names": sorted({name["candidate_name"] for name in entry["names"]}),
        "toml": block.toml,
    }


def _to_review(
    source_id: str, name: str, canonical_id: str, step: str, words: str, n_figures: int
) -> dict[str, Any]:
    """A name that was resolved by more than spelling, and the row that accepts it."""
    return {
        "source_id": source_id,
        "name": name,
        "canonical_id": canonical_id,
        "match_method": step,
        "words_taken_off": words,
        "n_figures": n_figures,
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
                f"target = {toml_text(canonical_id)}",
                f"from = {toml_text(donors[0]['donor_id'])}",
                'category = "conservative"',
                f"sources = [{toml_text(source_id)}]",
            )
        ),
    }
