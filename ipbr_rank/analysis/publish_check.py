"""Whether a board may be published: compared with the published one, before it takes its place."""

import tempfile
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

import click
import duckdb

from base.errors import ConfigurationError, FetchError, IpbrError
from base.output import document
from base.scoreboard import UNFIT, NotAScoreboardError, Scoreboard, read
from base.sql import connected, first_line, literal
from base.text import is_address, printable, shown_path
from ingest.fetch.client import Client, TransportSettings
from ingest.landing.past_boards import FILE as HISTORY
from ipbr_rank.engine.verdicts import require_tested
from ipbr_rank.run.loss_guard import losses
from ipbr_rank.run.output_folder import SCOREBOARD

# Where a site holds its board; the history lies at its root.
BOARD_OF_SITE = f"data/{SCOREBOARD}"
# A source or two are always late or in repair; a third of them at once is our own fault.
STALE_ALLOWED = 5
# So long an unchanged board may stand: its pages tell when the sources were last asked.
LONGEST_UNCHANGED = timedelta(hours=6)


@dataclass(frozen=True)
class Board:
    """What a scoreboard.toml says, and what it amounts to. Figures are direct or reported ones:
    borrowed ones could make up for a lost source in number only."""

    document: Scoreboard
    n_models: int
    n_values: int
    unfit_sources: tuple[str, ...]


@dataclass(frozen=True)
class Allowed:
    """What may be wrong with a board that is published all the same."""

    stale: int = STALE_ALLOWED
    """So many sources may be stale or failed."""
    is_first: bool = False
    """There is no published site to compare with."""
    is_forced: bool = False
    """Everything, but for being an experiment."""


def check_publish(
    out: Path,
    edition: str,
    published: str | None,
    settings: TransportSettings,
    *,
    database: Path,
    allowed: Allowed,
    form: str = "text",
) -> bool:
    """Reports how the board in `out` compares with `published`, a site's folder or address.

    False if it says the same as a published one that is young enough to stay. IpbrError if it must
    not be published and that is not `allowed`, also because `database` does not say that all data
    tests hold for it; ConfigurationError for what is no board, and for no `published` unless it is
    the first: then nothing may stand there yet.
    """
    if published is None and not allowed.is_first:
        raise ConfigurationError(
            "check-publish compares the board with the published site; give the address of that "
            "site with --published, or --first if there is no published site yet"
        )
    board = _board(_read(out / SCOREBOARD), str(out / SCOREBOARD))
    _require_one_run(out)
    faults = _own_faults(board, edition, database, allowed)
    earlier = None
    if published is not None:
        try:
            earlier, found = _compare(board, out, published, settings, is_first=allowed.is_first)
            faults += found
        except IpbrError as error:
            faults.append(str(error))
    is_new = earlier is None or allowed.is_forced or _is_new(board, earlier)
    _show(board, earlier, faults, form, is_new=is_new)
    told = "".join(f"\n  {printable(fault)}" for fault in faults)
    if faults and (board.document.experiment or not allowed.is_forced):
        way_out = (
            "an experiment cannot be published, not even with --force; build a board to publish "
            "with `ipbr-rank all`"
            if board.document.experiment
            else "--force publishes it anyway"
        )
        raise IpbrError(f"the board must not be published:{told}\n  {way_out}")
    if faults:
        click.echo(f"published anyway (--force):{told}", err=True)
    return is_new


def _own_faults(board: Board, edition: str, database: Path, allowed: Allowed) -> list[str]:
    """What is wrong with the board itself."""
    faults = []
    if board.document.experiment:
        faults.append(
            "it is an experiment: it was scored with coefficients, aliases, overrides or pairs "
            "other than the project's own, or with --only"
        )
    if board.document.demo:
        faults.append(
            "it is a demonstration: it was scored from recorded responses, whose values are old"
        )
    if board.document.edition != edition:
        faults.append(f"it is the {board.document.edition} edition; expected the {edition} edition")
    if len(board.unfit_sources) > allowed.stale:
        faults.append(
            f"{len(board.unfit_sources)} sources are stale or failed; at most "
            f"{allowed.stale} may be: " + ", ".join(board.unfit_sources)
        )
    try:
        _require_of(database, board)
        require_tested(database)
    except IpbrError as error:
        faults.append(str(error))
    return faults


def _show(
    board: Board, earlier: Board | None, faults: list[str], form: str, *, is_new: bool
) -> None:
    """Prints what was found, as text or JSON; the faults of the text are those of the error."""
    if form == "json":
        click.echo(document(_facts(board, earlier, faults, is_new=is_new)), nl=False)
        return
    click.echo(
        f"{board.document.edition} edition: {_compared('models', board.n_models, earlier)}, "
        f"{_compared('values', board.n_values, earlier)}, "
        f"{len(board.unfit_sources)} sources stale or failed"
    )
    if earlier is None and not faults:
        click.echo("there is no published site to compare with")
    elif earlier and not is_new:
        age = _age(board, earlier)
        click.echo(f"nothing has changed since the board published {age} earlier")


def _facts(
    board: Board, earlier: Board | None, faults: list[str], *, is_new: bool
) -> dict[str, object]:
    """What was found, as JSON has it; numbers of a published board are null if there is none."""
    return {
        "edition": board.document.edition,
        "is_fit": not faults,
        "is_new": is_new,
        "faults": faults,
        "n_models": board.n_models,
        "n_values": board.n_values,
        "n_models_published": earlier and earlier.n_models,
        "n_values_published": earlier and earlier.n_values,
        "unfit_sources": board.unfit_sources,
    }


def _compare(
    board: Board, out: Path, published: str, settings: TransportSettings, *, is_first: bool
) -> tuple[Board | None, list[str]]:
    """The published board, None if there is none and need not be, and what would be lost."""
    site = published.rstrip("/")
    with tempfile.TemporaryDirectory() as folder:
        try:
            body = _part(site, BOARD_OF_SITE, settings)
        except FetchError as error:
            if is_first and error.status == HTTPStatus.NOT_FOUND:
                return None, []
            raise
        if is_first:
            return None, [f"--first was given, but a board is already published at {site}"]
        earlier = _board(body, f"{site}/{BOARD_OF_SITE}")
        file = Path(folder) / HISTORY
        file.write_bytes(_part(site, HISTORY, settings))
        return earlier, _losses(board, earlier) + _lost_boards(out / "site" / HISTORY, file)


def _losses(board: Board, earlier: Board) -> list[str]:
    faults = []
    if board.document.edition != earlier.document.edition:
        faults.append(f"the published board is the {earlier.document.edition} edition")
    return (
        faults
        + losses(
            (board.n_models, board.n_values),
            (earlier.n_models, earlier.n_values),
            "the published one",
        )
        + _vanished(board, earlier)
    )


def _vanished(board: Board, earlier: Board) -> list[str]:
    """Metrics without any value of their source, though it was read: its shape or scale changed."""
    now, before = _figures_by_metric(board), _figures_by_metric(earlier)
    sources = board.document.sources
    return [
        f"{metric_id} no longer has any value from {source_id}, although the source was read; the "
        f"published board has {count} such values"
        for (source_id, metric_id), count in sorted(before.items())
        if (source_id, metric_id) not in now
        and source_id in sources
        and sources[source_id].status == "verified"
    ]


def _figures_by_metric(board: Board) -> Counter[tuple[str, str]]:
    """How many models have a direct figure, by source and metric."""
    return Counter(
        (entry.source, metric_id)
        for model in board.document.models
        for metric_id, entry in model.evidence.items()
        if entry.source is not None and entry.evidence_class == "direct"
    )


def _lost_boards(kept: Path, published: Path) -> list[str]:
    """Boards of the published history that ours lacks; once deployed they would be gone."""
    try:
        with duckdb.connect() as connection:
            n_boards, n_lost, first, last = connection.execute(
                "select count(distinct generated_at), "
                "count(distinct generated_at) filter (where is_lost), "
                "min(generated_at) filter (where is_lost), "
                "max(generated_at) filter (where is_lost) "
                "from (select generated_at, generated_at not in "
                f"(select generated_at from read_parquet({literal(kept)})) as is_lost "
                f"from read_parquet({literal(published)}))"
            ).fetchone() or (0, 0, None, None)
    except duckdb.Error as error:
        return [f"the histories cannot be compared: {first_line(error)}"]
    if not n_lost:
        return []
    return [
        f"its history lacks {n_lost} of the {n_boards} published boards ({first} to {last}): "
        f"restore them with --history and the published {HISTORY}"
    ]


def _is_new(board: Board, earlier: Board) -> bool:
    return _content(board) != _content(earlier) or _age(board, earlier) > LONGEST_UNCHANGED


def _age(board: Board, earlier: Board) -> timedelta:
    return board.document.generated_at - earlier.document.generated_at


def _content(board: Board) -> dict[str, Any]:
    """The board without the times of the run and of asking."""
    return board.document.model_dump(
        exclude={"generated_at": True, "sources": {"__all__": {"fetched_at"}}}
    )


def _compared(what: str, now: int, earlier: Board | None) -> str:
    if earlier is None:
        return f"{now} {what}"
    return f"{now} {what} ({now - getattr(earlier, f'n_{what}'):+d})"


def _require_one_run(out: Path) -> None:
    """The site that would be deployed holds this very board."""
    copy = out / "site" / BOARD_OF_SITE
    if not copy.is_file() or copy.read_bytes() != (out / SCOREBOARD).read_bytes():
        raise ConfigurationError(
            f"{out / 'site'} does not show the board in {out / SCOREBOARD}; run `ipbr-rank all` "
            "first"
        )


def _require_of(database: Path, board: Board) -> None:
    """The database whose tests are asked about is the one that this board was made from."""
    place = shown_path(database)
    if not database.is_file():
        raise IpbrError(
            f"{place} does not exist, so the board's data tests cannot be checked; use --database "
            "to name the database that the board was made from"
        )
    try:
        with connected(database, "judged", "read_only") as connection:
            rows = connection.execute("select generated_at from marts.dim_runs").fetchall()
    except duckdb.Error as error:
        raise IpbrError(f"{place} cannot be read: DuckDB says: {first_line(error)}") from error
    found = ", ".join(f"{at:%Y-%m-%d %H:%M:%S}" for (at,) in rows) or "no board"
    expected = f"{board.document.generated_at:%Y-%m-%d %H:%M:%S}"
    if found != expected:
        raise IpbrError(
            f"{place}: expected the board of {expected} UTC, found {found}; use --database to name "
            "the database that the board was made from"
        )


def _board(body: bytes, place: str) -> Board:
    try:
        document = read(body, Scoreboard)
    except NotAScoreboardError as error:
        raise ConfigurationError(f"{place}: expected a {error.told}") from error
    evidence = [entry for model in document.models for entry in model.evidence.values()]
    return Board(
        document=document,
        n_models=len(document.models),
        n_values=sum(entry.source is not None and not entry.is_synthesised for entry in evidence),
        unfit_sources=tuple(
            source_id for source_id, source in document.sources.items() if source.status in UNFIT
        ),
    )


def _part(site: str, name: str, settings: TransportSettings) -> bytes:
    """A file of the published site."""
    if is_address(site):
        return Client("--published", settings).get(f"{site}/{name}")
    return _read(Path(site) / name)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(
            f"cannot read {path}: {error.strerror}; expected a {path.name}"
        ) from error
