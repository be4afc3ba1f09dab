"""What one run was asked to do: the command line's options as resolved values."""

import os
import re
import stat
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, TypedDict
from urllib.parse import urlsplit

import ipbr_rank
from base.editions import FULL, PUBLISHABLE
from base.errors import ConfigurationError
from base.text import printable
from ipbr_rank.config import ConfigurationFiles
from ipbr_rank.run.editions import CONSENTS, read_consents

# DuckDB calls the database by its file's stem, and a table's first name must tell database and
# schema apart.
RESERVED_STEMS = (
    *("main", "memory", "system", "temp", "information_schema", "pg_catalog"),
    *("raw", "seeds", "staging", "intermediate", "marts", "ops"),
)

ANYBODY_WRITES = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH

# Each edition has a database of its own, since their histories are never mixed.
DATABASES = {FULL: "ipbr.duckdb", PUBLISHABLE: "ipbr_publishable.duckdb"}

# Named choices of coefficients, each with its reason.
PRESETS = Path("data/presets")

# Where experiments work, unless another database is named; see `ipbr_rank.run.experiment`.
EXPERIMENT = "experiment.duckdb"

SecretOption = Literal["aa_api_key_file", "openrouter_api_key_file", "hf_token_file"]
# Which secret each of the options holds the file of.
SECRET_OPTIONS: dict[SecretOption, str] = {
    "aa_api_key_file": "AA_API_KEY",
    "openrouter_api_key_file": "OPENROUTER_API_KEY",
    "hf_token_file": "HF_TOKEN",
}


class Place(TypedDict, total=False):
    """What every command is given; None or missing is what was not."""

    database: Path | None
    edition: str | None
    verbosity: str | None


class Given(Place, total=False):
    """What commands that run or read a run are given besides, by the names of the options."""

    out: Path | None
    cache: Path | None
    coefficients: Path | None
    preset: str | None
    aliases: Path | None
    overrides: Path | None
    synthesis: Path | None
    offline: bool
    only: list[str] | None
    excluded: list[str] | None
    rest_from_cache: bool
    aa_api_key_file: Path | None
    openrouter_api_key_file: Path | None
    hf_token_file: Path | None
    now: datetime | None
    prev: Path | None
    history: str | None
    keep_raw: int | None
    accept_loss: bool
    site_url: str | None


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
    excluded: list[str] | None = None
    """What --except leaves out; `only` says the same once the sources are known."""
    rest_from_cache: bool = False
    """What `only` does not name comes from the cache: the board is whole, and no experiment."""
    is_database_given: bool = True
    previous: Path | None = None
    history: str | None = None
    keep_raw: int | None = None
    accept_loss: bool = False
    site_url: str | None = None
    edition: str = FULL
    consents: list[str] = field(default_factory=list)
    secret_files: dict[str, Path] = field(default_factory=dict)
    verbosity: str = "normal"

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
                    f"--out {self.out} contains {what} ({path}); choose a separate folder"
                )
        if self.out.exists() and not self.out.is_dir():
            raise ConfigurationError(f"--out {self.out} is a file; a directory was expected")
        if self.database.stem.lower() in RESERVED_STEMS:
            raise ConfigurationError(
                f"--database {self.database}: DuckDB would confuse this name with a schema; "
                f"choose a name other than {', '.join(RESERVED_STEMS)}"
            )
        if not self.database.stem.isprintable() or '"' in self.database.stem:
            raise ConfigurationError(
                f"--database {printable(str(self.database))}: dbt cannot use a name with quotation "
                "marks or line breaks; choose another name"
            )
        if self.database.is_file() and not self.database.stat().st_mode & ANYBODY_WRITES:
            raise ConfigurationError(
                f"--database {self.database} is write-protected (mode "
                f"{self.database.stat().st_mode & 0o777:o}), but the run would replace it; make it "
                "writable or choose another database"
            )
        if self.database.exists() and not self.database.is_file():
            raise ConfigurationError(
                f"--database {self.database} is a directory; a DuckDB file was expected"
            )


def make_settings(given: Given) -> Settings:
    """Settings from the options that were given; the rest takes its default, in the project."""
    project = find_project()
    files = {option: given.get(option) for option in SECRET_OPTIONS}
    return Settings(
        project=project,
        out=(given.get("out") or project / "out").resolve(),
        cache=(given.get("cache") or project / "cache").resolve(),
        database=database_of(given).resolve(),
        is_database_given=given.get("database") is not None,
        files=files_of(given),
        now=given.get("now") or datetime.now(UTC).replace(microsecond=0),
        offline=given.get("offline", False),
        only=given.get("only"),
        excluded=given.get("excluded"),
        rest_from_cache=given.get("rest_from_cache", False),
        previous=given.get("prev"),
        history=given.get("history"),
        keep_raw=given.get("keep_raw"),
        accept_loss=given.get("accept_loss", False),
        site_url=given.get("site_url"),
        edition=given.get("edition") or FULL,
        consents=read_consents(os.environ.get(CONSENTS, "")),
        secret_files={SECRET_OPTIONS[name]: file for name, file in files.items() if file},
        verbosity=given.get("verbosity") or "normal",
    )


def database_of(given: Place) -> Path:
    """The database that was named, else the edition's own."""
    own = find_project() / "data" / DATABASES[given.get("edition") or FULL]
    return given.get("database") or own


def files_of(given: Given) -> ConfigurationFiles:
    """The configuration files that were named, else the project's own."""
    own = own_files(find_project())
    return ConfigurationFiles(
        coefficients=_coefficients_of(given) or own.coefficients,
        aliases=given.get("aliases") or own.aliases,
        overrides=given.get("overrides") or own.overrides,
        synthesis=given.get("synthesis") or own.synthesis,
    )


def presets(project: Path) -> list[str]:
    """Names of the choices of coefficients that are kept beside the project's own."""
    return sorted(file.stem for file in (project / PRESETS).glob("*.toml"))


def _coefficients_of(given: Given) -> Path | None:
    """The coefficients that were named, by their file or as a preset."""
    preset, named = given.get("preset"), given.get("coefficients")
    if preset is None:
        return named
    if named is not None:
        raise ConfigurationError(
            f"--preset {preset} and --coefficients {named} cannot be combined; give only one of "
            "them"
        )
    project = find_project()
    if preset not in presets(project):
        raise ConfigurationError(
            f"--preset {preset}: there is no such preset in {PRESETS}; expected one of "
            f"{', '.join(presets(project))}"
        )
    return project / PRESETS / f"{preset}.toml"


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
            f"there is no dbt_project.yml in {project}; ipbr-rank works only from its repository: "
            "clone the repository and run `make setup` in it"
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
        raise ValueError(f"{fault}: it must begin with https:// or http:// and have a host")
    if parts.query or parts.fragment or "?" in address or "#" in address:
        raise ValueError(f"{fault}: it must not have a query or a fragment")
    if parts.username is not None:
        raise ValueError(f"{fault}: it contains a user's name, which every page would publish")
    if not re.fullmatch(r"[!-~]+", address) or re.search(r"[\"'<>\\^`{|}]", address):
        raise ValueError(
            f"{fault}: it contains characters that must be written as %XX in an address"
        )
    return address.rstrip("/") + "/"
