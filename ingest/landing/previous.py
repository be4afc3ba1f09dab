"""An earlier scoreboard.toml (--prev): what a run compares itself with, and the whole of it."""

from pathlib import Path
from typing import Any

from base.errors import ConfigurationError
from base.scoreboard import (
    Compared,
    Document,
    NotAScoreboardError,
    Scoreboard,
    checked,
    parsed,
)
from ingest.contract import clean_text


def read_previous(path: Path) -> Compared:
    """What a run compares itself with; ConfigurationError if the file is no scoreboard.toml."""
    return _read(path, Compared)


def read_previous_board(path: Path) -> Scoreboard:
    """The whole board, to be scored again; ConfigurationError if it is none or has no model.

    Files of schema 1.0, which name no evidence, are refused too.
    """
    board = _read(path, Scoreboard)
    if not board.models:
        raise _not_a_scoreboard(path, NotAScoreboardError("at least one of [[models]]", "none"))
    return board


def _read(path: Path, kind: type[Document]) -> Document:
    try:
        return checked(_clean(parsed(path.read_bytes())), kind)
    except OSError as error:
        found = NotAScoreboardError(None, f"an unreadable file: {error}")
        raise _not_a_scoreboard(path, found) from error
    except NotAScoreboardError as error:
        raise _not_a_scoreboard(path, error) from error


def _clean(value: Any) -> Any:
    """Tables with the text that a database can hold."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, dict):
        return {clean_text(key): _clean(item) for key, item in value.items()}
    return [_clean(item) for item in value] if isinstance(value, list) else value


def _not_a_scoreboard(path: Path, error: NotAScoreboardError) -> ConfigurationError:
    return ConfigurationError(f"--prev {path}: expected an earlier {error.told}")
