"""Tables of figures for a terminal: names to the left, figures to the right."""

from collections.abc import Sequence

# Of a line of such a table, in cells of a terminal.
WIDTH = 100
DECIMALS = 2
ZERO = f"{0:.{DECIMALS}f}"


def signed(points: float) -> str:
    """Points with their sign; what rounds to nothing has none."""
    text = f"{points:+.{DECIMALS}f}"
    return ZERO if float(text) == 0 else text


def widths_of(lines: Sequence[Sequence[str]]) -> list[int]:
    """The width of each column; that of names, the first, is what WIDTH leaves them at most."""
    from rich.cells import cell_len

    widths = [max(map(cell_len, column)) for column in zip(*lines, strict=True)]
    widths[0] = min(widths[0], WIDTH - sum(widths[1:]) - 2 * len(widths[1:]))
    return widths


def line_of(cells: Sequence[str], widths: Sequence[int]) -> str:
    """One line, with a name cut that is too long."""
    from rich.cells import cell_len, set_cell_size

    name, *figures = cells
    if cell_len(name) > widths[0]:
        name = set_cell_size(name, widths[0] - 1) + "…"
    padded = [set_cell_size(name, widths[0])]
    padded += [
        " " * (width - cell_len(cell)) + cell
        for cell, width in zip(figures, widths[1:], strict=True)
    ]
    return "  ".join(padded).rstrip() + "\n"
