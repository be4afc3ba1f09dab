"""The four TOML files an analyst edits, checked before anything else happens."""

import csv
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from ingest.errors import ConfigurationError
from ingest.source import load_sources
from ipbr_rank.config.aliases import check_models, check_names_are_claimed_once
from ipbr_rank.config.coefficients import (
    check_coefficients,
    check_weighted_metrics_have_figures,
)
from ipbr_rank.config.overrides import check_overrides, overridden_metrics
from ipbr_rank.config.problems import Document, read_document
from ipbr_rank.config.synthesis import check_synthesis


@dataclass(frozen=True)
class ConfigurationFiles:
    """Where the four files are."""

    coefficients: Path
    aliases: Path
    overrides: Path
    synthesis: Path


@dataclass(frozen=True)
class Configuration:
    """The four files' contents as they were checked: the run works on these bytes only."""

    coefficients: bytes
    aliases: bytes
    overrides: bytes
    synthesis: bytes

    def write(self, folder: Path) -> dict[str, str]:
        """Writes the files into a folder; returns dbt's variables, which name them there."""
        variables = variables_in(folder)
        for name, body in vars(self).items():
            Path(variables[f"{name}_path"]).write_bytes(body)
        return variables


def variables_in(folder: Path) -> dict[str, str]:
    """dbt's variables for the checked files in a folder."""
    return {
        f"{file.name}_path": str(folder / f"{file.name}.toml") for file in fields(Configuration)
    }


def read_configuration(files: ConfigurationFiles, project: Path) -> Configuration:
    """Reads and checks the four files against each other and the seeds of `project`.

    Raises ConfigurationError with one line per problem, each naming file, table, key, what was
    found and what is valid.
    """
    coefficients, aliases, overrides, synthesis = documents = [
        read_document(files.coefficients),
        read_document(files.aliases),
        read_document(files.overrides),
        read_document(files.synthesis),
    ]
    seeds = project / "seeds"
    checked_coefficients = models = None
    # A file that does not parse is told of once, not also by everything that refers to it.
    if not coefficients.problems:
        checked_coefficients = check_coefficients(
            coefficients,
            groups=_column(seeds / "groups.csv", "group_id"),
            roles=_column(seeds / "roles.csv", "score_key"),
        )
    if not aliases.problems:
        models = check_models(aliases)
        check_names_are_claimed_once(aliases, models, project / "macros" / "names.sql")
    if models is not None:
        if not overrides.problems:
            check_overrides(overrides, models=models, coefficients=checked_coefficients)
        if not synthesis.problems:
            check_synthesis(synthesis, models=models, sources=load_sources(project))
    if checked_coefficients is not None and overrides.tables:
        supplied = {
            *_column(seeds / "source_metrics.csv", "metric_id"),
            *overridden_metrics(overrides),
        }
        check_weighted_metrics_have_figures(coefficients, checked_coefficients, supplied)
    _raise_if_any(documents)
    return Configuration(*(document.body for document in documents))


def read_coefficients(path: Path, project: Path) -> dict[str, Any]:
    """The tables of one coefficients file, checked on its own and with the seeds of `project`."""
    document = read_document(path)
    if not document.problems:
        seeds = project / "seeds"
        check_coefficients(
            document,
            groups=_column(seeds / "groups.csv", "group_id"),
            roles=_column(seeds / "roles.csv", "score_key"),
        )
    _raise_if_any([document])
    return document.tables


def read_models(path: Path) -> dict[str, dict[str, Any]]:
    """The ranked models of one aliases file by canonical id, each checked on its own."""
    document = read_document(path)
    models = {} if document.problems else check_models(document)
    _raise_if_any([document])
    return models


def _raise_if_any(documents: list[Document]) -> None:
    problems = [problem for document in documents for problem in document.problems]
    if len(problems) == 1:
        raise ConfigurationError(problems[0])
    if problems:
        listed = "\n".join(f"  {problem}" for problem in problems)
        raise ConfigurationError(f"{len(problems)} problems in the configuration\n{listed}")


def _column(seed: Path, name: str) -> list[str]:
    """One column of a seed, without repeats, in file order."""
    with seed.open(encoding="utf-8", newline="") as file:
        return list(dict.fromkeys(row[name] for row in csv.DictReader(file)))
