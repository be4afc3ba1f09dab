"""Pieces of tables that rich draws, with colours on a terminal."""

import os
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

# The width where there is no terminal.
PIPE_WIDTH = 100
# The site's four hues, as near as sixteen colours come.
ROLE_STYLES = {"i": "magenta", "p": "blue", "b": "green", "r": "yellow"}
BAR_WIDTH = 12


def console(out: IO[str]) -> "Console":
    """What draws on `out`: as wide as the terminal, and wide enough where there is none."""
    from rich.console import Console

    width = None if out.isatty() or "COLUMNS" in os.environ else PIPE_WIDTH
    return Console(file=out, highlight=False, markup=False, emoji=False, width=width)


def digits(value: Any, decimals: int, factor: float = 1) -> str:
    """A number with so many decimals, in units of 1 / `factor`; a dash where there is none."""
    return "–" if value is None else f"{value * factor:.{decimals}f}"


def bar(value: Any, style: str) -> "Text":
    """A bar for 0 to 100 points."""
    from rich.text import Text

    full = round((value or 0) / 100 * BAR_WIDTH)
    return Text("━" * full, style=style).append(" " * (BAR_WIDTH - full))
