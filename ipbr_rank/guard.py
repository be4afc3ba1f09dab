"""Whether a board may be published: compared with the published one, before it takes its place."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
import requests

from ingest.errors import ConfigurationError, IpbrError
from ipbr_rank.fetching import USER_AGENT
from ipbr_rank.words import printable

SCOREBOARD = "scoreboard.toml"
# A board that has lost more than a third was cut somewhere; models are retired one by one.
GREATEST_LOSS = 1 / 3
# A source or two are always late or in repair; a third of them at once is our own fault.
STALE_ALLOWED = 5
UNFIT = ("stale", "failed")
SECONDS = 30
LARGEST = 50_000_000


@dataclass(frozen=True)
class BoardCounts:
    """What a scoreboard.toml amounts to. Figures are direct or reported ones: borrowed ones could
    make up for a lost source in number only."""

    edition: str
    n_models: int
    n_figures: int
    unfit_sources: tuple[str, ...]


def check_publish(
    out: Path, edition: str, published: str | None, stale_allowed: int, *, is_forced: bool
) -> None:
    """Tells how the board in `out` compares with `published`, a file or an address.

    IpbrError if it must not be published, unless `is_forced`; ConfigurationError for what is no
    board. An address that answers 404 has no board yet, and there is nothing to compare with.
    """
    path = out / SCOREBOARD
    board = _counts(_read(path), str(path))
    _require_one_run(out)
    faults = []
    if board.edition != edition:
        faults.append(f"it is the {board.edition} edition; {edition} was to be published")
    if len(board.unfit_sources) > stale_allowed:
        faults.append(
            f"{len(board.unfit_sources)} sources are stale or failed, {stale_allowed} are allowed: "
            + ", ".join(board.unfit_sources)
        )
    earlier = None
    if published is not None:
        try:
            body = _fetch(published) if _is_address(published) else _read(Path(published))
            earlier = None if body is None else _counts(body, published)
        except IpbrError as error:
            faults.append(str(error))
    if earlier is not None:
        faults += _losses(board, earlier)
    click.echo(
        f"{board.edition} edition: {_compared('models', board.n_models, earlier)}, "
        f"{_compared('figures', board.n_figures, earlier)}, "
        f"{len(board.unfit_sources)} sources stale or failed"
    )
    if earlier is None and not faults:
        click.echo("nothing is published yet to compare with")
    told = "".join(f"\n  {printable(fault)}" for fault in faults)
    if faults and not is_forced:
        raise IpbrError(
            f"the board is not fit to be published{told}\n  --force publishes it anyway"
        )
    if faults:
        click.echo(f"published all the same (--force){told}", err=True)


def _losses(board: BoardCounts, earlier: BoardCounts) -> list[str]:
    faults = []
    if board.edition != earlier.edition:
        faults.append(f"the published board is the {earlier.edition} edition")
    for what, now, before in (
        ("models", board.n_models, earlier.n_models),
        ("figures", board.n_figures, earlier.n_figures),
    ):
        if before - now > GREATEST_LOSS * before:
            faults.append(f"it has {now} {what}, the published one {before}: over a third is lost")
    return faults


def _compared(what: str, now: int, earlier: BoardCounts | None) -> str:
    if earlier is None:
        return f"{now} {what}"
    return f"{now} {what} ({now - getattr(earlier, f'n_{what}'):+d})"


def _require_one_run(out: Path) -> None:
    """The site that would be deployed holds this very board."""
    copy = out / "site" / "data" / SCOREBOARD
    if not copy.is_file() or copy.read_bytes() != (out / SCOREBOARD).read_bytes():
        raise ConfigurationError(
            f"{out / 'site'} was not made with {out / SCOREBOARD}: run `ipbr-rank all` first"
        )


def _counts(body: bytes, place: str) -> BoardCounts:
    try:
        document: Mapping[str, Any] = tomllib.loads(body.decode("utf-8"))
        evidence = [entry for model in document["models"] for entry in model["evidence"].values()]
        counts = BoardCounts(
            edition=document.get("edition", "full"),
            n_models=len(document["models"]),
            n_figures=sum(
                "source" in entry and entry["class"] != "synthesised" for entry in evidence
            ),
            unfit_sources=tuple(
                source_id
                for source_id, source in document["sources"].items()
                if source["status"] in UNFIT
            ),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ConfigurationError(
            f"{place}: a {SCOREBOARD} with models, evidence and sources was expected, found one "
            f"that does not read ({type(error).__name__}: {error})"
        ) from error
    return counts


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(
            f"cannot read {path}: {error.strerror}; a {SCOREBOARD} was expected"
        ) from error


def _is_address(text: str) -> bool:
    return urlsplit(text).scheme in ("http", "https")


def _fetch(address: str) -> bytes | None:
    """The published board; None where there is none yet."""
    try:
        with requests.get(
            address, timeout=SECONDS, stream=True, headers={"User-Agent": USER_AGENT}
        ) as answer:
            if answer.status_code == requests.codes.not_found:
                return None
            if answer.status_code != requests.codes.ok:
                raise IpbrError(
                    f"the published board cannot be read: {address} answers {answer.status_code}"
                )
            body = answer.raw.read(LARGEST + 1, decode_content=True)
    except (requests.RequestException, OSError) as error:
        raise IpbrError(
            f"the published board cannot be read: {address}: {type(error).__name__}"
        ) from error
    if len(body) > LARGEST:
        raise IpbrError(f"the published board cannot be read: {address} has over {LARGEST} bytes")
    return body
