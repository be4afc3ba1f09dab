"""Pictures of 1200 by 630 for links in chats and feeds: one for the site, one per model.

The letters are those of render/fonts, so that every machine draws the same. A character that the
font does not have is drawn as an empty box.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from render import show
from render.board import Role, ScoreboardRow
from render.lookup import Lookup

FONTS = Path(__file__).resolve().parents[1] / "fonts"
BOLD, PLAIN = "InterDisplay-SemiBold.otf", "Inter-Regular.otf"
WIDTH, HEIGHT = 1200, 630
MARGIN = 72
TITLE_SIZES = (88, 76, 64, 54)
# Longer texts are cut before they are measured.
LONGEST = 120
COLUMN = 240
STRIDE = 272
BAR_TOP, BAR_HEIGHT = 330, 8
BAR_BOTTOM = BAR_TOP + BAR_HEIGHT - 1
# The palette: greys from paper to ink, then the roles' hues. Letters are drawn in grey on paper, so
# that their soft edges are greys as well; hues fill rectangles only.
INK, MUTED, TRACK = 239, 168, 22
PAPER_RGB, INK_RGB = (255, 255, 255), (25, 27, 31)
# Level 6 would take half as long again to save a tenth.
COMPRESSION = 3


def write_cards(lookup: Lookup, out_dir: Path) -> None:
    """Write cards/site.png and cards/models/<slug>.png."""
    folder = out_dir / "cards" / "models"
    folder.mkdir(parents=True)
    blank = _blank(lookup)
    _site_card(lookup, blank).save(folder.parent / "site.png", compress_level=COMPRESSION)
    for row in lookup.ranked:
        card = _model_card(lookup, row, blank)
        card.save(folder / f"{row.slug}.png", compress_level=COMPRESSION)


def _site_card(lookup: Lookup, blank: Image.Image) -> Image.Image:
    card = blank.copy()
    pen = _pen(card)
    pen.text((MARGIN, 64), "Language models, ranked by role", MUTED, _font(PLAIN, 32))
    pen.text((MARGIN, 112), "Which model thinks, plans,", INK, _font(BOLD, 76))
    pen.text((MARGIN, 196), "builds and reviews best?", INK, _font(BOLD, 76))
    for number, role in enumerate(lookup.board.roles):
        row = _leader(lookup, role)
        if row is not None:
            name = _fitting(row.display_name, PLAIN, (28,), COLUMN)[0]
            _column(pen, lookup, number, role, row, name)
    return card


def _leader(lookup: Lookup, role: Role) -> ScoreboardRow | None:
    """The model in the first place; None where no model has one."""
    placed = [
        (entry.place, entry.canonical_id)
        for entry in lookup.board.role_evidence or ()
        if entry.role_id == role.role_id and entry.place is not None
    ]
    return lookup.rows[min(placed)[1]] if placed else None


def _model_card(lookup: Lookup, row: ScoreboardRow, blank: Image.Image) -> Image.Image:
    card = blank.copy()
    pen = _pen(card)
    vendor, font = _fitting(row.vendor_name, PLAIN, (32,), WIDTH - 2 * MARGIN)
    pen.text((MARGIN, 64), vendor, MUTED, font)
    name, font = _fitting(row.display_name, BOLD, TITLE_SIZES, WIDTH - 2 * MARGIN)
    # On one line of writing, whatever the size.
    pen.text((MARGIN, 190), name, INK, font, anchor="ls")
    own = lookup.evidence.get((row.canonical_id, "balanced"))
    if own is None or not own.is_ranked:
        said = "Not enough evidence for a place across all four roles"
    else:
        said = (
            f"Place {show.place_range(own)} of {lookup.ranked_counts['balanced']} across all four "
            f"roles, {show.pct(own.own_share, 0)} measured or claimed"
        )
    pen.text((MARGIN, 222), said, MUTED, _font(PLAIN, 32))
    for number, role in enumerate(lookup.board.roles):
        entry = lookup.evidence.get((row.canonical_id, role.role_id))
        below = "not ranked"
        if entry is not None and entry.is_ranked:
            below = f"{show.place_range(entry)} of {lookup.ranked_counts[role.role_id]}"
        _column(pen, lookup, number, role, row, below)
    return card


def _column(
    pen: ImageDraw.ImageDraw,
    lookup: Lookup,
    number: int,
    role: Role,
    row: ScoreboardRow,
    below: str,
) -> None:
    """One role: a bar from 0 to 100, the score, and a line below; grey where it has no place."""
    left, score, hue = MARGIN + number * STRIDE, row.score_of(role), 240 + number
    entry = lookup.evidence.get((row.canonical_id, role.role_id))
    is_ranked = entry is not None and entry.is_ranked
    is_unknown = entry is not None and entry.is_unknown
    end = left if is_unknown else left + round(COLUMN * score / 100)
    # Hatched is what is not known well enough, as on the pages.
    for start in [left] if is_ranked else range(left, end, 12):
        stop = end if is_ranked else min(start + 7, end)
        pen.rectangle((start, BAR_TOP, max(start, stop - 1), BAR_BOTTOM), hue)
    pen.text(
        (left, BAR_TOP + 62), show.score(score, entry), INK if is_ranked else MUTED, _font(BOLD, 76)
    )
    pen.text((left, BAR_TOP + 160), below, MUTED, _font(PLAIN, 28))


def _blank(lookup: Lookup) -> Image.Image:
    """What all cards have in common."""
    roles = lookup.board.roles
    card = Image.new("P", (WIDTH, HEIGHT), 0)
    card.putpalette(_palette(roles))
    pen = _pen(card)
    for number, role in enumerate(roles):
        pen.rectangle((number * WIDTH // 4, 0, (number + 1) * WIDTH // 4 - 1, 11), 240 + number)
        left = MARGIN + number * STRIDE
        pen.rectangle((left, BAR_TOP, left + COLUMN - 1, BAR_BOTTOM), TRACK)
        pen.text((left, BAR_TOP + 22), role.letter, INK, _font(BOLD, 32))
        pen.text((left + 34, BAR_TOP + 22), role.display_name, INK, _font(PLAIN, 32))
    day = lookup.board.run.generated_at.strftime("%Y-%m-%d")
    pen.text((MARGIN, 556), "ipbr", INK, _font(BOLD, 32))
    pen.text((MARGIN + 76, 558), f"from public benchmarks, {day}", MUTED, _font(PLAIN, 28))
    return card


def _pen(card: Image.Image) -> ImageDraw.ImageDraw:
    pen = ImageDraw.Draw(card)
    # Soft edges: a place between two greys of the palette is a grey between them.
    pen.fontmode = "L"
    return pen


def _palette(roles: tuple[Role, ...]) -> bytes:
    greys = bytes(
        round(paper + (ink - paper) * step / INK)
        for step in range(INK + 1)
        for paper, ink in zip(PAPER_RGB, INK_RGB, strict=True)
    )
    return greys + b"".join(bytes.fromhex(show.hue(role.role_id)[1:]) for role in roles)


def _fitting(
    text: str, face: str, sizes: tuple[int, ...], width: int
) -> tuple[str, ImageFont.FreeTypeFont]:
    """A text in the largest size in which it fits, else cut in the smallest."""
    text = " ".join("".join(c if c.isprintable() else "\ufffd" for c in text[:LONGEST]).split())
    for size in sizes:
        font = _font(face, size)
        if font.getlength(text) <= width:
            return text, font
    while text and font.getlength(text + "…") > width:
        text = text[:-1]
    return text.rstrip() + "…", font


@lru_cache
def _font(face: str, size: int) -> ImageFont.FreeTypeFont:
    # The basic layout needs no library of the machine, and is the same on all.
    return ImageFont.truetype(str(FONTS / face), size, layout_engine=ImageFont.Layout.BASIC)
