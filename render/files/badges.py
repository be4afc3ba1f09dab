"""Small drawings that show a model's place in one role, for use on other pages."""

from __future__ import annotations

from pathlib import Path

from render import show
from render.board import Role, ScoreboardRow
from render.lookup import Lookup

HEIGHT = 20
CHARACTER_WIDTH = 6.6


def write_badges(lookup: Lookup, out_dir: Path) -> None:
    """Write badges/<slug>/<role>.svg for every model and role."""
    for row in lookup.board.scoreboard:
        folder = out_dir / "badges" / row.slug
        folder.mkdir(parents=True)
        for role in lookup.board.roles:
            text = _said(lookup, row, role)
            drawing = badge(f"ipbr {role.display_name}", text, show.hue(role.role_id))
            (folder / f"{role.role_id}.svg").write_text(drawing, encoding="utf-8", newline="\n")


def _said(lookup: Lookup, row: ScoreboardRow, role: Role) -> str:
    """Place, score and day; what has no place says so and has no score either."""
    day = lookup.board.run.generated_at.strftime("%Y-%m-%d")
    evidence = lookup.evidence.get((row.canonical_id, role.role_id))
    if evidence is None or not evidence.is_ranked:
        return f"not ranked, {day}"
    of = lookup.ranked_counts[role.role_id]
    score = show.number(row.score_of(role), 0)
    return f"{show.place_range(evidence)} of {of}, {score} points, {day}"


def badge(label: str, text: str, hue: str) -> str:
    """A label and a text side by side; neither holds a name from outside."""
    left = round(len(label) * CHARACTER_WIDTH + 12)
    right = round(len(text) * CHARACTER_WIDTH + 12)
    width = left + right
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{HEIGHT}" '
        f'viewBox="0 0 {width} {HEIGHT}" role="img" aria-label="{label}: {text}">'
        f'<rect width="{left}" height="{HEIGHT}" fill="#33373d"/>'
        f'<rect x="{left}" width="{right}" height="{HEIGHT}" fill="{hue}"/>'
        '<g fill="#fff" font-family="Verdana, DejaVu Sans, sans-serif" font-size="11" '
        'text-anchor="middle">'
        f'<text x="{left / 2:g}" y="14">{label}</text>'
        f'<text x="{left + right / 2:g}" y="14">{text}</text></g></svg>\n'
    )
