"""Which sources an edition leaves out: those that may not be passed on, unless they agreed."""

from collections.abc import Collection, Mapping

from base.editions import FULL
from base.errors import ConfigurationError
from ingest.registry import SOURCES_FILE, Source

CONSENTS = "IPBR_CONSENTS"
RESTRICTED = "restricted"


def withheld_sources(
    sources: Mapping[str, Source], edition: str, consents: Collection[str]
) -> dict[str, str]:
    """Why each source that the edition leaves out is left out, by source id.

    `consents` names the sources that have allowed their figures to be published here;
    ConfigurationError for one that there is not.
    """
    unknown = [source_id for source_id in consents if source_id not in sources]
    if unknown:
        raise ConfigurationError(
            f"{CONSENTS}: expected source ids from {SOURCES_FILE}, separated by commas, found "
            f"{', '.join(map(repr, unknown))}; valid ids are {', '.join(sources)}"
        )
    if edition == FULL:
        return {}
    return {
        source.source_id: f"left out of the publishable edition: {source.licence}"
        for source in sources.values()
        if source.redistribution == RESTRICTED and source.source_id not in consents
    }


def read_consents(text: str) -> list[str]:
    """The source ids in the environment variable IPBR_CONSENTS."""
    return [part.strip() for part in text.split(",") if part.strip()]


def require_same_edition(edition: str, previous: str) -> None:
    """ConfigurationError where an earlier board is of another edition: its ranks stand on others'
    figures, and a change between the two would be a change of edition."""
    if edition != previous:
        raise ConfigurationError(
            f"--prev is a board of the {previous} edition, but this run builds the {edition} "
            "edition, which uses different sources; give a board of the same edition"
        )
