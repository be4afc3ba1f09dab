"""Progress on standard error: live lines on a terminal, plain lines elsewhere, or nothing."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass

from rich.console import Console, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from base.text import printable
from ipbr_rank.run.run_log import LOG

# Wide enough for the source table where there is no terminal to ask.
PLAIN_WIDTH = 100
NAME_WIDTH = 13
BAR_WIDTH = 24


@dataclass
class Stage:
    """One line of the display."""

    name: str
    state: str = "waiting"
    """waiting, running, done or failed"""
    said: str = ""
    """What it did, or what it is at."""
    done: int = 0
    total: int = 0
    started: float = 0
    ended: float = 0

    def advance(self, done: int, total: int, said: str) -> None:
        """Moves the bar."""
        self.done, self.total, self.said = done, total, said

    @property
    def seconds(self) -> float:
        """How long it has been running, or ran."""
        return (self.ended or time.monotonic()) - self.started


class Display:
    """Shows the stages of one run. `verbosity` is quiet, normal or verbose."""

    def __init__(self, names: list[str], verbosity: str) -> None:
        self.console = Console(stderr=True, highlight=False, markup=False, emoji=False)
        if not self.console.is_terminal:
            self.console.width = PLAIN_WIDTH
        # A JSON log has its own lines, and no tables for readers.
        self.is_quiet = verbosity == "quiet" or LOG.is_json
        self.is_verbose = verbosity == "verbose"
        self._stages = {name: Stage(name) for name in names}
        self._is_live = self.console.is_interactive and not self.is_quiet
        encoding = self.console.encoding.lower().replace("-", "")
        self._marks = ("✓", "✗") if encoding == "utf8" else ("+", "x")
        self._spinner = Spinner("dots" if encoding == "utf8" else "line", style="cyan")
        self._live = (
            Live(console=self.console, get_renderable=self._render, refresh_per_second=12)
            if self._is_live
            else nullcontext()
        )

    def __enter__(self) -> "Display":
        self._live.__enter__()
        return self

    def __exit__(self, *exception: object) -> None:
        self._live.__exit__(None, None, None)

    @contextmanager
    def stage(self, name: str) -> Iterator[Stage]:
        """Runs one stage: its line starts, moves and ends."""
        stage = self._stages[name]
        stage.state, stage.started = "running", time.monotonic()
        try:
            yield stage
        except BaseException:
            stage.state = "failed"
            LOG.event("stage_failed", "error", stage=stage.name)
            raise
        else:
            stage.state = "done"
            stage.done = stage.total = 0
        finally:
            stage.ended = time.monotonic()
            if stage.state == "done":
                LOG.event(
                    "stage_ended",
                    stage=stage.name,
                    seconds=round(stage.seconds, 3),
                    said=stage.said,
                )
            if not self._is_live and stage.state == "done":
                self.print(f"{stage.name}: {stage.said} ({stage.seconds:.1f} s)")

    @property
    def ended(self) -> list[Stage]:
        """The stages that are done, in their order."""
        return [stage for stage in self._stages.values() if stage.state == "done"]

    def detail(self, text: str) -> None:
        """A line that only --verbose shows."""
        if self.is_verbose and LOG.is_json:
            LOG.event("detail", "debug", message=printable(text))
        elif self.is_verbose:
            self.console.print(Text(f"  {printable(text)}", style="dim"), soft_wrap=True)

    def print(self, *what: RenderableType) -> None:
        """A line or table for the reader, unless --quiet; a line is never broken within a path."""
        if not self.is_quiet:
            self.console.print(*what, soft_wrap=all(isinstance(one, str) for one in what))

    def tell(self, *what: RenderableType) -> None:
        """An error that ends nothing: also with --quiet, but not among lines of JSON."""
        if not LOG.is_json:
            self.console.print(*what, soft_wrap=True)

    def _render(self) -> RenderableType:
        lines = Table.grid(padding=(0, 1), expand=False)
        lines.add_column(width=1)
        lines.add_column(width=NAME_WIDTH, no_wrap=True)
        lines.add_column(no_wrap=True, overflow="ellipsis", width=self._middle_width())
        lines.add_column(width=7, justify="right", no_wrap=True)
        for stage in self._stages.values():
            lines.add_row(*self._line(stage))
        return lines

    def _middle_width(self) -> int:
        return max(10, min(self.console.width, PLAIN_WIDTH) - NAME_WIDTH - 12)

    def _line(self, stage: Stage) -> list[RenderableType]:
        if stage.state == "waiting":
            return ["", Text(stage.name, style="dim"), "", ""]
        seconds = Text(f"{stage.seconds:.1f} s", style="dim")
        said: RenderableType = Text(stage.said, style="dim" if stage.state == "done" else "")
        if stage.state == "running" and stage.total:
            counted = f"{stage.done}/{stage.total}"
            bar_width = min(BAR_WIDTH, self._middle_width() // 2)
            said = Table.grid(padding=(0, 1))
            said.add_column(width=bar_width)
            said.add_column(no_wrap=True, overflow="ellipsis")
            said.add_row(
                ProgressBar(stage.total, stage.done, width=bar_width, complete_style="cyan"),
                Text(f"{counted} {stage.said}"),
            )
        mark: RenderableType = self._spinner
        if stage.state != "running":
            is_done = stage.state == "done"
            mark = Text(self._marks[0 if is_done else 1], style="green" if is_done else "red")
        return [mark, Text(stage.name), said, seconds]
