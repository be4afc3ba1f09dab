"""Reads scripts and tables out of an HTML page in one pass, without building a tree.

Building a tree takes quadratic time on pages with very deep nesting or very many attributes;
reading the parser's events and stopping at a depth that no page has stays linear.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lxml import etree

from base.errors import SourceError

MAXIMUM_DEPTH = 250
PIECE_LENGTH = 1 << 16
# Hosts add scripts of their own behind the end of the page.
ENDING_LENGTH = 10_000


@dataclass
class HtmlPage:
    """The text of every script element, and every table as rows of cell texts (heads included)."""

    scripts: list[str] = field(default_factory=list)
    tables: list[list[list[str]]] = field(default_factory=list)


class _TooDeepError(Exception):
    pass


class _Collector:
    """Receives the parser's events. Comments, which stand inside of numbers, send none."""

    def __init__(self) -> None:
        self.page = HtmlPage()
        self.depth = 0
        self.script: list[str] | None = None
        self.cell: list[str] | None = None

    def start(self, tag: str, _attributes: Mapping[str, str]) -> None:
        self.depth += 1
        if self.depth > MAXIMUM_DEPTH:
            raise _TooDeepError
        tables = self.page.tables
        if tag == "script":
            self.script = []
        elif tag == "table":
            tables.append([])
        elif tag == "tr" and tables:
            tables[-1].append([])
        elif tag in ("td", "th"):
            self.cell = []

    def end(self, tag: str) -> None:
        self.depth -= 1
        tables = self.page.tables
        if tag == "script" and self.script is not None:
            self.page.scripts.append("".join(self.script))
            self.script = None
        elif tag in ("td", "th") and self.cell is not None:
            if tables and tables[-1]:
                tables[-1][-1].append("".join(self.cell))
            self.cell = None

    def data(self, text: str) -> None:
        if self.script is not None:
            self.script.append(text)
        elif self.cell is not None:
            self.cell.append(text)

    def close(self) -> HtmlPage:
        return self.page


def read_page(source_id: str, body: bytes) -> HtmlPage:
    """Read a page; SourceError for a body that is empty, cut or nested deeper than any page."""
    # As browsers do, a stray byte that is not UTF-8 spoils one character and not the page.
    text = body.decode("utf-8-sig", "replace").replace("\0", "\ufffd")
    if not text.strip():
        raise SourceError(source_id, "an HTML page", "an empty response")
    # A table that was cut between two rows would else pass for a shorter one.
    if "</html>" not in text[-ENDING_LENGTH:].lower():
        raise SourceError(
            source_id,
            "a complete HTML page that ends with </html>",
            f"a page without it: {len(text)} characters, the first {text.lstrip()[:40]!r}",
        )
    # The type asks for a method for comments, too, which must not be there.
    parser = etree.HTMLParser(  # type: ignore[call-overload]
        target=_Collector(), encoding="utf-8", huge_tree=True
    )
    content = text.encode()
    try:
        # The parser tells of an error in the collector only between two pieces.
        for start in range(0, len(content), PIECE_LENGTH):
            parser.feed(content[start : start + PIECE_LENGTH])
        page: HtmlPage = parser.close()
        return page
    except _TooDeepError as error:
        raise SourceError(
            source_id,
            f"an HTML page at most {MAXIMUM_DEPTH} elements deep",
            "a deeper one",
        ) from error
    except etree.LxmlError as error:
        raise SourceError(source_id, "an HTML page", f"an unreadable page ({error})") from error
