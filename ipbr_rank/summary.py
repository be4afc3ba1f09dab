"""What a run ends with: the leaders, the sources, and what a reader should know."""

from collections import defaultdict
from datetime import timedelta

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ipbr_rank.words import printable
from render.read import Board, Source

# The site's four hues, as near as sixteen colours come.
ROLE_STYLES = {"i": "magenta", "p": "blue", "b": "green", "r": "yellow"}
STATUS_STYLES = {"verified": "green", "stale": "yellow", "skipped": "dim", "failed": "red"}
NARROW = 80


def show_summary(console: Console, board: Board, failed_tests: list[str], *, in_full: bool) -> None:
    """Prints leaders, source table and warnings: one line per kind, and `in_full` each of them.

    `failed_tests` are dbt's of warn severity.
    """
    console.print()
    is_narrow = console.width < NARROW
    console.print(_leaders(board, per_role=2 if is_narrow else 3))
    console.print()
    console.print(_sources(board, is_narrow=is_narrow))
    warnings = _warnings(board, failed_tests)
    if warnings.row_count:
        console.print()
        console.print(Text("Warnings", style="bold"))
        console.print(warnings)
    for warning in (board.warnings or ()) if in_full else ():
        text = f"{warning.warning_kind}: {warning.subject}: {warning.message}"
        console.print(Text(printable(text), style="dim"), soft_wrap=True)


def _leaders(board: Board, *, per_role: int) -> Table:
    table = Table.grid(padding=(0, 2))
    # Only columns that may wrap give way on a narrow terminal; their cells are cut instead.
    table.add_column(no_wrap=True)
    for _ in range(per_role):
        table.add_column()
    for role in board.roles:
        score_of = role.score_key.lower()
        best = sorted(
            board.scoreboard,
            key=lambda row: (getattr(row, f"{role.role_id}_rank"), row.canonical_id),
        )[:per_role]
        style = ROLE_STYLES.get(role.role_id, "")
        cells = [Text(f"{role.letter} {role.display_name}", style=f"bold {style}")]
        for row in best:
            leader = Text(no_wrap=True, overflow="ellipsis")
            leader.append(f"{getattr(row, score_of):.1f} ", style="dim")
            leader.append(printable(row.display_name))
            cells.append(leader)
        table.add_row(*cells)
    return table


def _sources(board: Board, *, is_narrow: bool) -> Table:
    table = Table.grid(padding=(0, 1 if is_narrow else 2))
    table.show_header = True
    table.header_style = "bold"
    table.add_column("Source", no_wrap=True, overflow="ellipsis")
    table.add_column("Status", no_wrap=True)
    for long, short in (
        ("Age", "Age"),
        ("Rows", "Rows"),
        ("Matched", "Match"),
        ("Ignored", "Ign."),
        ("Unmatched", "Unm."),
    ):
        table.add_column(short if is_narrow else long, justify="right", no_wrap=True)
    for source in board.sources:
        style = STATUS_STYLES.get(source.status, "")
        table.add_row(
            source.source_id,
            Text(source.status, style=style),
            _age(source, board),
            *(
                Text(f"{count:,}" if count else "–", style="" if count else "dim")
                for count in (
                    source.n_rows_ingested,
                    source.n_rows_matched,
                    source.n_rows_ignored,
                    source.n_rows_unmatched,
                )
            ),
        )
    return table


def _age(source: Source, board: Board) -> str:
    """Time since the source was fetched, in its largest unit."""
    if source.fetched_at is None:
        return "–"
    age = max(board.run.generated_at - source.fetched_at, timedelta())
    if age.days:
        return f"{age.days} d"
    if age.seconds >= 3600:
        return f"{age.seconds // 3600} h"
    return f"{age.seconds // 60} min"


def _warnings(board: Board, failed_tests: list[str]) -> Table:
    """One line per kind of warning, with its first subjects, then dbt's."""
    subjects: dict[str, list[str]] = defaultdict(list)
    for warning in board.warnings or ():
        subjects[warning.warning_kind.replace("_", " ")].append(printable(warning.subject))
    if failed_tests:
        subjects["dbt test"] = failed_tests
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", style="yellow", no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(style="dim")
    for kind, found in subjects.items():
        named = Text(", ".join(found), no_wrap=True, overflow="ellipsis")
        table.add_row(f"{len(found):,}", Text(kind), named)
    return table
