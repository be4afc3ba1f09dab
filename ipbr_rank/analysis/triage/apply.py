"""`triage --apply`: models are added to the aliases file, and what that resolves is listed."""

import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from base.errors import ConfigurationError, IpbrError
from base.files import replace_file
from base.output import width_of
from base.text import shown_path
from ingest.registry import load_sources
from ipbr_rank.analysis.triage.output import told_resolved
from ipbr_rank.config import Configuration, read_configuration
from ipbr_rank.run.settings import Settings

ALL = "all"
# One row per name of a source that is a ranked model's, and how it was found.
RESOLVED = "int_observations_resolved"
NAMES = f"""
select distinct resolved.source_id, resolved.candidate_name, resolved.canonical_id,
    resolved.match_method,
    array_to_string(list_filter(
        string_split(names.normalised_name, ' '),
        lambda word: not list_contains(string_split(resolved.matched_name, ' '), word)
    ), ' ') as words_taken_off
from intermediate.{RESOLVED} as resolved
inner join intermediate.int_names_normalised as names
    on resolved.source_id = names.source_id
    and resolved.candidate_name = names.candidate_name
    and resolved.vendor_hint is not distinct from names.vendor_hint
where resolved.resolution = 'resolved'
order by all"""
KEYS = ("source_id", "name", "canonical_id", "match_method", "words_taken_off")

Names = Sequence[tuple[Any, ...]]


def chosen(new_models: Iterable[dict[str, Any]], wanted: Sequence[str]) -> list[dict[str, Any]]:
    """The models of the report that are to be added, by id; ConfigurationError for another.

    All are those whose vendor is known: another needs a person for its name.
    """
    listed = {model["canonical_id"]: model for model in new_models}
    if ALL in wanted:
        return [model for _, model in sorted(listed.items()) if model["is_vendor_known"]]
    for canonical_id in wanted:
        if canonical_id not in listed:
            end = canonical_id.rsplit("/", 1)[-1]
            alike = [one for one in listed if end in one][:5]
            hint = f"; similar ids are {', '.join(alike)}" if alike else ""
            raise ConfigurationError(
                f"--apply {canonical_id}: triage lists no new model with this id{hint}; "
                "`ipbr-rank triage` lists all new models"
            )
        model = listed[canonical_id]
        if not model["is_vendor_known"]:
            raise ConfigurationError(
                f"--apply {canonical_id}: its vendor {model['vendor']} is unknown; add it to "
                "seeds/vendors.csv and its spellings to seeds/vendor_spellings.csv first"
            )
    return [listed[canonical_id] for canonical_id in sorted(set(wanted))]


def apply(
    settings: Settings,
    models: list[dict[str, Any]],
    before: Names,
    resolve: Callable[[Configuration], Names],
    out: IO[str] | None = None,
) -> None:
    """Adds the models' blocks at the end of the aliases file, in the order of their ids.

    `resolve` says to what names resolve under other files. Nothing is written where the file would
    not hold (ConfigurationError), or a name that is resolved would become another model's.
    """
    out, files = out or sys.stdout, settings.files
    if not models:
        out.write(f"Nothing to add: {shown_path(files.aliases)} stays as it is.\n")
        return
    text = files.aliases.read_text(encoding="utf-8").rstrip("\n") + "\n"
    added = "".join(f"\n{model['toml']}\n" for model in models)
    with tempfile.TemporaryDirectory(prefix="ipbr-triage-") as folder:
        candidate = Path(folder) / files.aliases.name
        candidate.write_text(text + added, encoding="utf-8")
        configuration = read_configuration(
            replace(files, aliases=candidate), settings.project, load_sources(settings.project)
        )
        after = resolve(configuration)
    require_no_other(before, after)
    new = [dict(zip(KEYS, row, strict=True)) for row in after if row not in set(before)]
    replace_file(files.aliases, (text + added).encode())
    n_lines = added.count("\n")
    counted = "1 model" if len(models) == 1 else f"{len(models)} models"
    out.write(f"Added to {shown_path(files.aliases)}: {counted}, {n_lines} lines\n")
    for model in models:
        out.write(f"  {model['canonical_id']}\n")
    n_names, table = told_resolved(new, width=width_of(out))
    out.write(f"\nNewly resolved: {n_names}\n{table}")
    found = {(row["source_id"], row["name"]) for row in new}
    missed = [
        f"  {name}  ({model['canonical_id']})\n"
        for model in models
        for name in model["names"]
        if not any(name == resolved for _, resolved in found)
    ]
    if missed:
        out.write(f"\nStill unmatched (an alias may be missing): {len(missed)}\n{''.join(missed)}")


def require_no_other(before: Names, after: Names) -> None:
    """IpbrError if a name that a ranked model had is now of another, or of none."""
    now = {row[:2]: row[2] for row in after}
    lost = [row for row in before if now.get(row[:2]) != row[2]]
    if lost:
        listed = "\n".join(
            f"  {source_id}: {name} was {canonical_id}, would be {now.get((source_id, name))}"
            for source_id, name, canonical_id, *_ in lost[:5]
        )
        raise IpbrError(
            f"nothing was added: {len(lost)} names would no longer resolve to their model\n{listed}"
        )
