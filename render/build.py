"""The static site: pages from templates, assets named by their content, then the validator.

Everything shown comes from the board. Nothing here scores; what is computed is how to show it.
The bytes depend on the board alone.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from base.editions import PUBLISHABLE
from base.errors import RenderError
from base.evidence import WORDS
from base.times import moment_text
from render import show
from render.board import Board, Measurement
from render.changes import rank_events
from render.files.badges import write_badges
from render.files.cards import write_cards
from render.files.dated_boards import DatedBoard, write_dated_boards
from render.files.duckdb import write_history
from render.files.json_ld import dataset
from render.files.notice import credited, write_notice
from render.files.tables import DATABASE, FOLDER, LICENCE, Download, write_downloads
from render.lookup import Lookup
from render.pages.benchmarks import benchmarks_context
from render.pages.compare import compare_context
from render.pages.dated_board import dated_board_pages
from render.pages.edition import edition_context
from render.pages.index import index_context
from render.pages.methodology import methodology_context
from render.pages.metric import metric_pages
from render.pages.missing import missing_context
from render.pages.model import model_pages
from render.pages.sources import sources_context
from render.pages.timeline import timeline_context
from render.pages.what_if import what_if_context
from render.validate import named_hosts, validate_site
from render.words import evidence_words, expected_words, reason_words, score_words

# As pyproject.toml has it; the validator lets pages link there.
REPOSITORY = "https://github.com/ipbr/ipbr"
HERE = Path(__file__).resolve().parent
MAIN_PAGES = (
    ("index.html", "Leaderboard"),
    ("compare.html", "Compare"),
    ("benchmarks.html", "Benchmarks"),
    ("timeline.html", "Timeline"),
    ("methodology.html", "Methodology"),
    ("data.html", "Data"),
)
NOT_FOUND = "404.html"
HISTORY = "history.parquet"
OTHER_PAGES = (
    ("sources.html", "Sources"),
    ("missing.html", "What is missing"),
    ("what-if.html", "Other weights"),
    ("about.html", "About"),
)
EDITION_PAGE = ("left-out.html", "What is left out")
# They show no figure.
WITHOUT_FIGURES = (NOT_FOUND, "about.html")
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'"
)
# A percent sign stays on the line of its number.
NUMBER_AND_PERCENT = re.compile(r"(?<=\d) (?=%)")

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
            f"cannot write the site: the folder {out_dir} is not empty; choose a new or empty one"
        )
    if not board.scoreboard:
        raise RenderError(
            "cannot write the site: the board has no models (rpt_scoreboard is empty); "
            "the warnings of `ipbr-rank score` show why"
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
        "repository": REPOSITORY,
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
    dated_boards = write_dated_boards(board, out_dir)
    pages = _pages(board, lookup, downloads, dated_boards, site_url)
    credits = credited(lookup, board.measurements)
    for template, contexts in pages.items():
        compiled = environment.get_template(template)
        for page, context in contexts.items():
            own = {"page": page, "root": _root(page, site_url), "credits": credits}
            if page in WITHOUT_FIGURES:
                own["credits"] = []
            text = compiled.render(**{**shared, **own, **context})
            _write_text(NUMBER_AND_PERCENT.sub("\N{NO-BREAK SPACE}", text), out_dir / page)
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
    path.parent.mkdir(parents=True, exist_ok=True)
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
    board: Board,
    lookup: Lookup,
    downloads: list[Download],
    dated_boards: list[DatedBoard],
    site_url: str | None,
) -> dict[str, dict[str, dict[str, Any]]]:
    """Template → address → context, for every page of the site."""
    first = lookup.ranked[0]
    front = index_context(lookup)
    pages: dict[str, dict[str, dict[str, Any]]] = {
        "index.html": {"index.html": front},
        "methodology.html": {"methodology.html": methodology_context(lookup)},
        "compare.html": {"compare.html": compare_context(lookup)},
        "benchmarks.html": {"benchmarks.html": benchmarks_context(lookup)},
        "moved.html": {
            "trade-offs.html": {"name": "Trade-offs", "target": "index.html?view=scatter"}
        },
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
                "dated_boards": dated_boards,
                "json_ld": dataset(
                    board.run,
                    board.run.generated_at,
                    site_url,
                    "data.html",
                    {f"{FOLDER}/{item.name}": item.sha256 for item in downloads},
                ),
            }
        },
        "dated-board.html": {
            page: context | {"json_ld": _json_ld_of(context["board"], board, site_url)}
            for page, context in dated_board_pages(lookup, dated_boards).items()
        },
        "model.html": model_pages(lookup),
        "metric.html": metric_pages(lookup),
    }
    if front["rest"]:
        whole = [*front["entries"], *front["rest"]]
        pages["all.html"] = {"all.html": front | {"entries": whole}}
    if board.run.edition == PUBLISHABLE:
        pages["edition.html"] = {EDITION_PAGE[0]: edition_context(lookup)}
    return pages


def _json_ld_of(dated: DatedBoard, board: Board, site_url: str | None) -> str:
    files = {"board.json": dated.json_sha256, "board.csv": dated.csv_sha256}
    return dataset(
        board.run,
        dated.points[0].generated_at,
        site_url,
        f"{dated.folder}/",
        {f"{dated.folder}/{name}": digest for name, digest in files.items()},
    )


def _write_assets(out_dir: Path) -> dict[str, str]:
    """Copy static/ under names that hold a hash of the content: file name → address in the site."""
    (out_dir / "assets").mkdir()
    addresses: dict[str, str] = {}
    # Style sheets last: they name the files that they load.
    for path in sorted((HERE / "static").iterdir(), key=lambda path: (path.suffix == ".css", path)):
        body = path.read_bytes()
        if path.suffix == ".css":
            for name, address in addresses.items():
                body = body.replace(
                    f'url("{name}")'.encode(), f'url("{Path(address).name}")'.encode()
                )
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
        "iso": moment_text,
        "anchor": show.anchor,
        "length": len,
        "ordinal": show.ordinal,
        "is_link": is_link,
        "without": _without,
        "evidence_parts": show.evidence_parts,
        "evidence_words": evidence_words,
        "score": show.score,
        "score_words": score_words,
        "long_date": show.long_date,
        "expected_words": expected_words,
        "place_range": show.place_range,
        "report_link": report_link,
        "unbroken": lambda text: show.unbroken(_without_controls(text)),
        "reason_words": reason_words,
    }
    environment.globals |= {"EVIDENCE": WORDS, "KINDS": show.KINDS}
    return environment


def _without_controls(value: Any) -> Any:
    # Nearly all text is printable, and finding that out is quicker than translating it.
    return value.translate(_CONTROLS) if type(value) is str and not value.isprintable() else value


def is_link(address: str | None) -> bool:
    """Whether an address can be put into a link: https, with a host."""
    if not address or not address.startswith("https://"):
        return False
    try:
        return bool(urlsplit(address).hostname)
    except ValueError:
        return False


def report_link(figure: Measurement) -> str:
    """The issue form of the repository, filled in with one value."""
    query = {
        "template": "wrong-figure.yml",
        "title": f"{figure.metric_id} of {figure.canonical_id}",
        "model": figure.canonical_id,
        "metric": ", ".join(filter(None, (figure.metric_id, figure.source_id))),
        "expected": f"The board shows {figure.raw_value}; I expected ",
    }
    return f"{REPOSITORY}/issues/new?{urlencode(query)}"


def _without(note: str, address: str) -> str:
    """A citation without the address that its link already holds."""
    return re.sub(r",?\s*" + re.escape(address), "", note) or address
