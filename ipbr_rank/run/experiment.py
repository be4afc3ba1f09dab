"""A run that is not the project's own: under what it is one, and where it works.

Other coefficients, names, reported figures or pairs make another board, and so does a choice of
sources. Such a board is looked at beside the project's own: it never takes its place, and is in no
history.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from base.errors import ConfigurationError
from base.text import shown_path
from ingest.fetch.secrets import Secrets
from ingest.landing.past_boards import is_experiment
from ingest.registry import Source
from ipbr_rank.config import Configuration
from ipbr_rank.run.settings import EXPERIMENT, Settings, own_files


def departures(
    settings: Settings, configuration: Configuration, left_out: list[str] | None
) -> list[str]:
    """What a run does otherwise than the project's own, in words; nothing if it is no experiment.

    Files are compared as parsed values: comments and order of keys change nothing. `left_out` are
    the sources that --only leaves out; None if it may leave out some.
    """
    own = own_files(settings.project)
    found = [
        f"other {field.name}"
        for field in fields(Configuration)
        if not _is_same(getattr(configuration, field.name), getattr(own, field.name))
    ]
    if settings.only is not None and left_out is None:
        found.append("--except" if settings.excluded else "--only")
    elif left_out:
        found.append(f"--only, without a cached response of {', '.join(left_out)}")
    return found


def left_out(
    settings: Settings,
    sources: Mapping[str, Source],
    withheld: Mapping[str, str],
    secrets: Secrets,
) -> list[str] | None:
    """The sources that neither --only names nor the cache holds; None if they may be any.

    What a run of all sources would skip for want of a key or, offline, of a response on record, or
    withhold, is not left out by --only.
    """
    if settings.only is None:
        return []
    if not settings.rest_from_cache:
        return None
    return [
        source.source_id
        for source in sources.values()
        if source.cache_file
        and source.source_id not in settings.only
        and source.source_id not in withheld
        and not (settings.cache / source.cache_file).is_file()
        and not (source.is_secret_required and not secrets.get(source.secret_variable))
        and not (settings.offline and not source.is_recorded)
    ]


def placed(settings: Settings, found: list[str]) -> Settings:
    """The settings of an experiment: a database of its own unless one is named, no history."""
    if settings.history is not None:
        raise ConfigurationError(
            f"--history: this run is an experiment ({'; '.join(found)}), and experiments are not "
            "added to the history; leave out --history, or build a board that is not an experiment"
        )
    if settings.is_database_given:
        return settings
    return replace(settings, database=settings.project / "data" / EXPERIMENT)


def require_no_other_board(settings: Settings, found: Sequence[str]) -> None:
    """ConfigurationError if the database holds a board that is not an experiment, which would be
    lost with its history."""
    if is_experiment(settings.database) is False:
        raise ConfigurationError(
            f"this run is an experiment ({'; '.join(found)}), but the board in --database "
            f"{shown_path(settings.database)} is not, and would be lost together with its history; "
            f"name another database, or leave out --database to use data/{EXPERIMENT}"
        )


def _is_same(body: bytes, own: Any) -> bool:
    try:
        ours = own.read_bytes()
        return body == ours or tomllib.loads(body.decode()) == tomllib.loads(ours.decode())
    except (OSError, ValueError):
        # What is compared with cannot be read, so that nothing says that it is the same.
        return False
