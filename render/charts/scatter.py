"""Scores against price or release date, with the frontier: what no ranked model beats both ways.

Places are in hundredths of the drawing, so that letters keep their size at every width.
static/index.js draws the same from the same numbers when the reader asks for something else.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from render import show

# What labels are placed by: the drawing's size on a desk, and a letter's.
WIDTH, HEIGHT = 640, 240
# Of two drawings side by side, and of one on a phone.
NARROW_WIDTH = 500
PHONE_WIDTH = 290
LETTER_WIDTH, LETTER_HEIGHT, GAP = 6.2, 13, 8
LONGEST_LABEL = 24
# Of so many calendar years quarters are marked, of more the years.
MOST_YEARS = 4
MARGIN_SHARE = 0.03
# Left, top, right and bottom; of a line, its ends.
Box = tuple[float, float, float, float]
PRICE_STEPS_USD = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500)


@dataclass(frozen=True, slots=True)
class Dot:
    """One model: where it stands, and how sure that is."""

    slug: str
    name: str
    x: float
    y: float
    is_ranked: bool


@dataclass(frozen=True, slots=True)
class Label:
    """A name beside its dot; `needs_room` where it would touch another name on a phone."""

    left: str
    top: str
    dx: int
    dy: int
    anchor: str
    text: str
    needs_room: bool


@dataclass(frozen=True, slots=True)
class Scatter:
    """A drawing: dots as (slug, left, top, kind), the frontier as lines, names, and both scales."""

    dots: list[tuple[str, str, str, str]]
    lines: list[tuple[str, str, str, str]]
    labels: list[Label]
    x_ticks: list[tuple[str, str]]
    y_ticks: list[tuple[str, int]]
    frontier: list[Dot]


def frontier(dots: Sequence[Dot]) -> list[Dot]:
    """Ranked dots with less x than all that score as much, the best score first."""
    kept: list[Dot] = []
    lowest = math.inf
    for dot in sorted((d for d in dots if d.is_ranked), key=lambda d: (-d.y, d.x, d.slug)):
        if dot.x < lowest:
            kept.append(dot)
            lowest = dot.x
    return kept


def by_price(dots: Sequence[Dot]) -> Scatter | None:
    """The drawing over a logarithmic scale of prices; None without dots."""
    return _drawn(dots, math.log, [(step, f"${step:g}") for step in PRICE_STEPS_USD], WIDTH)


def by_day(dots: Sequence[Dot]) -> Scatter | None:
    """The drawing over days of release, which are `date.toordinal()`; None without dots."""
    if not dots:
        return None
    years = range(
        date.fromordinal(int(min(dot.x for dot in dots))).year,
        date.fromordinal(int(max(dot.x for dot in dots))).year + 2,
    )
    months = (1,) if len(years) > MOST_YEARS else (1, 4, 7, 10)
    quarters = [date(year, month, 1) for year in years for month in months]
    ticks = [(float(day.toordinal()), f"{day:%Y-%m}") for day in quarters]
    return _drawn(dots, float, ticks, NARROW_WIDTH)


def _drawn(
    dots: Sequence[Dot],
    scale: Callable[[float], float],
    ticks: Sequence[tuple[float, str]],
    width: float,
) -> Scatter | None:
    if not dots:
        return None
    scaled = [scale(dot.x) for dot in dots]
    margin = (max(scaled) - min(scaled)) * MARGIN_SHARE or 0.5
    low, high = min(scaled) - margin, max(scaled) + margin
    floor = 10 * math.floor((min(dot.y for dot in dots) - 1) / 10)
    ceiling = 10 * math.ceil((max(dot.y for dot in dots) + 1) / 10)

    def across(x: float) -> float:
        return 100 * (scale(x) - low) / (high - low)

    def down(y: float) -> float:
        return 100 * (ceiling - y) / (ceiling - floor)

    listed = frontier(dots)
    on = {dot.slug for dot in listed}
    places = {dot.slug: (across(dot.x), down(dot.y)) for dot in dots}
    lines = _staircase([places[dot.slug] for dot in listed])
    return Scatter(
        # The frontier lies on top, and what has no place at the bottom.
        dots=[
            (
                dot.slug,
                show.coordinate(places[dot.slug][0]),
                show.coordinate(places[dot.slug][1]),
                kind,
            )
            for kind in ("open", "off", "on")
            for dot in dots
            if kind == ("on" if dot.slug in on else "off" if dot.is_ranked else "open")
        ],
        lines=[
            (show.coordinate(x1), show.coordinate(y1), show.coordinate(x2), show.coordinate(y2))
            for x1, y1, x2, y2 in lines
        ],
        labels=_labels(listed, places, lines, width),
        x_ticks=[
            (show.coordinate(across(at)), text) for at, text in ticks if 0 <= across(at) <= 100
        ],
        y_ticks=[(show.coordinate(down(y)), y) for y in range(floor, ceiling + 1, 10)],
        frontier=listed,
    )


def _staircase(places: list[tuple[float, float]]) -> list[Box]:
    """Lines from the best to the edge, and between two: down at the better, then along."""
    lines: list[Box] = []
    if places:
        lines.append((places[0][0], places[0][1], 100, places[0][1]))
    for (right, top), (left, bottom) in pairwise(places):
        lines += [(right, top, right, bottom), (left, bottom, right, bottom)]
    return lines


def _labels(
    listed: list[Dot], places: dict[str, tuple[float, float]], lines: list[Box], width: float
) -> list[Label]:
    """Names where they touch no dot, line or other name; what finds no room has none."""
    dots = [(x * width / 100, y * HEIGHT / 100) for x, y in places.values()]
    taken = _scaled(lines, width)
    taken_on_phone = _scaled(lines, PHONE_WIDTH)
    labels = []
    for dot in listed:
        text = dot.name if len(dot.name) <= LONGEST_LABEL else dot.name[: LONGEST_LABEL - 1] + "…"
        left, top = places[dot.slug]
        x, y = left * width / 100, top * HEIGHT / 100
        wide = LETTER_WIDTH * len(text)
        for dx, dy in ((-GAP, -5), (-GAP, 4), (GAP, 13), (-GAP, 13), (GAP, -5)):
            begin = x + dx - (wide if dx < 0 else 0)
            box = (begin, y + dy - LETTER_HEIGHT + 3, begin + wide, y + dy + 3)
            if (
                box[0] >= 0
                and box[2] <= width
                and not any(_touches(box, other) for other in taken)
                and not any(
                    box[0] - 4 < px < box[2] + 4 and box[1] - 4 < py < box[3] + 4
                    for px, py in dots
                    if (px, py) != (x, y)
                )
            ):
                taken.append(box)
                # Only where the name begins depends on the width.
                moved = left * PHONE_WIDTH / 100 - x
                on_phone = (box[0] + moved, box[1], box[2] + moved, box[3])
                needs_room = (
                    on_phone[0] < 0
                    or on_phone[2] > PHONE_WIDTH
                    or any(_touches(on_phone, other) for other in taken_on_phone)
                )
                if not needs_room:
                    taken_on_phone.append(on_phone)
                labels.append(
                    Label(show.coordinate(left), show.coordinate(top), dx, dy,
                          "end" if dx < 0 else "start", text, needs_room)
                )  # fmt: skip
                break
    return labels


def _scaled(lines: list[Box], width: float) -> list[Box]:
    """Lines as the boxes that they fill in a drawing of this width."""
    return [
        (x1 * width / 100, y1 * HEIGHT / 100, x2 * width / 100, y2 * HEIGHT / 100)
        for x1, y1, x2, y2 in lines
    ]


def _touches(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
