"""Checks a finished site: nothing loads from elsewhere, nothing is broken, nothing runs inline.

Runs at the end of every render. Text that a reader sees may name any address; an attribute,
style sheet, script or drawing may not, except a link (`<a href>`) to a host that the project
names itself.
"""

from __future__ import annotations

import json
import re
import tomllib
import xml.parsers.expat
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from base.errors import RenderError

PYPROJECT = Path(__file__).resolve().parent.parent / "pyproject.toml"

# Namespace identifiers look like addresses, but nothing is loaded from them.
NAMESPACES = {
    "xmlns": {"http://www.w3.org/2000/svg", "http://www.w3.org/1998/Math/MathML"},
    "xmlns:xlink": {"http://www.w3.org/1999/xlink"},
}
LINK_ATTRIBUTES = {
    "action",
    "background",
    "cite",
    "data",
    "formaction",
    "href",
    "longdesc",
    "manifest",
    "ping",
    "poster",
    "src",
    "xlink:href",
}
TEXT_ATTRIBUTES = {
    "alt",
    "aria-label",
    "aria-description",
    "label",
    "placeholder",
    "title",
    "value",
}
# What a <meta> may say: words, or an address of this site.
META_WORDS = {"description", "og:title", "og:description", "og:image:alt"}
META_ADDRESSES = {"og:url", "og:image"}
ID_ATTRIBUTES = {"aria-controls", "aria-describedby", "aria-labelledby", "for", "headers", "list"}
FORBIDDEN_ELEMENTS = {
    "base": "changes the target of every link",
    "embed": "loads another document",
    "iframe": "loads another document",
    "object": "loads another document",
    "style": "is an inline style sheet; put it into static/",
    "template": "hides its content from this check",
}

_ADDRESS = re.compile(r"https?:|data:|javascript:|vbscript:|(?:^|[\s\"'(,=])//", re.IGNORECASE)
_BLANKS = "".join(map(chr, range(33)))
_AS_READ = str.maketrans({"\t": None, "\n": None, "\r": None, "\\": "/"})
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_FRAGMENT_REFERENCE = re.compile(r"url\(\s*[\"']?#([^\"')]*)[\"']?\s*\)", re.IGNORECASE)
_CSS_REFERENCE = re.compile(r"url\(\s*[\"']?([^\"')]*)[\"']?\s*\)|@import", re.IGNORECASE)
_CSS_ESCAPE = re.compile(r"\\(?:([0-9a-fA-F]{1,6})\s?|(.))", re.DOTALL)
_SCRIPT_ADDRESS = re.compile(r"https?:\\?/|[\"'`]\s*(?:data:|javascript:|\\?/\\?/)", re.IGNORECASE)


class ValidationError(RenderError):
    """The site must not be published; the message lists every problem."""


# An element is put into words only if there is a problem with it.
_Where = str | LexborNode


@dataclass
class _Site:
    """What is known of the site while it is read."""

    folder: Path
    allowed_hosts: frozenset[str]
    # Where the site will stand, ending in a slash; None if that is not known.
    site_url: str | None = None
    problems: list[str] = field(default_factory=list)
    # Ids per page, and internal links as (page, shown element, path or "", fragment).
    ids: dict[str, set[str]] = field(default_factory=dict)
    links: list[tuple[str, _Where, str, str]] = field(default_factory=list)
    # Attributes found to hold no address and no reference: most stand on many elements.
    harmless: set[tuple[str, str]] = field(default_factory=set)

    def problem(self, page: str, where: _Where, what: str) -> None:
        place = where if isinstance(where, str) else _shown(where)
        self.problems.append(f"{page}: {place}: {what}")


def named_hosts(addresses: Iterable[str | None]) -> frozenset[str]:
    """Hosts that pages may link to: those of the addresses given and of pyproject.toml's URLs."""
    listed = [address for address in addresses if address]
    if PYPROJECT.is_file():
        project = tomllib.loads(PYPROJECT.read_text(encoding="utf-8")).get("project", {})
        listed += project.get("urls", {}).values()
    return frozenset(host for address in listed if (host := urlsplit(address).hostname))


def validate_site(
    folder: Path, allowed_hosts: Collection[str], site_url: str | None = None
) -> None:
    """Check every HTML, CSS, JS, SVG and XML file below a folder; raise with all problems found.

    `site_url` is the address of the site, ending in a slash: links to it must lead to its files.
    """
    site = _Site(folder=folder, allowed_hosts=frozenset(allowed_hosts), site_url=site_url)
    checks: dict[str, Callable[[_Site, str, str], None]] = {
        ".html": _check_html,
        ".css": _check_css,
        ".js": _check_script,
        ".svg": _check_svg,
        ".xml": _check_xml,
    }
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    for path in files:
        check = checks.get(path.suffix.lower())
        if check is None:
            continue
        page = path.relative_to(folder).as_posix()
        try:
            text = path.read_bytes().decode("utf-8")
        except UnicodeDecodeError as error:
            site.problem(page, f"byte {error.start}", "is not UTF-8")
            continue
        check(site, page, text)
    if not site.ids:
        site.problem(str(folder), "folder", "contains no pages")
    _check_links(site, {path.relative_to(folder).as_posix() for path in files})
    if site.problems:
        count = len(site.problems)
        raise ValidationError(
            f"the site in {folder} is not published: it has {count} "
            f"problem{'' if count == 1 else 's'}:\n" + "\n".join(f"  {p}" for p in site.problems)
        )


def _check_html(site: _Site, page: str, text: str) -> None:  # noqa: C901 one rule after the other
    document = LexborHTMLParser(text)
    ids: Counter[str] = Counter()
    references: list[tuple[_Where, str]] = []
    policy_seen = False
    for node in document.root.traverse(include_text=False) if document.root else ():
        tag = node.tag or ""
        if not "a" <= tag[:1] <= "z":
            continue  # comments and the doctype
        given = node.attributes
        if not given and tag not in FORBIDDEN_ELEMENTS and tag != "script":
            continue
        where = node
        attributes = {name: value or "" for name, value in given.items()}
        if tag in FORBIDDEN_ELEMENTS:
            site.problem(page, where, f"<{tag}> {FORBIDDEN_ELEMENTS[tag]}")
        if tag == "script" and not attributes.get("src"):
            _check_inline(site, page, where, attributes, node.text(deep=True))
        if tag == "meta":
            policy_seen |= _check_meta(site, page, where, attributes)
        if tag in ("script", "link") and not policy_seen:
            site.problem(
                page,
                where,
                "comes before the Content-Security-Policy, which therefore does not apply to it",
            )
        if "id" in attributes:
            ids[attributes["id"]] += 1
        own = _own_address(tag, attributes)
        for name, value in attributes.items():
            if name == own:
                _check_own_address(site, page, where, value)
            elif (name, value) not in site.harmless and not _is_words(tag, attributes, name):
                _check_attribute(site, page, where, tag, name, value, references)
    if not policy_seen:
        site.problem(page, "<head>", "has no Content-Security-Policy")
    for name, count in ids.items():
        if count > 1:
            site.problem(page, f'id="{_cut(name)}"', f"occurs {count} times in one page")
        if not name or re.search(r"\s", name):
            site.problem(page, f'id="{_cut(name)}"', "an id must not be empty or contain spaces")
    for place, name in references:
        if name not in ids:
            site.problem(
                page, place, f"refers to the id {_cut(name)!r}, which the page does not have"
            )
    site.ids[page] = set(ids)


def _check_inline(
    site: _Site, page: str, where: _Where, attributes: dict[str, str], text: str
) -> None:
    """JSON-LD describes and is never run; anything else that is inline is."""
    if attributes != {"type": "application/ld+json"}:
        site.problem(page, where, "inline script; put it into static/")
        return
    try:
        json.loads(text)
    except ValueError as error:
        site.problem(page, where, f"is not valid JSON: {error}")


def _own_address(tag: str, attributes: dict[str, str]) -> str | None:
    """The attribute that must hold a whole address of this site, if the element has one."""
    if tag == "link" and attributes.get("rel") == "canonical":
        return "href"
    if tag == "meta" and attributes.get("property") in META_ADDRESSES:
        return "content"
    return None


def _is_words(tag: str, attributes: dict[str, str], name: str) -> bool:
    """Whether an attribute holds text that nothing loads, whatever it looks like."""
    kind = attributes.get("property") or attributes.get("name")
    return tag == "meta" and name == "content" and kind in META_WORDS


def _check_own_address(site: _Site, page: str, where: _Where, address: str) -> None:
    if site.site_url is None or not address.startswith(site.site_url):
        site.problem(page, where, f"does not begin with the address of the site: {_cut(address)}")
        return
    path, _, _ = address.removeprefix(site.site_url).partition("#")
    up = "../" * page.count("/")
    site.links.append((page, where, up + unquote(path or "index.html"), ""))


def _check_meta(site: _Site, page: str, where: _Where, attributes: dict[str, str]) -> bool:
    """Whether this is the page's policy; a policy that allows too much is a problem."""
    kind = attributes.get("http-equiv", "").strip().lower()
    if kind == "refresh":
        site.problem(page, where, "redirects the reader")
    if kind != "content-security-policy":
        return False
    policy = {}
    for directive in attributes.get("content", "").split(";"):
        name, *sources = directive.split() or [""]
        policy[name.lower()] = sources
    for name in ("default-src", "base-uri", "form-action"):
        if policy.get(name) != ["'none'"]:
            site.problem(page, where, f"the Content-Security-Policy must contain {name} 'none'")
    for name, sources in policy.items():
        for source in sources:
            if source not in ("'none'", "'self'"):
                site.problem(
                    page,
                    where,
                    f"the Content-Security-Policy allows {source} in {name}; "
                    "only 'self' and 'none' are strict",
                )
    return True


def _check_attribute(  # noqa: C901 one rule after the other
    site: _Site,
    page: str,
    where: _Where,
    tag: str,
    name: str,
    value: str,
    references: list[tuple[_Where, str]],
) -> None:
    if name in NAMESPACES:
        if value not in NAMESPACES[name]:
            site.problem(page, where, f"{name} is not a known namespace: {_cut(value)}")
    elif name.startswith("on"):
        site.problem(page, where, f"inline event handler {name}")
    elif name == "style":
        site.problem(page, where, "inline style; use a class or a drawing's attributes")
    elif name == "srcdoc":
        site.problem(page, where, "contains a whole page in an attribute")
    elif name in LINK_ATTRIBUTES:
        _check_link(site, page, where, value, is_anchor=tag == "a" and name == "href")
    elif name in ("srcset", "imagesrcset"):
        for candidate in value.split(","):
            _check_link(site, page, where, (candidate.split() or [""])[0], is_anchor=False)
    elif name in ID_ATTRIBUTES:
        references.extend((where, reference) for reference in value.split())
    elif name not in TEXT_ATTRIBUTES and not name.startswith("data-"):
        found = _ADDRESS.search(_as_browser_reads(value))
        if found:
            site.problem(page, where, f"{name} contains an address: {_cut(value)}")
        fragments = _FRAGMENT_REFERENCE.findall(value)
        references.extend((where, fragment) for fragment in fragments)
        if not found and not fragments:
            site.harmless.add((name, value))


def _as_browser_reads(address: str) -> str:
    """An address as a URL parser takes it: trimmed, without line breaks, `\\` being `/`."""
    return address.strip(_BLANKS).translate(_AS_READ)


def _check_link(site: _Site, page: str, where: _Where, address: str, *, is_anchor: bool) -> None:
    address = _as_browser_reads(address)
    scheme = _SCHEME.match(address)
    if scheme or address.startswith("//"):
        try:
            host = urlsplit(address).hostname
        except ValueError:
            host = None
        if not is_anchor or not scheme or scheme.group().lower() not in ("https:", "http:"):
            site.problem(
                page, where, f"only <a href> may lead out of the site, found: {_cut(address)}"
            )
        elif scheme.group().lower() == "http:":
            site.problem(page, where, f"links by plain http; use https: {_cut(address)}")
        elif host not in site.allowed_hosts:
            site.problem(
                page,
                where,
                f"links to the host {host}, which is not in seeds/sources.csv or pyproject.toml",
            )
        return
    path, _, fragment = address.partition("#")
    path = path.partition("?")[0]
    # The page of a missing address is shown at any depth, so its links are whole paths.
    base = urlsplit(site.site_url).path if site.site_url and page == "404.html" else None
    if base and path.startswith(base):
        path = path.removeprefix(base) or "index.html"
    elif path.startswith("/"):
        site.problem(
            page, where, f"{_cut(address)} starts at the host's root; link relative to the page"
        )
        return
    site.links.append((page, where, unquote(path), unquote(fragment)))


def _check_links(site: _Site, files: set[str]) -> None:
    targets: dict[tuple[str, str], str | None] = {}
    for page, where, path, fragment in site.links:
        key = (page.rpartition("/")[0] if path else page, path)
        if key not in targets:
            targets[key] = _resolved(page, path)
        target = targets[key]
        if target is None:
            site.problem(page, where, f"{_cut(path)} leads out of the site")
        elif target not in files:
            site.problem(page, where, f"{_cut(path)} does not exist in the site")
        elif fragment and target in site.ids and fragment not in site.ids[target]:
            site.problem(page, where, f"{target} has no id {_cut(fragment)!r}")


def _resolved(page: str, path: str) -> str | None:
    """The file a relative link means, or None when it climbs out of the site."""
    if not path:
        return page
    parts: list[str] = []
    for part in (PurePosixPath(page).parent / path).parts:
        if part == ".." and not parts:
            return None
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    if path.endswith(("/", "/.", "/..")) or path in (".", ".."):
        parts.append("index.html")
    return "/".join(parts)


def _check_css(site: _Site, page: str, text: str) -> None:
    plain = _CSS_ESCAPE.sub(_css_character, text)
    for number, line in enumerate(plain.splitlines(), start=1):
        found = _ADDRESS.search(line)
        if found:
            site.problem(page, f"line {number}", f"contains an address: {_cut(line.strip())}")
            continue
        for reference in _CSS_REFERENCE.finditer(line):
            if reference.group(1) is None:
                site.problem(page, f"line {number}", "@import; put all rules into one file")
            else:
                _check_link(site, page, f"line {number}", reference.group(1), is_anchor=False)


def _css_character(match: re.Match[str]) -> str:
    if match.group(1):
        number = int(match.group(1), 16)
        return chr(number) if number <= 0x10FFFF else "\ufffd"
    return match.group(2)


def _check_script(site: _Site, page: str, text: str) -> None:
    for number, line in enumerate(text.splitlines(), start=1):
        if _SCRIPT_ADDRESS.search(line):
            site.problem(page, f"line {number}", f"contains an address: {_cut(line.strip())}")


def _check_svg(site: _Site, page: str, text: str) -> None:  # noqa: C901 one rule after the other
    """A drawing of its own is XML; it is read as such, so that entities and the like are seen."""
    ids: Counter[str] = Counter()
    references: list[tuple[_Where, str]] = []
    parser = xml.parsers.expat.ParserCreate()

    def start(tag: str, attributes: dict[str, str]) -> None:
        where = f"line {parser.CurrentLineNumber} <{tag}>"
        if tag in ("script", "style", "foreignObject"):
            site.problem(page, where, "is not allowed in a drawing")
        if "id" in attributes:
            ids[attributes["id"]] += 1
        for name, value in attributes.items():
            _check_attribute(site, page, where, tag, name.lower(), value, references)

    def forbidden(kind: str) -> Callable[..., None]:
        def report(*_: object) -> None:
            site.problem(page, f"line {parser.CurrentLineNumber}", f"{kind} in a drawing")

        return report

    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = forbidden("a document type")
    parser.ProcessingInstructionHandler = forbidden("a processing instruction")
    try:
        parser.Parse(text, True)
    except xml.parsers.expat.ExpatError as error:
        site.problem(page, f"line {error.lineno}", f"is not well-formed XML: {error}")
        return
    for name, count in ids.items():
        if count > 1:
            site.problem(page, f'id="{_cut(name)}"', f"occurs {count} times in one drawing")
    for where, name in references:
        if name not in ids:
            site.problem(page, where, f"refers to the id {_cut(name)!r}, which it does not have")


def _check_xml(site: _Site, page: str, text: str) -> None:
    """A feed or sitemap: well-formed, and every address in it leads to a file of the site."""
    parser = xml.parsers.expat.ParserCreate()
    inside: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        inside.append("")
        if "href" in attributes:
            where = f"line {parser.CurrentLineNumber} <{tag}>"
            _check_own_address(site, page, where, attributes["href"])

    def characters(data: str) -> None:
        if inside:
            inside[-1] += data

    def end(tag: str) -> None:
        said = inside.pop()
        if tag == "loc":
            where = f"line {parser.CurrentLineNumber} <{tag}>"
            _check_own_address(site, page, where, said)

    def doctype(*_: object) -> None:
        site.problem(page, f"line {parser.CurrentLineNumber}", "a document type")

    parser.StartElementHandler = start
    parser.CharacterDataHandler = characters
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(text, True)
    except xml.parsers.expat.ExpatError as error:
        site.problem(page, f"line {error.lineno}", f"is not well-formed XML: {error}")


def _shown(node: LexborNode) -> str:
    """The start tag of an element, short enough for a message."""
    attributes = "".join(f' {name}="{value or ""}"' for name, value in node.attributes.items())
    return _cut(f"<{node.tag}{attributes}>", 120)


def _cut(text: str, length: int = 80) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
