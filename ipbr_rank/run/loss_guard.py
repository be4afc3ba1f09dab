"""Nothing good is overwritten by something worse: what a database holds, and what would be lost."""

from pathlib import Path
from typing import NamedTuple

import duckdb

from base.errors import LossError
from base.sql import connected
from base.text import shown_path
from ipbr_rank.run.settings import Settings

# A board that has lost more than a third was cut somewhere; models are retired one by one.
GREATEST_LOSS = 1 / 3
# A folder of recorded responses says so with this file; a board of them is a demonstration.
DEMO = "demo.toml"
HELD = """
select
    any_value(runs.edition),
    any_value(runs.is_experiment),
    count(*),
    sum(board.n_direct + board.n_reported),
    any_value(runs.is_demo)
from marts.rpt_scoreboard as board
cross join marts.dim_runs as runs
"""


class Held(NamedTuple):
    """The board in a database; values are measured or reported ones, not borrowed ones."""

    edition: str
    is_experiment: bool
    n_models: int
    n_values: int
    is_demo: bool


def is_demo(settings: Settings) -> bool:
    """Whether the responses of a run are recorded ones."""
    return (settings.cache / DEMO).is_file()


def held_in(database: Path) -> Held | None:
    """None where there is no board that can be read."""
    if not database.is_file():
        return None
    try:
        with connected(database, "held", "read_only") as connection:
            row = connection.execute(HELD).fetchone()
    except duckdb.Error:
        return None
    return Held(*row) if row and row[2] else None


def require_no_live_board(settings: Settings, held: Held | None) -> None:
    """LossError if a demonstration would take the place of a board that is none."""
    if held and not held.is_demo and not settings.accept_loss:
        raise LossError(
            f"--database {shown_path(settings.database)} has a live board, but --cache "
            f"{shown_path(settings.cache)} has only recorded responses for a demonstration; name "
            "another --database and --out, or pass --accept-loss to replace the live board"
        )


def losses(now: tuple[int, int], before: tuple[int, int], whose: str) -> list[str]:
    """What a board has lost too much of, each in words: numbers of models and of values."""
    return [
        f"it has {have} {what}, but {whose} has {had}: over a third is lost"
        for what, have, had in zip(("models", "values"), now, before, strict=True)
        if had - have > GREATEST_LOSS * had
    ]


def require_no_loss(settings: Settings, built: Path, held: Held | None) -> None:
    """LossError if the board that was built has lost over a third of the one it would replace."""
    new = held_in(built)
    if held is None or new is None or held.is_experiment or held.edition != new.edition:
        return
    lost = losses(
        (new.n_models, new.n_values),
        (held.n_models, held.n_values),
        f"the one in {shown_path(settings.database)}",
    )
    if lost and not settings.accept_loss:
        raise LossError(
            f"the new board is rejected: {'; '.join(lost)}; check the sources with "
            "`ipbr-rank status`, or pass --accept-loss to keep the new board anyway"
        )
