"""The validator: each thing that must not be published is found and named."""

from pathlib import Path

import pytest

from render.validate import ValidationError, named_hosts, validate_site

POLICY = (
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; script-src '
    "'self'; style-src 'self'; base-uri 'none'; form-action 'none'\">"
)
PAGE = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8">{policy}<title>t</title>'
    '<link rel="stylesheet" href="assets/site.css"></head><body>{body}</body></html>\n'
)
DRAWING = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1">{body}</svg>\n'


def write_site(folder: Path, body: str = "", policy: str = POLICY, **files: str) -> Path:
    """A small site: index.html with a body, a style sheet, and files given by name."""
    (folder / "assets").mkdir()
    (folder / "sub").mkdir()
    pages = {
        "index.html": PAGE.format(policy=policy, body=body),
        "sub/other.html": PAGE.format(policy=POLICY, body='<p id="there">').replace(
            "assets/", "../assets/"
        ),
        "assets/site.css": "p { color: red }\n",
        "assets/site.js": "'use strict';\n",
        "assets/mark.svg": DRAWING.format(body=""),
        **{name.replace("__", "/").replace("_", "."): text for name, text in files.items()},
    }
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    "body",
    [
        "<p>plain</p>",
        '<a href="https://known.example/page?q=1#x">out</a>',
        '<a href="sub/other.html">in</a> <a href="sub/other.html#there">in</a>',
        '<a href="sub/other.html?sort=b#there">in</a> <a href="assets/mark.svg">in</a>',
        '<p id="here">x</p><a href="#here">x</a> <a href="#">top</a> <a href="?a=b">x</a>',
        '<p title="https://evil.example data: //x">https://evil.example javascript:alert(1)</p>',
        '<p data-id="//x">&lt;script&gt;alert(1)&lt;/script&gt; onclick= style=</p>',
        '<svg viewBox="0 0 1 1"><path d="M0 0H1"/><rect fill="url(#g)"/><g id="g"/></svg>',
        '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>',
        '<img src="assets/mark.svg" alt=""><script src="assets/site.js" defer></script>',
        '<label for="f">x</label><input id="f" type="search" placeholder="https://x">',
        "<!-- https://evil.example in a comment loads nothing -->",
        '<script type="application/ld+json">{"@context": "https://schema.org/"}</script>',
    ],
)
def test_what_is_allowed_passes(tmp_path: Path, body: str) -> None:
    assert validate_site(write_site(tmp_path, body), {"known.example"}) is None


@pytest.mark.parametrize(
    ("body", "message"),
    [
        # Addresses
        ('<a href="http://known.example/">x</a>', "links by plain http; use https"),
        ('<a href="https://other.example/">x</a>', "links to the host other.example"),
        ('<a href="https://known.example.evil.example/">x</a>', "known.example.evil.example"),
        ('<a href="https://known.example@evil.example/">x</a>', "links to the host evil.example"),
        ('<a href="//known.example/">x</a>', "only <a href> may lead out of the site"),
        ('<a href="\\\\known.example/">x</a>', "only <a href> may lead out of the site"),
        ('<a href="/&#9;/known.example/">x</a>', "only <a href> may lead out of the site"),
        ('<a href="data:text/html,x">x</a>', "only <a href> may lead out of the site"),
        ('<a href="javascript:alert(1)">x</a>', "only <a href> may lead out of the site"),
        ('<a href=" JaVa&#10;Script:alert(1)">x</a>', "only <a href> may lead out of the site"),
        ('<a href="mailto:a@known.example">x</a>', "only <a href> may lead out of the site"),
        (
            '<a ping="https://known.example" href="#">x</a>',
            "only <a href> may lead out of the site",
        ),
        (
            '<img alt="" src="https://known.example/x.png">',
            "only <a href> may lead out of the site",
        ),
        ('<img alt="" src="data:image/png;base64,AA">', "only <a href> may lead out of the site"),
        ('<img alt="" srcset="assets/mark.svg 1x, //e.example/x 2x">', "only <a href>"),
        ('<link rel="alternate" href="https://known.example/">', "only <a href>"),
        ('<link rel="canonical" href="https://known.example/">', "begin with the address of the"),
        ('<meta property="og:image" content="https://known.example/x.png">', "begin with the add"),
        ('<meta name="other" content="https://known.example/">', "contains an address"),
        ('<form action="https://known.example/"></form>', "only <a href>"),
        ('<button formaction="http://known.example/">x</button>', "only <a href>"),
        ('<svg><image href="http://e.example/x.png"/></svg>', "only <a href>"),
        ('<svg><use xlink:href="//e.example/x#y"/></svg>', "only <a href>"),
        ('<svg><rect fill="url(https://e.example/#x)"/></svg>', "fill contains an address"),
        ('<svg xmlns="https://e.example/svg"></svg>', "xmlns is not a known namespace"),
        ('<p lang="data:x">x</p>', "lang contains an address"),
        # Broken links
        ('<a href="nowhere.html">x</a>', "nowhere.html does not exist"),
        ('<a href="sub/">x</a>', "sub/ does not exist"),
        ('<a href="../index.html">x</a>', "leads out of the site"),
        ('<a href="/index.html">x</a>', "starts at the host's root"),
        ('<a href="#nothing">x</a>', "index.html has no id 'nothing'"),
        ('<a href="sub/other.html#nothing">x</a>', "sub/other.html has no id 'nothing'"),
        ('<script src="assets/gone.js"></script>', "assets/gone.js does not exist"),
        ('<label for="nothing">x</label>', "refers to the id 'nothing'"),
        ('<p aria-labelledby="a b">x</p><p id="a">x</p>', "refers to the id 'b'"),
        ('<svg><rect fill="url(#gone)"/></svg>', "refers to the id 'gone'"),
        # Ids
        ('<p id="twice">x</p><p id="twice">x</p>', 'id="twice": occurs 2 times'),
        ('<p id="">x</p>', "an id must not be empty"),
        ('<p id="a b">x</p>', "an id must not be empty or contain spaces"),
        # Inline
        ('<p onclick="x()">x</p>', "inline event handler onclick"),
        ('<svg ONLOAD="x()"></svg>', "inline event handler onload"),
        ('<p style="color: red">x</p>', "inline style"),
        ('<script type="application/ld+json">{"a": </script>', "is not valid JSON"),
        ('<script type="application/ld+json" id="x">{}</script>', "inline script"),
        ('<script type="module">{}</script>', "inline script"),
        ("<script>alert(1)</script>", "inline script"),
        ('<script type="application/json">{}</script>', "inline script"),
        ("<style>p { color: red }</style>", "<style> is an inline style sheet"),
        # Elements
        ('<base href="sub/">', "<base> changes the target of every link"),
        ('<iframe src="sub/other.html"></iframe>', "<iframe> loads another document"),
        ('<iframe srcdoc="x"></iframe>', "contains a whole page in an attribute"),
        ('<object data="assets/mark.svg"></object>', "<object> loads another document"),
        ('<embed src="assets/mark.svg">', "<embed> loads another document"),
        ("<template><script>x</script></template>", "<template> hides its content"),
        ('<meta http-equiv="refresh" content="0; sub/other.html">', "redirects the reader"),
    ],
)
def test_what_is_forbidden_is_found(tmp_path: Path, body: str, message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        validate_site(write_site(tmp_path, body), {"known.example"})
    assert message in str(caught.value)
    assert "index.html: " in str(caught.value)
    assert caught.value.exit_code == 1


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        ("", "has no Content-Security-Policy"),
        ("", "comes before the Content-Security-Policy"),
        (POLICY.replace("default-src 'none'; ", ""), "must contain default-src 'none'"),
        (
            POLICY.replace("default-src 'none'", "default-src 'self'"),
            "must contain default-src 'none'",
        ),
        (POLICY.replace("base-uri 'none'; ", ""), "must contain base-uri 'none'"),
        (POLICY.replace("form-action 'none'", "form-action *"), "must contain form-action 'none'"),
        (POLICY.replace("style-src 'self'", "style-src 'unsafe-inline'"), "allows 'unsafe-inline'"),
        (POLICY.replace("script-src 'self'", "script-src e.example"), "allows e.example in script"),
    ],
)
def test_a_weak_policy_is_found(tmp_path: Path, policy: str, message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        validate_site(write_site(tmp_path, policy=policy), set())
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("p { background: url(https://e.example/x.png) }", "line 1: contains an address"),
        ("p {}\np { background: url('//e.example/x.png') }", "line 2: contains an address"),
        ("p { background: url(data:image/png;base64,AA) }", "line 1: contains an address"),
        ("p { background: url(\\68ttps://e.example/x.png) }", "line 1: contains an address"),
        ("/* see http://e.example */", "line 1: contains an address"),
        ("@import 'other.css';", "line 1: @import"),
        ("p { background: url(gone.png) }", "gone.png does not exist"),
        ("p { background: url(../../x.png) }", "leads out of the site"),
    ],
)
def test_style_sheets_are_read(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        validate_site(write_site(tmp_path, assets__site_css=text), {"e.example"})
    assert message in str(caught.value)
    assert "assets/site.css: " in str(caught.value)


def test_style_sheets_may_use_the_sites_own_files(tmp_path: Path) -> None:
    style = "p { background: url('mark.svg') }\n"
    assert validate_site(write_site(tmp_path, assets__site_css=style), set()) is None


@pytest.mark.parametrize(
    "text",
    [
        "fetch('https://e.example')",
        "// see http://e.example",
        "x = '//e.example/x'",
        'x = "data:text/html,x"',
        "x = `javascript:alert(1)`",
        "x = 'https:\\/\\/e.example'",
    ],
)
def test_scripts_are_read(tmp_path: Path, text: str) -> None:
    with pytest.raises(ValidationError, match=r"assets/site.js: line 2: contains an address"):
        validate_site(
            write_site(tmp_path, assets__site_js=f"'use strict';\n{text}\n"), {"e.example"}
        )


def test_a_comment_in_a_script_is_no_address(tmp_path: Path) -> None:
    script = "// what it does\nconst x = { data: 1 }; // and why\n"
    assert validate_site(write_site(tmp_path, assets__site_js=script), set()) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (DRAWING.format(body='<image href="https://e.example/x"/>'), "only <a href>"),
        (DRAWING.format(body='<rect fill="url(#gone)"/>'), "refers to the id 'gone'"),
        (DRAWING.format(body='<g id="a"/><g id="a"/>'), "occurs 2 times"),
        (DRAWING.format(body='<g onload="x()"/>'), "inline event handler onload"),
        (DRAWING.format(body='<g style="fill: red"/>'), "inline style"),
        (DRAWING.format(body="<script>x</script>"), "<script>: is not allowed"),
        (DRAWING.format(body="<style>x</style>"), "<style>: is not allowed"),
        (DRAWING.replace("2000/svg", "2000/other").format(body=""), "not a known namespace"),
        ("<!DOCTYPE svg>" + DRAWING.format(body=""), "a document type"),
        ('<?xml-stylesheet href="x.css"?>' + DRAWING.format(body=""), "a processing instruction"),
        (DRAWING.format(body="<g>"), "is not well-formed XML"),
    ],
)
def test_drawings_are_read(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        validate_site(write_site(tmp_path, assets__mark_svg=text), {"e.example"})
    assert message in str(caught.value)
    assert "assets/mark.svg: line 1" in str(caught.value) or "id=" in str(caught.value)


def test_all_problems_are_listed(tmp_path: Path) -> None:
    body = '<p style="x">x</p><a href="gone.html">x</a><p id="a"><p id="a">'
    with pytest.raises(ValidationError) as caught:
        validate_site(write_site(tmp_path, body), set())
    assert "it has 3 problems" in str(caught.value)
    assert 'index.html: <p style="x">: inline style' in str(caught.value)


def test_text_that_is_not_utf_8_is_found(tmp_path: Path) -> None:
    site = write_site(tmp_path)
    (site / "assets" / "site.css").write_bytes(b"p { content: '\xff' }")
    with pytest.raises(ValidationError, match=r"assets/site\.css: byte 14: is not UTF-8"):
        validate_site(site, set())


def test_an_empty_site_is_a_problem(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="contains no pages"):
        validate_site(tmp_path, set())


def test_hosts_come_from_the_sources_and_the_project() -> None:
    hosts = named_hosts(["https://Board.example:443/x", None, ""])
    assert "board.example" in hosts
    assert "github.com" in hosts
    assert None not in hosts


OWN = "https://own.example/here/"


@pytest.mark.parametrize(
    "body",
    [
        f'<link rel="canonical" href="{OWN}">',
        f'<link rel="canonical" href="{OWN}sub/other.html">',
        f'<meta property="og:image" content="{OWN}assets/mark.svg">',
        '<meta property="og:title" content="https://evil.example data:x">',
    ],
)
def test_addresses_of_the_site_itself_pass(tmp_path: Path, body: str) -> None:
    assert validate_site(write_site(tmp_path, body), (), OWN) is None


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"index.html": f'<link rel="canonical" href="{OWN}no.html">'}, "no.html does not exist"),
        ({"index.html": f'<meta property="og:image" content="{OWN}x.png">'}, "x.png does not"),
        ({"index.html": f'<a href="{OWN}">x</a>'}, "links to the host own.example"),
        ({"index.html": '<a href="/here/index.html">x</a>'}, "starts at the host's root"),
        ({"404.html": '<a href="/index.html">x</a>'}, "starts at the host's root"),
        ({"404.html": '<a href="/here/no.html">x</a>'}, "no.html does not exist"),
        ({"feed.xml": f'<feed><link href="{OWN}no.html"/></feed>'}, "no.html does not exist"),
        ({"feed.xml": '<feed><link href="https://evil.example/"/></feed>'}, "begin with the"),
        ({"feed.xml": "<feed>&#1;</feed>"}, "is not well-formed XML"),
        ({"feed.xml": "<!DOCTYPE feed><feed/>"}, "a document type"),
        ({"sitemap.xml": f"<urlset><loc>{OWN}no.html</loc></urlset>"}, "no.html does not exist"),
        ({"sitemap.xml": "<urlset><loc>https://evil.example/</loc></urlset>"}, "begin with the"),
    ],
)
def test_addresses_of_the_site_must_lead_to_its_files(
    tmp_path: Path, files: dict[str, str], message: str
) -> None:
    write_site(tmp_path)
    for name, text in files.items():
        page = PAGE.format(policy=POLICY, body=text) if name.endswith(".html") else text
        (tmp_path / name).write_text(page, encoding="utf-8")
    with pytest.raises(ValidationError) as caught:
        validate_site(tmp_path, (), OWN)
    assert message in str(caught.value)
    assert "1 problem:" in str(caught.value)


def test_the_page_of_a_missing_address_links_by_whole_paths(tmp_path: Path) -> None:
    write_site(tmp_path)
    (tmp_path / "404.html").write_text(
        PAGE.format(
            policy=POLICY,
            body='<a href="/here/">x</a> <a href="/here/sub/other.html#there">x</a>',
        ).replace("assets/", "/here/assets/"),
        encoding="utf-8",
    )
    assert validate_site(tmp_path, (), OWN) is None
