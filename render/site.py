"""The static site: pages from templates, assets named by their content, then the validator.

Everything shown comes from the board. Nothing here scores; what is computed is how to show it.
The bytes depend on the board alone.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from render import show
from render.badges import write_badges
from render.board import (
    Board,
    GroupContribution,
    Measurement,
    Metric,
    MetricContribution,
    Role,
    RoleScore,
    ScoreboardRow,
    ScoreInterval,
    Source,
)
from render.cards import write_cards
from render.changes import Change, change_of, has_changes, rank_events
from render.choose_pages import compare_context, tradeoffs_context, what_if_context
from render.credits import credited, write_notice
from render.data_pages import missing_context, sources_context
from render.downloads import DATABASE, LICENCE, Download, write_downloads
from render.edition_page import edition_context
from render.errors import RenderError
from render.lookup import Lookup, bound_of, weight_tables
from render.marts_file import write_history
from render.metric_pages import metric_pages
from render.model_pages import model_pages
from render.radar import radar
from render.timeline import arrivals_and_departures, timeline_context
from render.validate import named_hosts, validate_site

HERE = Path(__file__).resolve().parent
MAIN_PAGES = (
    ("index.html", "Leaderboard"),
    ("compare.html", "Compare"),
    ("trade-offs.html", "Trade-offs"),
    ("what-if.html", "What-if"),
    ("sources.html", "Sources"),
    ("methodology.html", "Methodology"),
    ("data.html", "Data"),
)
NOT_FOUND = "404.html"
HISTORY = "history.parquet"
OTHER_PAGES = (
    ("timeline.html", "Timeline"),
    ("missing.html", "Missing data"),
    ("about.html", "About"),
)
EDITION_PAGE = ("left-out.html", "What is left out")
PUBLISHABLE = "publishable"
# They show no figure.
WITHOUT_FIGURES = (NOT_FOUND, "about.html")
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'"
)
LEADERS_PER_ROLE = 3
PRICE_CEILINGS_USD = (0.5, 1, 2, 5, 10, 20)
COVERAGE_FLOORS_PCT = (50, 60, 70, 80, 90)

# Control characters have no place in HTML or XML; a reader should see that one was there.
_CONTROLS = dict.fromkeys(
    [*range(9), 11, 12, *range(14, 32), *range(127, 160), 0xFFFE, 0xFFFF], "\ufffd"
)


def render_site(
    board: Board,
    out_dir: Path,
    *,
    exports: Path | None = None,
    database: Path | None = None,
    site_url: str | None = None,
) -> list[Path]:
    """Write the whole site into an empty or new folder, validate it, and return its files.

    `exports` is where the TOML files of the same board have just been written, if they were;
    `database` is the one the board was read from, whose marts are then offered as a file.
    `site_url` is where the site will stand, ending in a slash; only with it are there a sitemap, a
    feed, and addresses of pictures for links.
    """
    if out_dir.exists() and any(out_dir.iterdir()):
        raise RenderError(
            f"cannot write the site: the folder {out_dir} is not empty; give a new or empty one"
        )
    if not board.scoreboard:
        raise RenderError(
            "cannot write the site: the board has no model; "
            "rpt_scoreboard is empty, see the warnings of `ipbr-rank score`"
        )
    out_dir.mkdir(parents=True, exist_ok=True)
    assets = _write_assets(out_dir)
    environment = _environment()
    lookup = Lookup(board)
    shared = {
        "run": board.run,
        "assets": assets,
        "content_security_policy": CONTENT_SECURITY_POLICY,
        "roles": board.roles,
        "lookup": lookup,
        "main_pages": MAIN_PAGES,
        "licence": LICENCE,
        "other_pages": (
            (*OTHER_PAGES, EDITION_PAGE) if board.run.edition == PUBLISHABLE else OTHER_PAGES
        ),
        "site_url": site_url,
    }

    def draw() -> None:
        write_badges(lookup, out_dir)
        write_cards(lookup, out_dir)

    downloads = write_downloads(lookup, out_dir, exports, database, meanwhile=draw)
    if database:
        write_history(database, out_dir / HISTORY)
    pages = _pages(board, lookup, downloads)
    credits = credited(lookup, board.measurements)
    for template, contexts in pages.items():
        compiled = environment.get_template(template)
        for page, context in contexts.items():
            own = {"page": page, "root": _root(page, site_url), "credits": credits}
            if page in WITHOUT_FIGURES:
                own["credits"] = []
            _write_text(compiled.render(**{**shared, **own, **context}), out_dir / page)
    written = sorted(page for contexts in pages.values() for page in contexts)
    _write_for_machines(environment, lookup, out_dir, site_url, written)
    write_notice(board, out_dir / "NOTICE")
    addresses = [
        *(address for source in board.sources for address in (source.home_page, source.endpoint)),
        *(entry.url for entry in board.measurements if is_link(entry.url)),
    ]
    validate_site(out_dir, named_hosts(addresses), site_url)
    return sorted(path for path in out_dir.rglob("*") if path.is_file())


def _root(page: str, site_url: str | None) -> str:
    """What leads from a page to the top of the site.

    A server shows the page of a missing address at any depth, so there it is the whole path.
    """
    if page == NOT_FOUND and site_url:
        return urlsplit(site_url).path
    return "../" * page.count("/")


def _write_text(text: str, path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text.rstrip("\n") + "\n", encoding="utf-8", newline="\n")


def _write_for_machines(
    environment: Environment,
    lookup: Lookup,
    out_dir: Path,
    site_url: str | None,
    pages: list[str],
) -> None:
    """robots.txt; sitemap and feed, which need the address of the site."""
    robots = "User-agent: *\nAllow: /\n"
    if site_url:
        robots += f"Sitemap: {site_url}sitemap.xml\n"
        shared = {"site_url": site_url, "run": lookup.board.run}
        addresses = ["" if page == "index.html" else page for page in pages if page != NOT_FOUND]
        sitemap = environment.get_template("sitemap.xml").render(addresses=addresses, **shared)
        feed = environment.get_template("feed.xml").render(events=rank_events(lookup), **shared)
        _write_text(sitemap, out_dir / "sitemap.xml")
        _write_text(feed, out_dir / "feed.xml")
    _write_text(robots, out_dir / "robots.txt")


def _pages(
    board: Board, lookup: Lookup, downloads: list[Download]
) -> dict[str, dict[str, dict[str, Any]]]:
    """Template → address → context, for every page of the site."""
    first = lookup.ranked[0]
    pages = {
        "index.html": {"index.html": _index_context(lookup) | {"radar": radar(lookup)}},
        "methodology.html": {"methodology.html": _methodology_context(lookup)},
        "compare.html": {"compare.html": compare_context(lookup)},
        "tradeoffs.html": {"trade-offs.html": tradeoffs_context(lookup)},
        "what-if.html": {"what-if.html": what_if_context(lookup)},
        "sources.html": {"sources.html": sources_context(lookup)},
        "timeline.html": {
            "timeline.html": timeline_context(lookup)
            | {
                "role_names": {role.role_id: role.display_name for role in board.roles},
                "has_file": any(item.name == DATABASE for item in downloads),
            }
        },
        "missing.html": {"missing.html": missing_context(lookup)},
        "about.html": {"about.html": {}},
        NOT_FOUND: {NOT_FOUND: {}},
        "data.html": {
            "data.html": {
                "downloads": downloads,
                "has_database": any(item.name == DATABASE for item in downloads),
                "example_id": first.canonical_id,
                "example_slug": first.slug,
            }
        },
        "model.html": model_pages(lookup),
        "metric.html": metric_pages(lookup),
    }
    if board.run.edition == PUBLISHABLE:
        pages["edition.html"] = {EDITION_PAGE[0]: edition_context(lookup)}
    return pages


def _write_assets(out_dir: Path) -> dict[str, str]:
    """Copy static/ under names that hold a hash of the content: file name → address in the site."""
    (out_dir / "assets").mkdir()
    addresses = {}
    for path in sorted((HERE / "static").iterdir()):
        body = path.read_bytes()
        digest = hashlib.sha256(body).hexdigest()[:10]
        address = f"assets/{path.stem}.{digest}{path.suffix}"
        (out_dir / address).write_bytes(body)
        addresses[path.name] = address
    return addresses


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_without_controls,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "one_decimal": lambda value: show.number(value, 1),
        "signed": show.signed,
        "two_decimals": lambda value: show.number(value, 2),
        "fixed": show.number,
        "whole": lambda value: show.number(value, 0),
        "full": lambda value: show.MISSING if value is None else f"{value:.6f}",
        "figure": show.figure,
        "tokens": show.tokens,
        "pct": show.pct,
        "coefficient": lambda value: f"{value:.10g}",
        "date": lambda moment: moment.strftime("%Y-%m-%d"),
        "minute": lambda moment: moment.strftime("%Y-%m-%d %H:%M"),
        "iso": lambda moment: moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "anchor": show.anchor,
        "length": len,
        "ordinal": show.ordinal,
        "is_link": is_link,
        "without": _without,
    }
    return environment


def _without_controls(value: Any) -> Any:
    # Nearly all text is printable, and finding that out is quicker than translating it.
    return value.translate(_CONTROLS) if type(value) is str and not value.isprintable() else value


def is_link(address: str | None) -> bool:
    """Whether an address can be put into a link: http or https, with a host."""
    if not address or not address.startswith(("https://", "http://")):
        return False
    try:
        return bool(urlsplit(address).hostname)
    except ValueError:
        return False


def _without(note: str, address: str) -> str:
    """A citation without the address that its link already holds."""
    return re.sub(r",?\s*" + re.escape(address), "", note) or address


# The index


@dataclass(frozen=True)
class ScoreCell:
    """One score in the table: `letter` picks the hue."""

    letter: str
    role_name: str
    score: float
    rank: int
    interval: ScoreInterval | None

    @property
    def width(self) -> str:
        return show.coordinate(self.score)

    @property
    def whisker(self) -> tuple[str, str] | None:
        """Both ends of the interval, as far along the bar as the score."""
        if self.interval is None:
            return None
        return show.coordinate(self.interval.p05_score), show.coordinate(self.interval.p95_score)

    @property
    def heat(self) -> int:
        """How strong the tint of the cell is: 0 to 9, by tens of the score."""
        return min(9, int(self.score // 10))


@dataclass(frozen=True)
class Leader:
    """One of a role's first three."""

    row: ScoreboardRow
    score: RoleScore
    change: Change | None
    tier: int | None
    is_edge: bool

    @property
    def width(self) -> str:
        return show.coordinate(self.score.score)


def _index_context(lookup: Lookup) -> dict[str, Any]:
    board = lookup.board
    arrivals, departures = arrivals_and_departures(lookup)
    rows = sorted(board.scoreboard, key=lambda row: (row.balanced_rank, row.canonical_id))
    is_compared = has_changes(board)
    sources_used = [source for source in board.sources if source.status in ("verified", "stale")]
    vendors = sorted({(row.vendor_name, row.vendor) for row in rows}, key=_by_lower_name)
    return {
        "rows": [
            {
                "row": row,
                "scores": [_score_cell(row, role, lookup.intervals) for role in board.roles],
                "evidence": _evidence_segments(row),
                "n_missing": len(row.missing_metrics),
            }
            for row in rows
        ],
        "leaders": [(role, _leaders(lookup, role, is_compared)) for role in board.roles],
        "n_figures": sum(row.n_direct + row.n_reported for row in rows),
        "n_sources": len(sources_used),
        "n_unfit_sources": sum(source.status in ("stale", "failed") for source in board.sources),
        "vendors": vendors,
        "price_ceilings": _useful_ceilings(rows),
        "coverage_floors": COVERAGE_FLOORS_PCT,
        "has_changes": is_compared,
        "has_intervals": bool(lookup.intervals),
        "arrivals": arrivals,
        "departures": departures,
        "has_coverage": any(row.coverage_share is not None for row in rows),
        "has_open_weights": any(row.open_weights is not None for row in rows),
        "settings": _settings(board),
        "sources": [_source_entry(source, board.run.generated_at) for source in board.sources],
        "is_from_marts": board.group_contributions is not None,
    }


def _by_lower_name(vendor: tuple[str, str]) -> tuple[str, str]:
    return vendor[0].lower(), vendor[1]


def _score_cell(
    row: ScoreboardRow, role: Role, intervals: dict[tuple[str, str], ScoreInterval]
) -> ScoreCell:
    return ScoreCell(
        interval=intervals.get((row.canonical_id, role.role_id)),
        letter=role.role_id,
        role_name=role.display_name,
        score=getattr(row, role.score_key.lower()),
        rank=getattr(row, f"{role.role_id}_rank"),
    )


def _leaders(lookup: Lookup, role: Role, is_compared: bool) -> list[Leader]:
    scores = sorted(
        (score for score in lookup.board.role_scores if score.role_id == role.role_id),
        key=lambda score: (score.rank, score.canonical_id),
    )
    leaders, begun = [], 1
    for score in scores[:LEADERS_PER_ROLE]:
        interval = lookup.intervals.get((score.canonical_id, role.role_id))
        tier = None if interval is None else interval.tier
        leaders.append(
            Leader(
                row=lookup.rows[score.canonical_id],
                score=score,
                change=change_of(score) if is_compared else None,
                tier=tier,
                # The first one of another tier; the best of all begins the first.
                is_edge=tier is not None and tier > begun,
            )
        )
        begun = max(begun, tier or 1)
    return leaders


def _evidence_segments(row: ScoreboardRow) -> list[tuple[str, str, str]]:
    """The bar of coverage, cut by kind of evidence: kind, start and end in hundredths."""
    counts = (
        ("direct", row.n_direct),
        ("reported", row.n_reported),
        ("synthesised", row.n_synthesised),
    )
    total = sum(count for _, count in counts)
    if row.coverage_share is None or total == 0:
        return []
    segments, start = [], 0.0
    for kind, count in counts:
        end = start + 100 * row.coverage_share * count / total
        if count:
            segments.append((kind, show.coordinate(start), show.coordinate(end)))
        start = end
    return segments


def _useful_ceilings(rows: list[ScoreboardRow]) -> list[float]:
    """The price steps that leave something out and something in."""
    prices = [row.blended_cost_usd for row in rows if row.blended_cost_usd is not None]
    return [step for step in PRICE_CEILINGS_USD if prices and min(prices) <= step < max(prices)]


def _settings(board: Board) -> dict[str, float] | None:
    if board.settings is None:
        return None
    return {setting.setting_id: setting.value for setting in board.settings}


def _source_entry(source: Source, now: datetime) -> dict[str, Any]:
    return {
        "source": source,
        "age": None if source.fetched_at is None else show.age(now - source.fetched_at),
    }


# The methodology


def _methodology_context(lookup: Lookup) -> dict[str, Any]:
    board = lookup.board
    weights = None if board.weights is None else weight_tables(board)
    return {
        "weights": weights,
        "groups": {group.group_id: group for group in board.groups},
        "metrics": {metric.metric_id: metric for metric in board.metrics or ()},
        "metric_sections": _metric_sections(lookup, weights),
        "sources": {source.source_id: source for source in board.sources},
        "settings": _settings(board),
        "curves": _curves(board),
        "example": _worked_example(board),
        "board_thresholds": board.thresholds,
        "thresholds": lookup.thresholds,
        "inactive_models": [model for model in board.models if not model.is_active],
        "n_models": len(board.scoreboard),
    }


def _metric_sections(
    lookup: Lookup, weights: dict[str, list[tuple[str, list[tuple[str, float]]]]] | None
) -> list[dict[str, Any]]:
    """Metrics under the first group they count in; then those that carry no weight."""
    board = lookup.board
    if board.metrics is None or weights is None:
        return []
    groups = {group.group_id: group for group in board.groups}
    composite_of = {
        child_id: parent_id
        for parent_id, children in weights["composite"]
        for child_id, _ in children
    }

    def section(metric: Metric) -> str:
        if not metric.is_weighted:
            return ""
        known = [group_id for group_id in metric.group_ids if group_id in groups]
        return min(known, key=lambda group_id: groups[group_id].group_order, default="")

    def order(metric: Metric) -> tuple[Any, ...]:
        # A composite stands right before its inputs.
        composite_id = composite_of.get(metric.metric_id, metric.metric_id)
        total = lookup.total_share(composite_id)
        is_input = metric.metric_id in composite_of
        own = lookup.total_share(metric.metric_id)
        return -total, composite_id, is_input, -own, metric.display_name.lower(), metric.metric_id

    none = dict.fromkeys((role.role_id for role in board.roles), 0.0)
    by_section: dict[str, list[Metric]] = defaultdict(list)
    for metric in board.metrics:
        by_section[section(metric)].append(metric)
    sections = []
    for group_id in [*groups, ""]:
        if by_section[group_id]:
            sections.append(
                {
                    "group": groups.get(group_id),
                    "metrics": [
                        {
                            "metric": metric,
                            "shares": lookup.shares.get(metric.metric_id, none),
                            "is_input": metric.metric_id in composite_of,
                            "zero_at": bound_of(metric, is_best=False),
                            "hundred_at": bound_of(metric, is_best=True),
                        }
                        for metric in sorted(by_section[group_id], key=order)
                    ],
                }
            )
    return sections


def _curves(board: Board) -> dict[str, str]:
    """Paths of the three drawings, each in a square of 100 by 100 with the origin top left."""
    curves = {
        "percentile": "M0 100L15 100L85 0L100 0",
        "tail_penalty": "M0 100L20 30L100 0",
    }
    settings = _settings(board)
    if settings is not None:
        threshold = settings["aggregation.trust_threshold"]
        width = settings["aggregation.trust_transition_width"]
        points = []
        for step in range(0, 101, 2):
            coverage = step / 100
            if width > 0:
                t = min(max((coverage - (threshold - width / 2)) / width, 0.0), 1.0)
            else:
                t = float(coverage >= threshold)
            trust = t * t * (3 - 2 * t)
            kept = coverage * (1 - trust) + trust
            points.append(f"{step} {show.coordinate(100 * (1 - kept))}")
        curves["trust"] = "M" + "L".join(points)
    return curves


@dataclass(frozen=True)
class Step:
    """One line of a sum: what, its weight, its value, what it adds."""

    metric_id: str | None
    weight: float | None
    value: float | None
    contribution: float
    measurement: Measurement | None


def _worked_example(board: Board) -> dict[str, Any] | None:
    """The best-balanced model, in one role, down to its heaviest figures.

    The role is the first whose heaviest group has a composite, so that every step is seen.
    """
    if (
        board.role_contributions is None
        or board.group_contributions is None
        or board.metric_contributions is None
        or board.metrics is None
    ):
        return None
    row = min(board.scoreboard, key=lambda row: (row.balanced_rank, row.canonical_id))
    entries = [
        entry for entry in board.role_contributions if entry.canonical_id == row.canonical_id
    ]
    composite_ids = {
        entry.metric_id
        for entry in board.metric_contributions
        if entry.canonical_id == row.canonical_id
    }
    of_roles = {
        role.role_id: sorted(
            (entry for entry in entries if entry.role_id == role.role_id),
            key=lambda entry: (-entry.weight, entry.group_id),
        )
        for role in board.roles
    }
    grouped = {
        group_id: [
            entry
            for entry in board.group_contributions
            if entry.canonical_id == row.canonical_id and entry.group_id == group_id
        ]
        for group_id in {of_role[0].group_id for of_role in of_roles.values()}
    }

    def has_composite(role: Role) -> bool:
        contributions = grouped[of_roles[role.role_id][0].group_id]
        return any(entry.metric_id in composite_ids for entry in contributions)

    role = min(board.roles, key=lambda role: (not has_composite(role), role.role_order))
    of_role = of_roles[role.role_id]
    group_id = of_role[0].group_id
    group_score = next(
        score
        for score in board.group_scores
        if score.canonical_id == row.canonical_id and score.group_id == group_id
    )
    measurements = {
        measurement.metric_id: measurement
        for measurement in board.measurements
        if measurement.canonical_id == row.canonical_id
    }
    group_steps = _steps(grouped[group_id], measurements)
    composite_id = next(
        (step.metric_id for step in group_steps if step.metric_id in composite_ids), None
    )
    composite_steps = _steps(
        [
            entry
            for entry in board.metric_contributions
            if entry.canonical_id == row.canonical_id and entry.metric_id == composite_id
        ],
        measurements,
    )
    figures = [step.measurement for step in composite_steps + group_steps if step.measurement]
    figures = [figure for figure in figures if figure.normalised_value is not None]
    discounted = [figure for figure in figures if figure.discount_share]
    bounds = {
        metric.metric_id: (bound_of(metric, is_best=False), bound_of(metric, is_best=True))
        for metric in board.metrics
    }
    return {
        "row": row,
        "role": role,
        "score": _score_cell(row, role, {}),
        "of_role": of_role,
        "group_id": group_id,
        "group_score": group_score,
        "group_steps": group_steps,
        "composite_id": composite_id,
        "composite_steps": composite_steps,
        "composite": measurements.get(composite_id) if composite_id else None,
        "figure": figures[0] if figures else None,
        "discounted": discounted[0] if discounted else None,
        "bounds": bounds,
    }


def _steps(
    entries: list[GroupContribution] | list[MetricContribution],
    measurements: dict[str, Measurement],
) -> list[Step]:
    """The lines of one sum, heaviest first, the pull to 50 last."""
    steps = []
    for entry in entries:
        metric_id = (
            entry.input_metric_id if isinstance(entry, MetricContribution) else entry.metric_id
        )
        steps.append(
            Step(
                metric_id=metric_id,
                weight=entry.weight,
                value=entry.value,
                contribution=entry.contribution,
                measurement=None if metric_id is None else measurements.get(metric_id),
            )
        )
    return sorted(
        steps, key=lambda step: (step.metric_id is None, -(step.weight or 0), step.metric_id or "")
    )
