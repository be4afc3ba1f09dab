"""What a run ends with: the leaders, the sources, and what a reader should know."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta

from rich.console import Console
from rich.table import Table
from rich.text import Text

from base.text import printable
from base.times import in_largest_unit
from ingest.fetch.download import FetchedSource
from ingest.registry import NOT_ASKED_FOR
from ipbr_rank.run.progress import Display
from render.board import Board, Source

# The site's four hues, as near as sixteen colours come.
ROLE_STYLES = {"i": "magenta", "p": "blue", "b": "green", "r": "yellow"}
STATUS_STYLES = {
    "verified": "green",
    "stale": "yellow",
    "skipped": "dim",
    "withheld": "dim",
    "failed": "red",
}
NARROW = 80
SHOWN_KINDS = 3


def show_summary(
    console: Console,
    board: Board,
    failed_tests: list[str],
    *,
    in_full: bool,
    fetched: Mapping[str, FetchedSource] | None = None,
) -> None:
    """Prints leaders, source table and warnings: one line for all, and `in_full` each of them.

    `failed_tests` are dbt's of warn severity; `fetched` is how fetching went, if there was any.
    """
    console.print()
    is_narrow = console.width < NARROW
    console.print(_leaders(board, per_role=2 if is_narrow else 3))
    console.print()
    console.print(_sources(board, fetched or {}, is_narrow=is_narrow))
    if warnings := _warnings(board, failed_tests):
        console.print()
        console.print(warnings, soft_wrap=True)
    for warning in (board.warnings or ()) if in_full else ():
        text = f"{warning.warning_kind}: {warning.subject}: {warning.message}"
        console.print(Text(printable(text), style="dim"), soft_wrap=True)


def _leaders(board: Board, *, per_role: int) -> Table:
    table = Table.grid(padding=(0, 2))
    # Only columns that may wrap give way on a narrow terminal; their cells are cut instead.
    table.add_column(no_wrap=True)
    for _ in range(per_role):
        table.add_column()
    placed = {
        (row.role_id, row.canonical_id): row.place
        for row in board.role_evidence or ()
        if row.place is not None
    }
    for role in board.roles:
        score_of = role.score_key.lower()
        ranked = [row for row in board.scoreboard if (role.role_id, row.canonical_id) in placed]
        best = sorted(
            ranked, key=lambda row: (placed[role.role_id, row.canonical_id], row.canonical_id)
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


def fetch_table(
    rows: Iterable[FetchedSource],
    *,
    is_narrow: bool,
    models: Mapping[str, tuple[int, int]] | None = None,
) -> Table:
    """What was fetched: source, status, age, bytes, records, seconds, tries.

    `models` adds by source how many ranked models were found in it, and how many were lost.
    """
    columns = [("Age", "Age"), ("Bytes", "Bytes"), ("Records", "Rec.")]
    if models is not None:
        columns += [("Models", "Mod."), ("Lost", "Lost")]
    table = _source_table([*columns, ("Seconds", "Sec."), ("Tries", "Try")], is_narrow=is_narrow)
    for row in rows:
        table.add_row(
            row.source_id,
            _status(row.status),
            "–" if row.age_seconds is None else in_largest_unit(timedelta(seconds=row.age_seconds)),
            _size(row.n_bytes),
            _count(row.n_records),
            *([] if models is None else map(_count, models.get(row.source_id, (None, None)))),
            *_effort(row),
        )
    return table


def show_notes(display: Display, rows: Collection[FetchedSource]) -> None:
    """One line per source that has something to say; if no host answered, one for all.

    What could not be fetched is an error, which --quiet leaves.
    """
    silence = common_silence(rows)
    for row in rows:
        if row.message and row.message != NOT_ASKED_FOR and not (silence and row.silence):
            note = Text(f"{row.status} ", style=STATUS_STYLES.get(row.status, ""))
            show = display.tell if row.status in ("stale", "failed") else display.print
            show(note.append(printable(row.message), style="default"))
    if silence:
        silent = [row for row in rows if row.silence]
        for status in ("stale", "failed"):
            if named := ", ".join(row.source_id for row in silent if row.status == status):
                note = Text(f"{status} ", style=STATUS_STYLES[status])
                display.tell(note.append(named, style="default"))
        display.tell(f"No host answered: {printable(silence)}; are you offline?")


def common_silence(rows: Iterable[FetchedSource]) -> str | None:
    """Why no host answered, if more than one source was asked and none was; the first reason."""
    asked = [row for row in rows if row.tries]
    silent = [row.silence for row in asked if row.silence]
    return silent[0] if len(silent) == len(asked) > 1 else None


def _sources(board: Board, fetched: Mapping[str, FetchedSource], *, is_narrow: bool) -> Table:
    counts = [("Rows", "Rows"), ("Matched", "Match"), ("Ignored", "Ign."), ("Unmatched", "Unm.")]
    columns = [("Age", "Age"), *counts]
    if fetched:
        columns = [columns[0], ("Bytes", "Bytes"), *counts, ("Seconds", "Sec."), ("Tries", "Try")]
    table = _source_table(columns, is_narrow=is_narrow)
    for source in board.sources:
        row = fetched.get(source.source_id) or FetchedSource(source.source_id, source.status)
        table.add_row(
            source.source_id,
            _status(source.status),
            _age(source, board),
            *([_size(row.n_bytes)] if fetched else []),
            _count(source.n_rows_ingested),
            _count(source.n_rows_matched),
            _count(source.n_rows_ignored),
            _count(source.n_rows_unmatched),
            *(_effort(row) if fetched else []),
        )
    return table


def _source_table(columns: list[tuple[str, str]], *, is_narrow: bool) -> Table:
    """An empty table with a source and a status, and columns of figures by long and short name."""
    table = Table.grid(padding=(0, 1 if is_narrow or len(columns) > 6 else 2))
    table.show_header = True
    table.header_style = "bold"
    table.add_column("Source", no_wrap=True, overflow="ellipsis")
    table.add_column("Status", no_wrap=True)
    for long, short in columns:
        table.add_column(short if is_narrow else long, justify="right", no_wrap=True)
    return table


def _status(status: str) -> Text:
    return Text(status, style=STATUS_STYLES.get(status, ""))


def _count(count: int | None) -> Text:
    return Text(f"{count:,}" if count else "–", style="" if count else "dim")


def _size(size: int) -> Text:
    """Bytes in their largest unit."""
    if size >= 2**20:
        return Text(f"{size / 2**20:.1f} MB")
    return Text(f"{size / 2**10:.0f} kB") if size else _count(None)


def _effort(row: FetchedSource) -> tuple[Text, Text]:
    return Text(f"{row.seconds:.1f}") if row.tries else _count(None), _count(row.tries)


def _age(source: Source, board: Board) -> str:
    """Time since the source was fetched."""
    if source.fetched_at is None:
        return "–"
    return in_largest_unit(max(board.run.generated_at - source.fetched_at, timedelta()))


def _warnings(board: Board, failed_tests: list[str]) -> Text | None:
    """How many warnings there are, of which kinds, and where each can be read; None without any."""
    kinds = Counter(warning.warning_kind.replace("_", " ") for warning in board.warnings or ())
    # The tests of these names count the warnings once more.
    kinds["dbt test"] = sum(not name.startswith("warn_") for name in failed_tests)
    most = [f"{count:,} {kind}" for kind, count in kinds.most_common(SHOWN_KINDS) if count]
    if not most:
        return None
    rest = len(+kinds) - len(most)
    text = Text(f"{kinds.total():,} warnings", style="yellow")
    text.append(f" ({', '.join(most)}", style="default")
    if rest:
        text.append(f", and {rest} more kind{'' if rest == 1 else 's'}", style="default")
    return text.append(
        "): see `ipbr-rank triage`, or list them all with --verbose", style="default"
    )
