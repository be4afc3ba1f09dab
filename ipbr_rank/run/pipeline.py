"""One run to --out: fetch, land, score, write, exchange. All or nothing is published."""

import os
import shutil
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path

from base.errors import ConfigurationError, IpbrError, RenderError
from base.files import explained
from base.sql import connected
from base.text import shown_path
from base.times import moment_text
from ingest.fetch.download import FetchedSource, transport_settings
from ingest.fetch.kept_responses import keep_generation, restore_generation
from ingest.landing.land import LandedSource, land
from ingest.landing.past_boards import EarlierHistory, find_history
from ipbr_rank import __version__
from ipbr_rank.engine import rebuild
from ipbr_rank.engine.verdicts import require_tested
from ipbr_rank.run import experiment, loss_guard
from ipbr_rank.run.fetching import (
    FETCHING,
    USER_AGENT,
    fetch_into_cache,
    log_sources,
    told_nothing,
)
from ipbr_rank.run.inputs import Inputs, read_inputs
from ipbr_rank.run.output_folder import SCOREBOARD, Staging
from ipbr_rank.run.progress import Display
from ipbr_rank.run.run_log import LOG
from ipbr_rank.run.run_tables import Ran, StageTime, record_run
from ipbr_rank.run.settings import Settings
from ipbr_rank.run.summary import show_notes, show_summary
from ipbr_rank.run.workspace import Workspace
from render.board import Board, Source
from render.files.notice import write_notice
from render.files.toml import write_coefficients, write_missing, write_scoreboard
from render.from_marts import board_of, read_board
from render.from_scoreboard import read_scoreboard

GENERATOR = f"ipbr-rank {__version__}"
EXPORTS = {
    "scoreboard.toml": write_scoreboard,
    "missing.toml": write_missing,
    "coefficients.toml": write_coefficients,
    "NOTICE": write_notice,
}
SITE = "site"

CHECKING = "Configuration"
LANDING = "Landing"
SCORING = "Scoring"
EXPORTING = "Export"
RENDERING = "Site"
PUBLISHING = "Publishing"


def score(
    settings: Settings, *, with_site: bool, as_of: datetime | None = None
) -> dict[str, object]:
    """Builds the database from the cache and publishes the TOML files.

    `with_site` it is the whole: the cache is brought up to date first, unless offline, and the
    site is published, too. With `as_of` the responses kept at that time are scored in place of the
    cache, as a board of its own without history. The result is what `--format json` prints.
    """
    is_live = with_site and not settings.offline
    stages = [
        *([CHECKING, FETCHING] if is_live else [CHECKING]),
        *(LANDING, SCORING, EXPORTING),
        *([RENDERING, PUBLISHING] if with_site else [PUBLISHING]),
    ]
    ours = [*EXPORTS, SITE] if with_site else list(EXPORTS)
    with Display(stages, settings.verbosity) as display:
        with display.stage(CHECKING) as stage:
            inputs = read_inputs(settings, is_live=is_live)
            stage.said = "four files, valid"
            if inputs.is_experiment:
                stage.said += f"; this run is an experiment: {'; '.join(inputs.departures)}"
        settings = inputs.settings
        with (
            explained(f"building {settings.database}"),
            Workspace(settings.database) as workspace,
            Staging(settings.out, ours, is_experiment=inputs.is_experiment) as staging,
        ):
            held = loss_guard.held_in(settings.database)
            is_demo = loss_guard.is_demo(settings)
            _require_place(inputs, held, is_demo=is_demo)
            if as_of:
                settings = _as_of(settings, as_of, workspace.folder / "as_of")
                inputs = replace(inputs, settings=settings)
            joins_history = not as_of and not inputs.is_experiment
            # No live board continues the history of a demonstration.
            is_continued = is_demo or not (held and held.is_demo)
            history = EarlierHistory()
            if joins_history:
                history = _history(settings, workspace, is_continued=is_continued)
            fetched = fetch_into_cache(inputs, display) if is_live else {}
            if rebuild.read_keys(settings.database):
                workspace.begin_with_published()
            landed = _land(
                inputs, display, workspace.database, fetched, history, with_site, is_demo=is_demo
            )
            warnings = _score(inputs, display, workspace)
            if joins_history:
                loss_guard.require_no_loss(settings, workspace.database, held)
            board = _export(display, workspace.database, staging.folder, for_pages=with_site)
            if with_site:
                _render(
                    display,
                    board,
                    staging.folder,
                    exports=staging.folder,
                    database=workspace.database,
                    site_url=settings.site_url,
                )
            _publish(inputs, display, workspace, staging, Ran(landed, fetched))
            if settings.keep_raw and not as_of:
                with explained(f"keeping the responses in {settings.cache}"):
                    keep_generation(settings.cache, inputs.sources, settings.now, settings.keep_raw)
    _log_outcome(board, warnings)
    if not display.is_quiet:
        show_summary(display.console, board, warnings, in_full=display.is_verbose, fetched=fetched)
    show_notes(display, fetched.values())
    _show_results(display, settings.out, ours)
    if board.run.is_experiment:
        display.print(
            f"This board is an experiment: it is in {shown_path(settings.database)}, was not added "
            "to the history, and cannot be published"
        )
    _show_kept(display, staging)
    return _outcome(board, settings, ours) | {
        "database": str(settings.database),
        "sources": [_source_facts(source) for source in board.sources],
        "warnings": [asdict(warning) for warning in board.warnings or ()],
    }


def render(
    settings: Settings,
    scoreboard: Path | None,
    coefficients: Path | None,
    edition: str | None = None,
) -> dict[str, object]:
    """Publishes the site of the built database, or of a scoreboard.toml alone; what board it is.

    `edition` is what the board must be of, if given: nothing can be left out any more.
    """
    with Display([RENDERING, PUBLISHING], settings.verbosity) as display:
        beside = settings.out / SCOREBOARD
        if not scoreboard and not settings.database.is_file() and beside.is_file():
            display.print(f"There is no database, so the site shows {shown_path(beside)}")
            scoreboard = beside
        if scoreboard:
            board, database = _scoreboard(scoreboard, coefficients), None
        else:
            board, database = read_board(settings.database), settings.database
            require_tested(database)
            if beside.is_file() and not _is_of(board, beside):
                display.tell(
                    f"The site shows the board in the database; {shown_path(beside)} has a "
                    f"different board: to show that one, use --scoreboard {shown_path(beside)}"
                )
        if edition is not None and board.run.edition != edition:
            raise ConfigurationError(
                f"--edition {edition}: the board to render was scored as the {board.run.edition} "
                f"edition; score it again with `ipbr-rank all --edition {edition}`"
            )
        with Staging(settings.out, [SITE], is_experiment=board.run.is_experiment) as staging:
            _render(display, board, staging.folder, database=database, site_url=settings.site_url)
            with display.stage(PUBLISHING) as stage, explained(f"writing --out {settings.out}"):
                staging.publish()
                stage.said = shown_path(settings.out)
    _show_results(display, settings.out, [SITE])
    _show_kept(display, staging)
    return _outcome(board, settings, [SITE])


def _scoreboard(scoreboard: Path, coefficients: Path | None) -> Board:
    """The board of a file; ConfigurationError, as of every file that is given, if it is none."""
    try:
        return read_scoreboard(scoreboard, coefficients)
    except RenderError as error:
        raise ConfigurationError(str(error)) from error


def _is_of(board: Board, file: Path) -> bool:
    """Whether a scoreboard.toml says when it was made as the board does; else it is another."""
    try:
        made_at = tomllib.loads(file.read_text(encoding="utf-8")).get("generated_at")
    except (OSError, ValueError):
        return False
    return made_at == moment_text(board.run.generated_at)


def _as_of(settings: Settings, as_of: datetime, folder: Path) -> Settings:
    """The same settings with the cache and the clock of an earlier run."""
    shutil.rmtree(folder, ignore_errors=True)
    moment = restore_generation(settings.cache, as_of, folder)
    return replace(settings, cache=folder, now=moment)


def _require_place(inputs: Inputs, held: loss_guard.Held | None, *, is_demo: bool) -> None:
    """That no experiment takes the place of a board, and no demonstration that of a live one."""
    if inputs.is_experiment:
        experiment.require_no_other_board(inputs.settings, inputs.departures)
    elif is_demo:
        loss_guard.require_no_live_board(inputs.settings, held)


def _history(settings: Settings, workspace: Workspace, *, is_continued: bool) -> EarlierHistory:
    """The boards before this one: those of the database if they are continued, and --history's."""
    return find_history(
        settings.project,
        settings.database if is_continued else workspace.folder / "none",
        settings.history,
        workspace.folder,
        transport_settings(USER_AGENT, os.environ),
        edition=settings.edition,
    )


def _land(
    inputs: Inputs,
    display: Display,
    database: Path,
    fetched: Mapping[str, FetchedSource],
    history: EarlierHistory,
    with_rest: bool,
    *,
    is_demo: bool,
) -> list[LandedSource]:
    settings = inputs.settings
    with display.stage(LANDING) as stage, explained(f"landing {settings.cache}"):
        if not settings.cache.is_dir():
            raise ConfigurationError(
                f"--cache {settings.cache} is not a directory; the recorded responses are in "
                f"{settings.project / 'data' / 'fixtures'}"
            )

        def tell(source_id: str, text: str) -> None:
            stage.said = source_id
            display.detail(f"{source_id}: {text}")

        landed = land(
            database,
            inputs.sources,
            settings.cache,
            generated_at=settings.now,
            generator=GENERATOR,
            offline=settings.offline,
            only=settings.only,
            with_rest=with_rest and settings.excluded is None,
            previous=inputs.previous,
            history=history,
            fetched=fetched,
            edition=settings.edition,
            is_experiment=inputs.is_experiment,
            is_demo=is_demo,
            withheld=inputs.withheld,
            progress=tell,
        )
        if settings.rest_from_cache and not inputs.is_experiment:
            _require_rest(settings, landed)
        read = [source for source in landed if source.response]
        if not read:
            log_sources(fetched.values())
            raise IpbrError(_told_none(settings, landed, fetched))
        records = sum(source.n_records for source in read)
        stage.said = f"{len(read)} sources, {records:,} records"
        if inputs.withheld:
            stage.said += f"; {len(inputs.withheld)} left out of the {settings.edition} edition"
    return landed


def _score(inputs: Inputs, display: Display, workspace: Workspace) -> list[str]:
    """Builds all tables; the tests of warn severity that failed."""
    with display.stage(SCORING) as stage:
        stage.said = "starting dbt"
        run = rebuild.build(
            inputs.settings.project,
            workspace.database,
            workspace.folder,
            workspace.keep_configuration(inputs.configuration),
            on_progress=stage.advance,
            on_message=display.detail,
        )
        stage.said = f"{run.n_models} tables and views, {run.n_tests} tests"
        if not run.is_by_dbt:
            stage.said += ", without starting dbt"
        if run.n_kept:
            stage.said += f"; {run.n_kept} of them unchanged"
    return run.warnings


def _publish(
    inputs: Inputs, display: Display, workspace: Workspace, staging: Staging, ran: Ran
) -> None:
    settings = inputs.settings
    with display.stage(PUBLISHING) as stage, explained(f"writing --out {settings.out}"):
        stages = [StageTime(one.name, one.seconds, one.said) for one in display.ended]
        record_run(workspace.database, settings, stages, ran)
        workspace.prepare()
        staging.publish()
        workspace.publish()
        stage.said = shown_path(settings.out)


def _require_rest(settings: Settings, landed: list[LandedSource]) -> None:
    """IpbrError if a source that --only does not name could not be read from the cache: the board
    would lack it, and is no experiment."""
    for source in landed:
        if settings.only and source.source_id not in settings.only and source.status == "failed":
            raise IpbrError(
                f"--rest-from-cache: {source.message}; to fetch this source again, leave out --only"
            )


def _told_none(
    settings: Settings, landed: list[LandedSource], fetched: Mapping[str, FetchedSource]
) -> str:
    """Why there is nothing to score."""
    if fetched:
        reason = told_nothing(fetched.values(), settings.cache)
    else:
        failed = [source.message for source in landed if source.status == "failed"]
        reason = f"no source can be read from --cache {shown_path(settings.cache)}"
        if failed:
            reason += f": {failed[0]}"
        if len(failed) > 1:
            reason += f"; and {len(failed) - 1} more, which --verbose shows"
    return f"nothing was scored; the last board is kept: {reason}"


def _export(display: Display, database: Path, folder: Path, *, for_pages: bool) -> Board:
    with display.stage(EXPORTING) as stage, explained("writing the TOML files"):
        # Views know the file by its own name.
        with connected(database, database.stem, "read_only") as connection:
            board = board_of(connection, database, for_pages=for_pages)
        for name, write in EXPORTS.items():
            stage.said = name
            write(board, folder / name)
        stage.said = f"{len(board.scoreboard)} models"
    return board


def _render(
    display: Display,
    board: Board,
    folder: Path,
    *,
    exports: Path | None = None,
    database: Path | None = None,
    site_url: str | None = None,
) -> None:
    # What draws pages takes a quarter of a second to load, and `score` draws none.
    from render.build import render_site

    with display.stage(RENDERING) as stage, explained("writing the site"):
        files = render_site(
            board, folder / SITE, exports=exports, database=database, site_url=site_url
        )
        stage.said = f"{len(files)} files, checked"


def _log_outcome(board: Board, failed_tests: list[str]) -> None:
    for source in board.sources:
        LOG.event(
            "source",
            "warning" if source.status in ("stale", "failed") else "info",
            **_source_facts(source),
        )
    for text in failed_tests:
        LOG.event("dbt_warning", "warning", message=text)
    LOG.event(
        "published",
        n_models=len(board.scoreboard),
        edition=board.run.edition,
        is_experiment=board.run.is_experiment,
        is_demo=board.run.is_demo,
    )


def _outcome(board: Board, settings: Settings, ours: list[str]) -> dict[str, object]:
    """What board was published, and where its files are."""
    return {
        "generated_at": moment_text(board.run.generated_at),
        "edition": board.run.edition,
        "is_experiment": board.run.is_experiment,
        "is_demo": board.run.is_demo,
        "n_models": len(board.scoreboard),
        "files": [str(settings.out / name) for name in ours],
    }


def _source_facts(source: Source) -> dict[str, object]:
    """How a source fared, as JSON has it."""
    return {
        "source_id": source.source_id,
        "status": source.status,
        "message": source.message,
        "n_rows": source.n_rows_ingested,
        "n_figures_used": source.n_measurements,
    }


def _show_results(display: Display, out: Path, ours: list[str]) -> None:
    display.print()
    if "scoreboard.toml" in ours:
        display.print(f"Scoreboard  {shown_path(out / 'scoreboard.toml')}")
    if SITE in ours:
        display.print(f"Site        {shown_path(out / SITE / 'index.html')}")


def _show_kept(display: Display, staging: Staging) -> None:
    if staging.kept:
        LOG.event("moved", source=str(staging.out), target=str(staging.kept))
        display.print(
            f"The previous board in {shown_path(staging.out)} is not an experiment, so it was "
            f"moved to {shown_path(staging.kept)}"
        )
