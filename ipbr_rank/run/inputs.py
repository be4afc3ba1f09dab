"""What a run reads before it begins: each input once, checked, in one value that is handed on."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from base.errors import ConfigurationError
from base.scoreboard import Compared
from base.times import moment_text
from ingest.fetch.secrets import Secrets, hide_in_tracebacks, load_secrets
from ingest.landing.previous import read_previous
from ingest.registry import Source, load_sources
from ipbr_rank.config import Configuration, read_configuration
from ipbr_rank.run import experiment
from ipbr_rank.run.editions import require_same_edition, withheld_sources
from ipbr_rank.run.settings import Settings


@dataclass(frozen=True)
class Asked:
    """What it takes to fetch: the settings, the list of sources, and their secrets."""

    settings: Settings
    sources: dict[str, Source]
    secrets: Secrets
    withheld: Mapping[str, str] = field(default_factory=dict)
    """Why, by source id, of what the edition leaves out; it is not asked for."""

    @property
    def only(self) -> list[str] | None:
        """The sources to ask for; None for all."""
        only = self.settings.only
        if not self.withheld:
            return only
        asked = self.sources if only is None else only
        return [source_id for source_id in asked if source_id not in self.withheld]


@dataclass(frozen=True)
class Inputs(Asked):
    """What it takes to make a board."""

    configuration: Configuration = field(kw_only=True)
    previous: Compared | None = None
    departures: tuple[str, ...] = ()
    """What the run does otherwise than the project's own, in words; none if no experiment."""

    @property
    def is_experiment(self) -> bool:
        return bool(self.departures)


def read_asked(settings: Settings) -> Asked:
    """Reads the list of sources and the secrets."""
    sources = load_sources(settings.project)
    return Asked(_selected(settings, sources), sources, secrets_of(settings, sources))


def read_inputs(settings: Settings, *, is_live: bool) -> Inputs:
    """Reads everything that a board is made of but the responses; secrets if it `is_live`.

    The settings in it are those of the run: those of an experiment name its own database.
    ConfigurationError with all that is wrong.
    """
    sources = load_sources(settings.project)
    settings = _selected(settings, sources)
    configuration = read_configuration(settings.files, settings.project, sources)
    withheld = withheld_sources(sources, settings.edition, settings.consents)
    previous = read_previous(settings.previous) if settings.previous else None
    if previous is not None:
        require_same_edition(settings.edition, previous.edition)
        _require_earlier(settings, previous)
    secrets = secrets_of(settings, sources) if is_live else Secrets({})
    left_out = experiment.left_out(settings, sources, withheld, secrets)
    departures = experiment.departures(settings, configuration, left_out)
    return Inputs(
        experiment.placed(settings, departures) if departures else settings,
        sources,
        secrets,
        withheld,
        configuration=configuration,
        previous=previous,
        departures=tuple(departures),
    )


def _require_earlier(settings: Settings, previous: Compared) -> None:
    """ConfigurationError where what a run is to be compared with has been made after it."""
    if previous.generated_at > settings.now:
        raise ConfigurationError(
            f"--prev {settings.previous}: expected a board made before this run "
            f"({moment_text(settings.now)}), found one made at "
            f"{moment_text(previous.generated_at)}; give an earlier board, or correct --now or the "
            "clock"
        )


def secrets_of(settings: Settings, sources: Mapping[str, Source]) -> Secrets:
    """The secrets that the sources name: file option, else environment, else .env.

    The .env file is that of the working directory, else the project's.
    """
    here = Path.cwd() / ".env"
    secrets = load_secrets(
        [source.secret_variable for source in sources.values() if source.secret_variable],
        files=settings.secret_files,
        environment=os.environ,
        dotenv=here if here.is_file() else settings.project / ".env",
    )
    hide_in_tracebacks(secrets)
    return secrets


def _selected(settings: Settings, sources: Mapping[str, Source]) -> Settings:
    """The settings with what --except leaves taken for --only."""
    if settings.excluded is None:
        return settings
    if settings.only is not None:
        raise ConfigurationError("--only and --except cannot be combined; give only one of them")
    unknown = [source_id for source_id in settings.excluded if source_id not in sources]
    if unknown or not settings.excluded:
        raise ConfigurationError(
            f"--except: expected source ids, found {', '.join(map(repr, unknown)) or 'none'}; "
            f"valid ids are {', '.join(sources)}"
        )
    left = [source_id for source_id in sources if source_id not in settings.excluded]
    return replace(settings, only=left)
