"""What other programs read: cards, feed, sitemap, link tags, and the page of a missing address."""

import csv
import dataclasses
import json
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from PIL import Image
from selectolax.lexbor import LexborHTMLParser

from render.board import Board, PopulationChange
from render.build import render_site
from render.changes import change_of
from render.files.cards import BAR_HEIGHT, BAR_TOP, COLUMN, MARGIN, STRIDE
from render.from_marts import read_board
from render.lookup import Lookup
from render.show import HUES, hue, ordinal
from tests.support.made_up import HOSTILE_NAMES, SITE_URL, build_database

ATOM = {"a": "http://www.w3.org/2005/Atom"}
HOSTILE = [
    *HOSTILE_NAMES,
    '=HYPERLINK("x")',
    '\'; drop table "x"; --',
    "with \x00 nul, \x1b escape, \ufffe none",
    "]]> <!-- &amp; ${7*7} {% raw %}",
    "\u202emodel\u202c \u05d0",
]


def parsed(page: Path) -> LexborHTMLParser:
    """A page as a browser without scripts has it."""
    return LexborHTMLParser(page.read_text(encoding="utf-8"))


def meta(page: Path) -> dict[str, str]:
    """What a page tells about itself by property."""
    return {
        node.attributes["property"]: node.attributes["content"]
        for node in parsed(page).css("meta[property]")
    }


# Cards


def test_every_model_has_a_card_and_so_has_the_site(made_up: Board, site: Path) -> None:
    names = {path.stem for path in (site / "cards" / "models").iterdir()}
    assert names == {row.slug for row in made_up.scoreboard}
    for path in site.rglob("cards/**/*.png"):
        with Image.open(path) as card:
            card.load()
            assert (card.format, card.size) == ("PNG", (1200, 630))
        assert path.stat().st_size < 60_000


def test_the_bars_of_a_card_are_as_long_as_the_scores(made_up: Board, site: Path) -> None:
    lookup = Lookup(made_up)
    seen = set()
    for row in made_up.scoreboard[:12]:
        with Image.open(site / "cards" / "models" / f"{row.slug}.png") as image:
            card = image.convert("RGB")
        for number, role in enumerate(made_up.roles):
            left = MARGIN + number * STRIDE
            colour = tuple(bytes.fromhex(hue(role.role_id)[1:]))
            y = BAR_TOP + BAR_HEIGHT // 2
            found = [x for x in range(COLUMN) if card.getpixel((left + x, y)) == colour]
            score = getattr(row, role.score_key.lower())
            assert max(found) + 1 == pytest.approx(COLUMN * score / 100, abs=6)
            is_hatched = len(found) < max(found)
            own = lookup.evidence[row.canonical_id, role.role_id]
            assert is_hatched == (not own.is_ranked)
            seen.add(is_hatched)
    assert seen == {True, False}


def test_names_that_do_not_fit_or_are_not_in_the_font_are_drawn(tmp_path: Path) -> None:
    names = [*HOSTILE, "", " ", "\u4e2d\u6587", "W" * 40]
    render_site(read_board(build_database(tmp_path / "x.duckdb", names=names)), tmp_path / "site")
    cards = list((tmp_path / "site" / "cards" / "models").iterdir())
    assert len(cards) == len(names)
    for path in cards:
        with Image.open(path) as card:
            # The margin on the right stays free: nothing runs out of the picture.
            margin = card.convert("L").crop((1200 - 40, 20, 1200, 630))
        assert margin.getextrema() == (255, 255)


def test_the_hues_are_those_of_the_style_sheet(site: Path) -> None:
    sheet = next((site / "assets").glob("*.css")).read_text(encoding="utf-8")
    for role_id, colour in HUES.items():
        assert f"--{role_id}: light-dark({colour}," in sheet


# Link tags


def test_pages_name_their_address_and_their_card(made_up: Board, site: Path) -> None:
    for page in site.rglob("*.html"):
        address = page.relative_to(site).as_posix()
        said = meta(page)
        assert said["og:title"] == parsed(page).css_first("title").text()
        card = said["og:image"].removeprefix(SITE_URL)
        assert (site / card).is_file()
        is_model = address.startswith("models/")
        assert card == (f"cards/models/{page.stem}.png" if is_model else "cards/site.png")
        canonical = [node.attributes["href"] for node in parsed(page).css("link[rel=canonical]")]
        if address == "404.html":
            assert canonical == []
        else:
            expected = SITE_URL + ("" if address == "index.html" else address)
            assert canonical == [expected] == [said["og:url"]]


def test_without_an_address_nothing_pretends_to_have_one(made_up: Board, tmp_path: Path) -> None:
    render_site(made_up, tmp_path / "site")
    names = {path.name for path in (tmp_path / "site").iterdir()}
    assert names & {"feed.xml", "sitemap.xml"} == set()
    assert "404.html" in names
    for page in ("index.html", "404.html", f"models/{made_up.scoreboard[0].slug}.html"):
        assert meta(tmp_path / "site" / page).keys() == {
            *("og:site_name", "og:type", "og:title", "og:description")
        }
        assert parsed(tmp_path / "site" / page).css("link[rel=canonical]") == []
    robots = (tmp_path / "site" / "robots.txt").read_text(encoding="utf-8")
    assert robots == "User-agent: *\nAllow: /\n"
    told = parsed(tmp_path / "site" / "data.html").css_first("main").text()
    assert re.search(r"\bfeed\b", told) is None


# Sitemap, robots, 404


def test_the_sitemap_lists_every_page(site: Path) -> None:
    root = ElementTree.parse(site / "sitemap.xml").getroot()
    listed = [node.text for node in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    pages = {path.relative_to(site).as_posix() for path in site.rglob("*.html")} - {"404.html"}
    assert len(listed) == len(pages)
    assert {address.removeprefix(SITE_URL) or "index.html" for address in listed} == pages
    robots = (site / "robots.txt").read_text(encoding="utf-8")
    assert f"Sitemap: {SITE_URL}sitemap.xml\n" in robots


def test_the_page_of_a_missing_address_works_at_any_depth(site: Path) -> None:
    base = urlsplit(SITE_URL).path
    page = parsed(site / "404.html")
    links = [node.attributes["href"] for node in page.css("a[href], link[rel=stylesheet]")]
    links += [node.attributes["src"] for node in page.css("script")]
    inside = [link for link in links if not link.startswith(("#", "https://github.com/"))]
    assert len(inside) > 10
    for link in inside:
        assert link.startswith(base), link
        assert (site / link.removeprefix(base)).is_file(), link


# Feed


def test_the_feed_tells_every_change_of_rank(made_up: Board, site: Path) -> None:
    root = ElementTree.parse(site / "feed.xml").getroot()
    entries = root.findall("a:entry", ATOM)
    rows = {row.canonical_id: row for row in made_up.scoreboard}
    roles = {role.role_id: role for role in made_up.roles}
    lookup = Lookup(made_up)
    expected: dict[str, set[str]] = {}
    for score in made_up.role_scores:
        if change_of(score, lookup):
            slug = rows[score.canonical_id].slug
            expected.setdefault(slug, set()).add(roles[score.role_id].display_name)
    told: dict[str, set[str]] = {}
    for entry in entries:
        slug = Path(urlsplit(entry.find("a:link", ATOM).attrib["href"]).path).stem
        if slug == "timeline":
            # Who has left has no page.
            continue
        lines = entry.find("a:content", ATOM).text.splitlines()
        told[slug] = {line.partition(":")[0] for line in lines}
    assert told == expected
    ids = [node.text for node in root.iter("{http://www.w3.org/2005/Atom}id")]
    assert len(set(ids)) == len(ids) == len(entries) + 1
    moment = made_up.run.generated_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert {node.text for node in root.iter("{http://www.w3.org/2005/Atom}updated")} == {moment}


def test_one_arithmetic_for_every_change(made_up: Board, site: Path) -> None:
    """Title, line and chip say the same two ranks and their difference."""
    lookup = Lookup(made_up)
    root = ElementTree.parse(site / "feed.xml").getroot()
    entries = {
        Path(urlsplit(entry.find("a:link", ATOM).attrib["href"]).path).stem: entry
        for entry in root.findall("a:entry", ATOM)
    }
    kinds = set()
    for score in made_up.role_scores:
        change = change_of(score, lookup)
        row = lookup.rows[score.canonical_id]
        if change is None or change.kind == "new":
            continue
        role = next(role for role in made_up.roles if role.role_id == score.role_id)
        place = lookup.evidence[score.canonical_id, score.role_id].place
        before, after = ordinal(score.previous_place), ordinal(place)
        title = entries[row.slug].find("a:title", ATOM).text
        assert f"{before} → {after} in {role.display_name}" in title
        content = entries[row.slug].find("a:content", ATOM).text
        assert f"{role.display_name}: {after} place, was {before}; " in content
        gained = score.previous_place - place
        assert change.text == f"{'▲' if gained > 0 else '▼'}{abs(gained)}"
        kinds.add(change.kind)
    assert kinds == {"up", "down"}


def test_what_has_no_place_is_in_no_feed(made_up: Board) -> None:
    lookup = Lookup(made_up)
    for score in made_up.role_scores:
        if not lookup.evidence[score.canonical_id, score.role_id].is_ranked:
            assert change_of(score, lookup) is None


def test_without_an_earlier_board_the_feed_is_empty(tmp_path: Path) -> None:
    board = read_board(build_database(tmp_path / "x.duckdb", n_models=2, has_previous=False))
    render_site(board, tmp_path / "site", site_url=SITE_URL)
    root = ElementTree.parse(tmp_path / "site" / "feed.xml").getroot()
    assert root.findall("a:entry", ATOM) == []
    assert root.find("a:title", ATOM).text


# Hostile text everywhere


def test_hostile_text_is_text_in_every_file(tmp_path: Path) -> None:
    board = read_board(build_database(tmp_path / "x.duckdb", names=HOSTILE))

    def hostile(number: int) -> str:
        return HOSTILE[number % len(HOSTILE)]

    board = dataclasses.replace(
        board,
        scoreboard=tuple(
            dataclasses.replace(row, vendor_name=hostile(number))
            for number, row in enumerate(board.scoreboard)
        ),
        models=tuple(
            dataclasses.replace(model, aliases=(hostile(number), hostile(number + 1)))
            for number, model in enumerate(board.models)
        ),
        measurements=tuple(
            dataclasses.replace(
                figure,
                source_model_name=hostile(number),
                harness=hostile(number + 1),
                effort=hostile(number + 2),
                note=figure.note and hostile(number + 3),
                url=figure.url and "javascript:alert(1)",
            )
            for number, figure in enumerate(board.measurements)
        ),
        sources=tuple(
            dataclasses.replace(source, message=hostile(number), attribution=hostile(number + 1))
            for number, source in enumerate(board.sources)
        ),
        timeline=tuple(
            dataclasses.replace(point, display_name=hostile(number))
            for number, point in enumerate(board.timeline)
        ),
        population_changes=tuple(
            PopulationChange(text, kind, text, "i", number + 1)
            for number, text in enumerate(HOSTILE)
            for kind in ("arrival", "departure")
        ),
    )
    # The validator reads every page, drawing and feed, and would refuse what loads or runs.
    written = render_site(board, tmp_path / "site", site_url=SITE_URL)
    site = tmp_path / "site"
    for path in written:
        assert re.fullmatch(r"[A-Za-z0-9_./-]+", path.relative_to(site).as_posix())
    for page in site.rglob("*.html"):
        document = parsed(page)
        for node in document.css("script:not([src])"):
            assert node.attributes == {"type": "application/ld+json"}
            json.loads(node.text(deep=True))
        assert len(document.css("title")) == 1 + len(document.css("svg title"))
    for table in (*site.glob("data/*.csv"), *site.glob("boards/*/*.csv")):
        with table.open(encoding="utf-8", newline="") as file:
            cells = [cell for line in csv.reader(file) for cell in line]
        assert len(cells) > 100
        for cell in cells:
            is_number = re.fullmatch(r"-?[0-9.]+(e-?[0-9]+)?", cell)
            assert is_number or not re.match(r"[=+\-@\t\r]", cell), cell
    names = {row.slug: row.display_name for row in board.scoreboard}
    entries = ElementTree.parse(site / "feed.xml").getroot().findall("a:entry", ATOM)
    assert len(entries) > 3
    for entry in entries:
        title = entry.find("a:title", ATOM).text
        slug = Path(urlsplit(entry.find("a:link", ATOM).attrib["href"]).path).stem
        # Up to the first character that XML cannot hold. Who has left has no page.
        candidates = HOSTILE if slug == "timeline" else [names[slug]]
        assert any(
            title.startswith(re.split("[\x00-\x1f\ufffe]", name)[0][:70]) for name in candidates
        )
        assert len(title) < 300
