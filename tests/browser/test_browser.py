"""The pages in a real browser and under outside validators.

Needs Node.js, Chromium, Java and `make browser`; tests/browser/install brings all four on Debian.
Where something is missing the tests are skipped, or fail if IPBR_BROWSER is set, as CI does.
"""

import functools
import http.server
import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest

from render.build import render_site
from render.from_marts import read_board
from tests.support.made_up import HOSTILE_NAMES, build_database
from tests.support.publishable import Run, publishable

pytestmark = pytest.mark.slow

SCRIPTS = Path(__file__).resolve().parent
NU_VALIDATOR = SCRIPTS / "node_modules/vnu-jar/build/dist/vnu.jar"
# The validator takes each file for a site of its own, so that 'self' means nothing to it.
NU_IGNORED = (
    ".*violates Content Security Policy.*"
    # SVG has it, which the style checker does not know.
    "|.*“paint-order”.*"
)


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves a folder and says nothing."""

    def log_message(self, *_: object) -> None:
        pass


def without(what: str) -> NoReturn:
    """Skips, or fails where the tests were promised."""
    reason = f"{what} (tests/browser/install installs it on Debian)"
    if os.environ.get("IPBR_BROWSER"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def chromium() -> str:
    """The browser, with what drives it."""
    if shutil.which("node") is None:
        without("Node.js is not installed, which drives the browser")
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        without("Chromium is not installed")
    probe = subprocess.run(
        ["node", "-e", "require('playwright-core'); require('axe-core')"],
        cwd=SCRIPTS,
        capture_output=True,
    )
    if probe.returncode != 0:
        without("the node packages of tests/browser are not installed: `make browser`")
    return found


@pytest.fixture(scope="module")
def java() -> str:
    """What runs the validator, and the validator."""
    found = shutil.which("java")
    if found is None:
        without("Java is not installed, which runs the Nu validator")
    if not NU_VALIDATOR.is_file():
        without("the Nu validator is not installed: `make browser`")
    return found


@pytest.fixture(scope="module")
def hostile_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site whose models have names that try to break it."""
    folder = tmp_path_factory.mktemp("hostile")
    database = build_database(folder / "x.duckdb", names=HOSTILE_NAMES)
    render_site(read_board(database), folder / "site")
    return folder / "site"


@pytest.fixture(scope="module")
def publishable_site(
    tmp_path_factory: pytest.TempPathFactory, project: Path, ipbr_rank: Run
) -> Path:
    """The site of the publishable edition, which lacks whole columns and has a page of its own."""
    folder = tmp_path_factory.mktemp("publishable")
    return publishable(ipbr_rank, folder, project / "data/fixtures").out / "site"


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a folder while this machine serves it."""
    handler = functools.partial(Quiet, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def pages_of(site: Path) -> list[str]:
    return [path.relative_to(site).as_posix() for path in sorted(site.rglob("*.html"))]


def problems(script: str, chromium: str, site: Path, *pages: str) -> list[str]:
    """What a script finds wrong with a site."""
    with served(site) as address:
        process = subprocess.run(
            ["node", str(SCRIPTS / script), chromium, address, *pages],
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=1200,
        )
    assert process.returncode == 0, process.stderr
    return json.loads(process.stdout)


def objections(java: str, site: Path) -> list[str]:
    """What the Nu validator says of the pages, style sheets and drawings below a folder."""
    files = [path for path in site.rglob("*") if path.suffix in (".html", ".css", ".svg")]
    process = subprocess.run(
        [
            *(java, "-Xss4m", "-jar", str(NU_VALIDATOR), "--format", "json", "--exit-zero-always"),
            *("--also-check-css", "--also-check-svg", "--filterpattern", NU_IGNORED),
            *map(str, sorted(files)),
        ],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=600,
    )
    messages = json.loads(process.stderr)["messages"]
    return [
        f"{Path(found['url']).name}:{found.get('lastLine')}: {found['message']}"
        for found in messages
    ]


def test_what_can_be_clicked_works(chromium, board):
    assert problems("site.cjs", chromium, board.out / "site") == []


def test_pages_are_sound(chromium, board):
    """No error, nothing from elsewhere, axe content, no sideways scroll, no script needed.

    The validator reads all pages; of the many of one kind the browser opens every fifth, and the
    largest.
    """
    site = board.out / "site"
    by_folder: dict[str, list[str]] = {}
    for page in pages_of(site):
        by_folder.setdefault(page.rpartition("/")[0], []).append(page)
    chosen = [*by_folder.pop(""), "models/openai-gpt-5-5.html"]
    for pages in by_folder.values():
        chosen += {*pages[::5], max(pages, key=lambda page: (site / page).stat().st_size)}
    assert len(chosen) > 40
    assert problems("pages.cjs", chromium, site, *sorted({*chosen})) == []


def test_what_can_be_clicked_works_in_the_publishable_edition(chromium, publishable_site):
    assert problems("site.cjs", chromium, publishable_site) == []


def test_pages_of_the_publishable_edition_are_sound(chromium, publishable_site):
    pages = [page for page in pages_of(publishable_site) if "/" not in page]
    assert "left-out.html" in pages
    pages += ["models/openai-gpt-5-5.html", "metrics/SWERebench.html"]
    assert problems("pages.cjs", chromium, publishable_site, *pages) == []


def test_hostile_names_break_no_page(chromium, hostile_site):
    pages = [page for page in pages_of(hostile_site) if not page.startswith("metrics/")]
    assert problems("pages.cjs", chromium, hostile_site, *pages) == []


def test_a_broken_page_is_found(chromium, tmp_path):
    """The check itself: a script from elsewhere, a missing file, a wide box, pale words."""
    (tmp_path / "page.html").write_text(
        "<!doctype html><html lang='en'><title>x</title><main><h1>x</h1>"
        "<p style='color: #ccc; width: 2000px'>pale</p><img src='gone.png' alt=''>"
        "<script src='http://127.0.0.1:9/x.js'></script>"
        "<table><tr hidden><td data-v='1'>1</td></tr></table></main>",
        encoding="utf-8",
    )
    found = "\n".join(problems("pages.cjs", chromium, tmp_path, "page.html"))
    for expected in (
        "axe: color-contrast at p",
        "page.html, dark: axe: color-contrast",
        "page.html at 320: scrolls sideways",
        "404",
        "off-site http://127.0.0.1:9/x.js",
        "page.html without scripts: 2 not seen",
    ):
        assert expected in found


def test_pages_style_and_drawings_are_valid(java, board):
    assert objections(java, board.out / "site") == []


def test_pages_of_the_publishable_edition_are_valid(java, publishable_site):
    assert objections(java, publishable_site) == []


def test_hostile_names_make_valid_pages(java, hostile_site):
    assert objections(java, hostile_site) == []


def test_the_validator_finds_what_is_wrong(java, tmp_path):
    page = "<!doctype html><html lang='en'><title>x</title><p><div id='a'></div><b id='a'></b></p>"
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    (tmp_path / "sheet.css").write_text("p { colour: red }\n", encoding="utf-8")
    found = "\n".join(objections(java, tmp_path))
    assert "Duplicate ID “a”" in found
    assert "sheet.css:1: CSS: “colour”" in found
