"""How numbers, shares, ages and names look on pages and in addresses."""

from __future__ import annotations

import math
import re
import statistics
from collections.abc import Iterable
from datetime import date, timedelta

from markupsafe import Markup

from render.board import RoleEvidence

MISSING = "–"
# A share is a sum or a quotient: its last digits decide nothing.
SUM_ERROR = 1e-9
# Less of a bar than can be drawn, or said.
NO_SHARE = 0.0005
# Longer words may break after a hyphen, or they would not fit a column on a phone.
LONGEST_UNBROKEN = 28
# How a kind of evidence is marked in styles and scripts.
KINDS = {"direct": "m", "reported": "c", "synthesised": "s"}
# The light hues of static/site.css: white text on them has a contrast of 4.5 to 1.
HUES = {"i": "#6b3fc4", "p": "#1c60c4", "b": "#19713a", "r": "#8c5200"}


def number(value: float | None, decimals: int) -> str:
    """A number with thousands separators and a fixed number of decimals."""
    if value is None:
        return MISSING
    text = f"{value:,.{decimals}f}"
    return text[1:] if re.fullmatch(r"-[0.]+", text) else text


def signed(value: float, decimals: int) -> str:
    """A difference with its sign, a true minus; what rounds to nothing has none."""
    text = number(value, decimals)
    if text.startswith("-"):
        return "\N{MINUS SIGN}" + text[1:]
    return text if not text.strip("0.") else f"+{text}"


def figure(value: float | None, digits: int = 6) -> str:
    """A raw figure in whatever unit: its whole part and so many significant digits, no exponent."""
    if value is None:
        return MISSING
    if value == 0:
        return "0"
    decimals = max(0, min(12, digits - 1 - math.floor(math.log10(abs(value)))))
    text = f"{value:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def decimals_of(values: Iterable[float], digits: int = 3) -> int:
    """How many decimals a column needs so that its middle number has so many digits."""
    sizes = [abs(value) for value in values if value]
    if all(size == int(size) for size in sizes):
        return 0
    return max(0, digits - 1 - math.floor(math.log10(statistics.median(sizes))))


def tokens(value: float | None) -> str:
    """A number of tokens as people say it: 200k, 1.05M."""
    if value is None:
        return MISSING
    if value >= 999_500:
        return f"{value / 1e6:.2f}".rstrip("0").rstrip(".") + "M"
    return f"{value / 1e3:.0f}k" if value >= 1_000 else f"{value:.0f}"


def pct(share: float | None, decimals: int | None = None) -> str:
    """A share as a percentage: with the decimals given, else with as many as it has."""
    if share is None:
        return MISSING
    if decimals is None:
        return f"{100 * share:.10g} %"
    return f"{number(100 * share, decimals)} %"


def age(span: timedelta) -> str | None:
    """How long ago, in the largest unit that fits; None for the future."""
    if span < timedelta(0):
        return None
    hours = int(span.total_seconds() // 3600)
    if hours < 1:
        return "less than an hour"
    if hours < 48:
        return f"{hours} hour{'' if hours == 1 else 's'}"
    return f"{hours // 24} days"


def anchor(text: str) -> str:
    """Text as part of an id: different texts stay different, blanks and the like are spelt out."""
    return re.sub(r"[^A-Za-z0-9.-]", lambda match: f"_{ord(match.group()):x}_", text)


def coordinate(value: float) -> str:
    """A coordinate of a drawing, at most two decimals."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def unbroken(text: str) -> Markup:
    """Text for a page whose short words with hyphens, as model ids and dates, stay on one line."""
    parts = re.split(r"(\S*-\S*)", text)
    return Markup().join(
        Markup('<span class="nb">{}</span>').format(part)
        if "-" in part and len(part) <= LONGEST_UNBROKEN
        else part
        for part in parts
    )


def file_name(text: str) -> str:
    """Text as the stem of a file: letters, digits, `-` and `_`; no path can escape."""
    return re.sub(r"[^A-Za-z0-9_-]", lambda match: f"_{ord(match.group()):x}_", text)


def ordinal(rank: int) -> str:
    """1st, 2nd, 3rd, 4th, 11th."""
    ending = "th" if 10 <= rank % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(rank % 10, "th")
    return f"{rank}{ending}"


def joined(words: list[str]) -> str:
    """Words as a list in a sentence: a, b and c."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def hue(role_id: str) -> str:
    """The colour of a role where it stands on white, as #rrggbb."""
    return HUES.get(role_id, "#555555")


def long_date(day: date) -> str:
    """A day as a sentence has it: 12 June 2026."""
    return f"{day.day} {day:%B %Y}"


def evidence_parts(evidence: RoleEvidence) -> list[tuple[str, str, str]]:
    """The bar of what a score stands on: kind, start and width in hundredths; none without width.

    Kinds are m (measured), c (claimed), s (borrowed from a sibling) and n (not known).
    """
    parts, start = [], 0.0
    for kind, share in (
        ("m", evidence.direct_share),
        ("c", evidence.reported_share),
        ("s", evidence.synthesised_share),
        ("n", evidence.missing_share),
    ):
        if share > NO_SHARE:
            parts.append((kind, coordinate(100 * start), coordinate(100 * share)))
        start += share
    return parts


def whole_percents(shares: list[float]) -> list[int]:
    """Shares of a whole as percentages without decimals that sum to 100: what is left over by
    rounding down goes to the largest remainders."""
    percents = [math.floor(100 * share + 1e-6) for share in shares]
    by_remainder = sorted(
        range(len(shares)), key=lambda index: percents[index] - round(100 * shares[index], 6)
    )
    for index in by_remainder[: max(0, 100 - sum(percents))]:
        percents[index] += 1
    return percents


def score(value: float, evidence: RoleEvidence | None) -> str:
    """A score as pages print it; a dash where nothing is known of the model in the role."""
    return MISSING if evidence is not None and evidence.is_unknown else number(value, 0)


def place_range(evidence: RoleEvidence | None) -> str:
    """The places that the interval allows, as `2–4`; a dash without a place."""
    if evidence is None or evidence.place is None:
        return MISSING
    low = evidence.place if evidence.place_p05 is None else evidence.place_p05
    high = evidence.place if evidence.place_p95 is None else evidence.place_p95
    return str(low) if low == high else f"{low}–{high}"
