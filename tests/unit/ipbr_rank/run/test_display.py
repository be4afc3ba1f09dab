"""What a reader sees while a run goes on, and at its end."""

import io
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from ipbr_rank.run.progress import Display
from ipbr_rank.run.summary import show_summary


def text_of(display: Display, width: int) -> str:
    """The live display as it stands, without colours."""
    display.console = Console(width=width, file=io.StringIO(), record=True)
    display.console.print(display._render())
    return display.console.export_text()


@pytest.mark.parametrize("width", [40, 60, 100, 200])
def test_live_display_fits_and_shows_each_state(width: int) -> None:
    display = Display(["Landing", "Scoring", "Site"], "normal")
    with pytest.raises(RuntimeError), display.stage("Site"):
        raise RuntimeError
    with display.stage("Landing") as stage:
        stage.said = "18 sources"
    display._stages["Scoring"].state = "running"
    display._stages["Scoring"].advance(3, 10, "a_node_with_a_very_long_name_" * 10)
    lines = text_of(display, width).splitlines()
    assert all(len(line) <= width for line in lines)
    landing, scoring, site = lines
    assert landing.split()[1:3] == ["Landing", "18"]
    assert "3/10" in scoring
    assert landing[0] != site[0]


def test_plain_lines_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with Display(["Landing"], "normal") as display, display.stage("Landing") as stage:
        stage.said = "18 sources"
        display.detail("not shown")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "Landing: 18 sources (0.0 s)\n"


def test_quiet_says_nothing_and_verbose_says_more(capsys: pytest.CaptureFixture[str]) -> None:
    for verbosity in ("quiet", "verbose"):
        with Display(["Landing"], verbosity) as display, display.stage("Landing"):
            display.detail("dbt \x1b[31mred\u202e [bold]not markup[/bold]")
            display.print("told")
        captured = capsys.readouterr()
        if verbosity == "quiet":
            assert captured.err == ""
        else:
            assert "  dbt \ufffd[31mred\ufffd [bold]not markup[/bold]\n" in captured.err
            assert "told\n" in captured.err


def make_board() -> Any:
    now = datetime(2026, 1, 10, tzinfo=UTC)
    names = ["<script>", "a\x1b[2Jb", "x" * 200]
    return SimpleNamespace(
        run=SimpleNamespace(generated_at=now),
        roles=[
            SimpleNamespace(role_id=role, letter=role.upper(), display_name="Role", score_key=key)
            for role, key in (("i", "I_raw"), ("r", "R"))
        ],
        scoreboard=[
            SimpleNamespace(
                canonical_id=f"v/{rank}", display_name=name, i_raw=90.0, r=80.04
            )
            for rank, name in enumerate(names, start=1)
        ],
        role_evidence=[
            SimpleNamespace(canonical_id=f"v/{number}", role_id=role, place=place)
            for role in "ir"
            for number, place in ((1, None), (2, 1), (3, 2))
        ],
        sources=[
            SimpleNamespace(
                source_id=f"source_{hours}", status=status, n_rows_ingested=12_345,
                fetched_at=None if hours is None else now - timedelta(hours=hours),
                n_rows_matched=1, n_rows_ignored=0, n_rows_unmatched=2,
            )
            for hours, status in ((-1, "verified"), (0.5, "stale"), (3, "failed"), (None, "new"),
                                  (50, "skipped"))
        ],
        warnings=[
            SimpleNamespace(warning_kind="unused_alias", subject=f"v/{n}", message="why")
            for n in range(30)
        ],
    )  # fmt: skip


@pytest.mark.parametrize("width", [40, 60, 100, 200])
def test_summary_fits_and_is_harmless(width: int) -> None:
    console = Console(width=width, file=io.StringIO(), highlight=False, markup=False)
    failed = ["assert_x (why): 3 rows", "warn_names: 30 rows"]
    show_summary(console, make_board(), failed, in_full=False)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert "\x1b" not in text
    *lines, warnings = text.splitlines()
    assert warnings == (
        "31 warnings (30 unused alias, 1 dbt test): see `ipbr-rank triage`, "
        "or list them all with --verbose"
    )
    assert all(len(line) <= width for line in lines)
    if width >= 60:
        assert [line.split()[2:4] for line in lines if line.startswith("source_")] == [
            ["0", "min"], ["30", "min"], ["3", "h"], ["–", "12,345"], ["2", "d"],
        ]  # fmt: skip
    if width == 200:
        assert [line.split()[0] for line in lines if "80.0" in line] == ["R"]
        # The first of the list has no place, however high its score.
        assert "script" not in text
        assert text.index("a\ufffd[2Jb") < text.index("xxx")


def test_summary_in_full_lists_every_warning() -> None:
    console = Console(width=60, file=io.StringIO(), highlight=False, markup=False)
    show_summary(console, make_board(), [], in_full=True)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert "unused_alias: v/29: why\n" in text
