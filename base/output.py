"""How results are printed: tables for a terminal, JSON, CSV. The one place that knows.

So the tables in the documentation and those of the command line are the same. Numbers stand to the
right, all else to the left. On a terminal a table is cut to its width and numbers to six digits;
into a file or a pipe it goes in full, as JSON and CSV always do. Not by rich's tables, only by its
widths of characters: 3,000 rows of eleven columns take those tables six seconds, and this 0.2.
"""

import csv
import json
import math
import shutil
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

from base.errors import IpbrError
from base.text import printable_line

GAP = "  "
# No text column is cut below this; where that is still too wide, the terminal wraps the lines.
NARROWEST = 8
# Of a number on a terminal; one beyond these would come out with an exponent.
DIGITS = 6
LEAST, MOST = 1e-4, 10**DIGITS - 1
# Of points: what matters of a score, and what is shown of it.
DECIMALS = 2
ZERO = f"{0:.{DECIMALS}f}"
# Of a line of text that goes with tables of points, in cells of a terminal.
WIDTH = 100


def as_table(
    header: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    width: int | None = None,
    decimals: Mapping[str, int] | None = None,
) -> str:
    """Columns side by side, two blanks apart; an empty text where there are no columns.

    `width` is what `width_of` says; `decimals` are those of columns with figures that are rounded.
    """
    if not header:
        return ""
    values = [list(row) for row in rows]
    is_right = [_is_number(column) for column in zip(*values, strict=True)] or [False] * len(header)
    fixed = [(decimals or {}).get(name) for name in header]
    lines = [
        list(map(printable_line, header)),
        *(
            [_shown(*cell, is_cut=width is not None) for cell in zip(row, fixed, strict=True)]
            for row in values
        ),
    ]
    widths = _fitting(_widest(lines), is_right, width)
    return "".join(_line(cells, widths, is_right) for cells in lines)


def width_of(out: IO[str]) -> int | None:
    """The width of a terminal; None where all of a table is to be written."""
    return shutil.get_terminal_size().columns if out.isatty() else None


def as_json(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """One object per row. What JSON cannot hold becomes text; NaN and infinities become null."""
    return document(as_records(header, rows))


def as_records(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[dict[str, Any]]:
    """One dictionary per row; of two columns with one name the later gets a number."""
    names = _unique(header)
    return [dict(zip(names, row, strict=True)) for row in rows]


def document(value: object) -> str:
    """A value of dictionaries and lists as JSON, as `as_json` writes the values in it."""
    return json.dumps(_json_value(value), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def signed(points: float) -> str:
    """Points with their sign; what rounds to nothing has none."""
    text = f"{points:+.{DECIMALS}f}"
    return ZERO if float(text) == 0 else text


def widths_of(lines: Sequence[Sequence[str]]) -> list[int]:
    """Widths of columns of points; that of names, the first, is what WIDTH leaves them at most."""
    widths = _widest(lines)
    widths[0] = min(widths[0], WIDTH - sum(widths[1:]) - len(GAP) * len(widths[1:]))
    return widths


def line_of(cells: Sequence[str], widths: Sequence[int]) -> str:
    """One line: a name, cut if it is too long, and points to the right."""
    return _line(cells, widths, [False] + [True] * (len(widths) - 1))


def _write_table(header: Sequence[str], rows: Iterable[Sequence[Any]], out: IO[str]) -> None:
    out.write(as_table(header, rows, width=width_of(out)))


def _write_json(header: Sequence[str], rows: Iterable[Sequence[Any]], out: IO[str]) -> None:
    out.write(as_json(header, rows))


def _write_csv(header: Sequence[str], rows: Iterable[Sequence[Any]], out: IO[str]) -> None:
    """Null is an empty field; lists and structures are JSON."""
    writer = csv.writer(out, lineterminator="\n")
    if header:
        writer.writerow(header)
    for row in rows:
        writer.writerow("" if value is None else _plain(value) for value in row)


def _write_markdown(header: Sequence[str], rows: Iterable[Sequence[Any]], out: IO[str]) -> None:
    """A table of GitHub's Markdown, numbers to the right."""
    values = [list(row) for row in rows]
    is_right = [_is_number(column) for column in zip(*values, strict=True)]
    is_right = is_right or [False] * len(header)
    lines = [list(header), ["---:" if right else "---" for right in is_right]]
    lines += [
        [_shown(value, None, is_cut=True).replace("|", "\\|") for value in row] for row in values
    ]
    out.writelines("| " + " | ".join(line) + " |\n" for line in lines)


# How a result is printed, by the word of `--format`.
WRITERS = {
    "table": _write_table,
    "json": _write_json,
    "csv": _write_csv,
    "markdown": _write_markdown,
}


def span(low: Any, high: Any) -> str:
    """Two numbers without decimals, or one where they are the same."""
    if low is None or high is None:
        return "–"
    ends = (f"{low:.0f}", f"{high:.0f}")
    return ends[0] if ends[0] == ends[1] else "–".join(ends)


def write_file(path: Path, text: str) -> None:
    """Writes a result; IpbrError where it cannot be written."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise IpbrError(f"--output {path} cannot be written: {error.strerror}") from error


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple | dict):
        return json.dumps(_json_value(value), ensure_ascii=False)
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


def _json_value(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _json_value(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_json_value(entry) for entry in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Decimal):
        return _json_value(float(value))
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if value is None or isinstance(value, bool | int | str):
        return value
    return value.hex() if isinstance(value, bytes) else str(value)


def _unique(names: Sequence[str]) -> list[str]:
    """Two columns may share a name, two keys of an object may not: the later get a number."""
    taken: set[str] = set()
    result = []
    for name in names:
        candidate, number = name, 2
        while candidate in taken:
            candidate, number = f"{name}_{number}", number + 1
        taken.add(candidate)
        result.append(candidate)
    return result


def _is_number(column: Iterable[object]) -> bool:
    """Whether a column holds figures and nothing else but nulls."""
    found = [value for value in column if value is not None]
    return bool(found) and all(
        isinstance(value, int | float | Decimal) and not isinstance(value, bool) for value in found
    )


def _shown(value: object, decimals: int | None, *, is_cut: bool) -> str:
    """A value on one line, safe for a terminal; null is empty."""
    if isinstance(value, float) and decimals is not None:
        return f"{value:.{decimals}f}"
    if isinstance(value, float) and is_cut and LEAST <= abs(value) < MOST:
        return f"{value:.{DIGITS}g}"
    return "" if value is None else printable_line(_plain(value))


def _widest(lines: Iterable[Sequence[str]]) -> list[int]:
    from rich.cells import cell_len

    return [max(map(cell_len, column)) for column in zip(*lines, strict=True)]


def _fitting(widths: list[int], is_right: Sequence[bool], total: int | None) -> list[int]:
    """The widths, those of the widest texts cut as far as it takes; figures are never cut."""
    if total is None:
        return widths
    left = total - len(GAP) * (len(widths) - 1)

    def cut(limit: int) -> list[int]:
        return [
            width if right else min(width, limit)
            for width, right in zip(widths, is_right, strict=True)
        ]

    limit = max(widths, default=0)
    while limit > NARROWEST and sum(cut(limit)) > left:
        limit -= 1
    return cut(limit)


def _line(cells: Sequence[str], widths: Sequence[int], is_right: Sequence[bool]) -> str:
    from rich.cells import cell_len, set_cell_size

    padded = []
    for cell, width, right in zip(cells, widths, is_right, strict=True):
        if cell_len(cell) > width:
            padded.append(set_cell_size(cell, width - 1) + "…")
        else:
            blanks = " " * (width - cell_len(cell))
            padded.append(blanks + cell if right else cell + blanks)
    return GAP.join(padded).rstrip() + "\n"
