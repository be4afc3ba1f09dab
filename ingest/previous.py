"""An earlier scoreboard.toml (--prev): what a run compares itself with."""

import tomllib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ingest.errors import ConfigurationError
from ingest.reading import clean_text

ROLES = ("i", "p", "b", "r")


@dataclass(frozen=True)
class PreviousRank:
    """One rank of an earlier scoreboard; one per model and role. The time is UTC, without zone."""

    canonical_id: str
    display_name: str | None
    role_id: str
    rank: int
    generated_at: datetime


@dataclass(frozen=True)
class PreviousBoard:
    """An earlier scoreboard, as far as it is compared with; empty if there is none."""

    ranks: list[PreviousRank] = field(default_factory=list)
    row_counts: dict[str, int] = field(default_factory=dict)
    """Rows by source, of those that had any."""
    edition: str = "full"


def read_previous(path: Path) -> PreviousBoard:
    """Read an earlier scoreboard.toml; ConfigurationError if it is none."""
    return previous_board(path, parse_scoreboard(path))


def parse_scoreboard(path: Path) -> dict[str, Any]:
    """The tables of a scoreboard.toml of a version that is known here."""
    try:
        scoreboard = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigurationError(
            f"--prev {path}: expected an earlier scoreboard.toml, found none that can be read: "
            f"{error}"
        ) from error
    version = scoreboard.get("schema_version")
    if not isinstance(version, str) or not version.startswith("1."):
        raise not_a_scoreboard(path, 'schema_version = "1.…"', version)
    return scoreboard


def previous_board(path: Path, scoreboard: dict[str, Any]) -> PreviousBoard:
    """What a run compares itself with, of a scoreboard from `path`."""
    # Boards from before there were editions are full.
    edition = scoreboard.get("edition", "full")
    if not isinstance(edition, str):
        raise not_a_scoreboard(path, "a text as edition", edition)
    return PreviousBoard(
        _ranks(path, scoreboard), _row_counts(path, scoreboard), clean_text(edition)
    )


def _ranks(path: Path, scoreboard: dict) -> list[PreviousRank]:
    generated_at = _generated_at(path, scoreboard.get("generated_at"))
    models = scoreboard.get("models", [])
    if not isinstance(models, list):
        raise not_a_scoreboard(path, "[[models]]", models)
    ranks: dict[tuple[str, str], PreviousRank] = {}
    for model in models:
        if not isinstance(model, dict) or not isinstance(model.get("canonical_id"), str):
            raise not_a_scoreboard(path, "a canonical_id in each of [[models]]", model)
        canonical_id = clean_text(model["canonical_id"])
        of_model = model.get("ranks", {})
        if not isinstance(of_model, dict):
            raise not_a_scoreboard(path, f"a table of ranks for {canonical_id}", of_model)
        for role_id in ROLES:
            rank = of_model.get(role_id)
            if rank is None:
                continue
            if type(rank) is not int or not 0 < rank < 2**31:
                raise not_a_scoreboard(path, f"a rank from 1 up for {canonical_id}", rank)
            if (canonical_id, role_id) in ranks:
                raise not_a_scoreboard(path, "every model once", canonical_id)
            name = model.get("display_name")
            ranks[canonical_id, role_id] = PreviousRank(
                canonical_id,
                clean_text(name) if isinstance(name, str) else None,
                role_id,
                rank,
                generated_at,
            )
    return list(ranks.values())


def _row_counts(path: Path, scoreboard: dict) -> dict[str, int]:
    """By source; one that was not fetched then has no count to be compared with."""
    sources = scoreboard.get("sources", {})
    if not isinstance(sources, dict):
        raise not_a_scoreboard(path, "a table [sources]", sources)
    counts = {
        clean_text(source_id): source.get("n_rows_ingested")
        for source_id, source in sources.items()
        if isinstance(source, dict)
    }
    return {
        source_id: count
        for source_id, count in counts.items()
        if type(count) is int and 0 < count < 2**63
    }


def _generated_at(path: Path, value: object) -> datetime:
    try:
        return utc(value if isinstance(value, datetime) else datetime.fromisoformat(value))
    except (TypeError, ValueError, OverflowError) as error:
        raise not_a_scoreboard(path, "an ISO 8601 time as generated_at", value) from error


def not_a_scoreboard(path: Path, expected: str, found: object) -> ConfigurationError:
    """The error for a file that reads as TOML and yet is no scoreboard."""
    return ConfigurationError(
        f"--prev {path}: expected an earlier scoreboard.toml with {expected}, "
        f"found {repr(found)[:80]}"
    )


def utc(time: datetime) -> datetime:
    """The same instant without a zone, as the tables keep it; a time without one is UTC."""
    return time.astimezone(UTC).replace(tzinfo=None) if time.tzinfo else time
