"""What one run was asked to do: the command line's options as resolved values."""

import os
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import ipbr_rank
from base.errors import ConfigurationError
from ipbr_rank.config import ConfigurationFiles
from ipbr_rank.run.editions import CONSENTS, FULL, PUBLISHABLE, read_consents

# DuckDB calls the database by its file's stem, and a table's first name must tell database and
# schema apart.
RESERVED_STEMS = (
    *("main", "memory", "system", "temp"),
    *("raw", "seeds", "staging", "intermediate", "marts"),
)

# Each edition has a database of its own, since their histories are never mixed.
DATABASES = {FULL: "ipbr.duckdb", PUBLISHABLE: "ipbr_publishable.duckdb"}

# Where experiments work, unless another database is named; see `ipbr_rank.run.experiment`.
EXPERIMENT = "experiment.duckdb"

# Which secret each of the options holds the file of.
SECRET_OPTIONS = {
    "aa_api_key_file": "AA_API_KEY",
    "openrouter_api_key_file": "OPENROUTER_API_KEY",
    "hf_token_file": "HF_TOKEN",
}


@dataclass(frozen=True)
class Settings:
    """All paths are absolute; `now` is UTC and whole seconds."""

    project: Path
    out: Path
    cache: Path
    database: Path
    files: ConfigurationFiles
    now: datetime
    offline: bool = False
    only: list[str] | None = None
    rest_from_cache: bool = False
    """What `only` does not name comes from the cache: the board is whole, and no experiment."""
    is_database_given: bool = True
    previous: Path | None = None
    history: str | None = None
    keep_raw: int | None = None
    site_url: str | None = None
    edition: str = FULL
    consents: list[str] = field(default_factory=list)
    secret_files: dict[str, Path] = field(default_factory=dict)

    def __post_init__(self) -> None:
        kept = {
            "the working directory": Path.cwd(),
            "the project": self.project,
            "the cache": self.cache,
            "the database": self.database,
        }
        for what, path in kept.items():
            # --out is replaced as a whole, and whoever stands in it would be left behind.
            if path.is_relative_to(self.out):
                raise ConfigurationError(
                    f"--out {self.out} holds {what} ({path}); name a folder of its own"
                )
        if self.out.exists() and not self.out.is_dir():
            raise ConfigurationError(f"--out {self.out} is a file; a folder was expected")
        if self.database.stem.lower() in RESERVED_STEMS:
            raise ConfigurationError(
                f"--database {self.database}: DuckDB cannot tell this name from a schema's; "
                f"choose another than {', '.join(RESERVED_STEMS)}"
            )
        if self.database.exists() and not self.database.is_file():
            raise ConfigurationError(
                f"--database {self.database} is a folder; a DuckDB file was expected"
            )


def make_settings(given: dict[str, Any]) -> Settings:
    """Settings from the options that were given, by option name; the rest takes its default."""
    project = find_project()
    own = own_files(project)
    edition = given.get("edition", FULL)
    return Settings(
        project=project,
        out=given.get("out", Path("out")).resolve(),
        cache=given.get("cache", Path("cache")).resolve(),
        database=given.get("database", project / "data" / DATABASES[edition]).resolve(),
        is_database_given="database" in given,
        files=ConfigurationFiles(
            **{name: given.get(name, path) for name, path in vars(own).items()}
        ),
        now=given.get("now", datetime.now(UTC).replace(microsecond=0)),
        offline=given.get("offline", False),
        only=given.get("only"),
        rest_from_cache=given.get("rest_from_cache", False),
        previous=given.get("prev"),
        history=given.get("history"),
        keep_raw=given.get("keep_raw"),
        site_url=given.get("site_url"),
        edition=edition,
        consents=read_consents(os.environ.get(CONSENTS, "")),
        secret_files={
            name: given[option] for option, name in SECRET_OPTIONS.items() if option in given
        },
    )


def own_files(project: Path) -> ConfigurationFiles:
    """The project's own configuration."""
    data = project / "data"
    return ConfigurationFiles(
        coefficients=data / "coefficients.toml",
        aliases=data / "required_aliases.toml",
        overrides=data / "score_overrides.toml",
        synthesis=data / "synthesis_aliases.toml",
    )


def find_project() -> Path:
    """The folder with dbt_project.yml that the package belongs to."""
    project = Path(ipbr_rank.__file__).resolve().parent.parent
    if not (project / "dbt_project.yml").is_file():
        raise ConfigurationError(
            f"no dbt_project.yml in {project}: ipbr-rank works from its repository; clone it and "
            "run `make setup` there"
        )
    return project


def parse_now(text: str) -> datetime:
    """ISO 8601 to UTC, whole seconds; a time without a zone is UTC. ValueError for the rest."""
    try:
        time = datetime.fromisoformat(text.strip())
        time = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(
            f"found {text!r}, expected a time in ISO 8601 such as 2026-01-31T12:00:00Z"
        ) from error
    return time.replace(microsecond=0)


def parse_site_url(text: str) -> str:
    """The address of the site, ending in a slash. ValueError for what no page can stand under."""
    address = text.strip()
    fault = f"found {text!r}, expected an address such as https://example.org/ipbr/"
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018  read for its error
    except ValueError as error:
        raise ValueError(f"{fault}: {error}") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{fault}: it must begin with https:// or http:// and name a host")
    if parts.query or parts.fragment or "?" in address or "#" in address:
        raise ValueError(f"{fault}: it has a query or a fragment, which no page could follow")
    if parts.username is not None:
        raise ValueError(f"{fault}: it holds a user's name, which every page would publish")
    if not re.fullmatch(r"[!-~]+", address) or re.search(r"[\"'<>\\^`{|}]", address):
        raise ValueError(f"{fault}: it has characters that an address must spell as %XX")
    return address.rstrip("/") + "/"
