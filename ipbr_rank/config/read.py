"""Reading the four configuration files. A fault is told with file, table, key, found and valid."""

import csv
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from base.errors import ConfigurationError
from base.text import shown, shown_path
from ipbr_rank.config.rules import (
    CANONICAL_ID,
    Known,
    Place,
    choices,
    claimed_twice,
    faults_of,
    found_at,
)

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

# What the tables of an array are called by, and the words between: TOML gives them no name.
NAMED_BY = {"entries": (", ", "canonical_id", "metric"), "pair": (" from ", "target", "from")}


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


@dataclass
class _File:
    """One file: its place, its bytes, its tables (None if it is no TOML), and what is wrong."""

    path: Path
    body: bytes
    tables: dict[str, Any] | None = None
    problems: list[str] = field(default_factory=list)

    def tables_at(self, pattern: str) -> list[str]:
        """The names of the tables where a pattern of keys leads."""
        found = found_at(self.tables, pattern)
        return [str(place[-1]) for place, value in found if isinstance(value, dict)]

    def check(self, kind: str, known: Known) -> None:
        """Notes what is wrong with the file's types, and with what the others say."""
        # pydantic takes as long to import as all that `list-models` does.
        from pydantic import ValidationError

        from ipbr_rank.config.models import FILES

        if self.tables is None:
            return
        try:
            FILES[kind].model_validate(self.tables)
        except ValidationError as error:
            schema = FILES[kind].model_json_schema()
            self.report(_in_words(fault, schema) for fault in error.errors())
        self.report(faults_of(kind, self.tables, known))

    def report(self, faults: Iterable[tuple[Place | str, str]]) -> None:
        """Notes faults, each with its place and its words."""
        for place, text in faults:
            where = place if isinstance(place, str) else _written(self.tables or {}, place)
            problem = f"{shown_path(self.path)}: {where}: {text}"
            if problem not in self.problems:
                self.problems.append(problem)


def read_configuration(
    files: ConfigurationFiles, project: Path, sources: Iterable[str]
) -> Configuration:
    """Reads and checks the four files against each other, the seeds of `project` and its `sources`.

    Raises ConfigurationError with one line per problem, each naming file, table, key, what was
    found and what is valid.
    """
    read = {kind: _read(path) for kind, path in vars(files).items()}
    known = _known(read["coefficients"], project) | {"source": list(sources)}
    # A file that does not parse is told of once, not also by everything that refers to it.
    if read["aliases"].tables is not None:
        known["model"] = read["aliases"].tables_at("models.*")
    if read["overrides"].tables is not None:
        overridden = [
            str(name) for _, name in found_at(read["overrides"].tables, "entries.*.metric")
        ]
        known["supplied"] = _column(project, "source_metrics", "metric_id") + overridden
    for kind, file in read.items():
        file.check(kind, known)
    read["aliases"].report(claimed_twice(read["aliases"].tables, project / "macros/names.sql"))
    _raise_if_any(*read.values())
    return Configuration(**{kind: file.body for kind, file in read.items()})


def read_coefficients(path: Path, project: Path) -> dict[str, Any]:
    """The tables of one coefficients file, checked on its own and with the seeds of `project`."""
    file = _read(path)
    file.check("coefficients", _known(file, project))
    _raise_if_any(file)
    return file.tables or {}


def read_models(path: Path) -> dict[str, dict[str, Any]]:
    """The ranked models of one aliases file by canonical id: ids and vendors are checked.

    The rest is checked only where one of these is at fault, to tell all at once.
    """
    file = _read(path)
    models = (file.tables or {}).get("models")
    if not (isinstance(models, dict) and models and all(map(_is_listable, models.items()))):
        file.check("aliases", {})
        _raise_if_any(file)
    return models or {}


def _is_listable(item: tuple[str, Any]) -> bool:
    """True for a model with an id and a vendor."""
    canonical_id, keys = item
    vendor = keys.get("vendor") if isinstance(keys, dict) else None
    return bool(CANONICAL_ID.fullmatch(canonical_id) and isinstance(vendor, str) and vendor.strip())


def _read(path: Path) -> _File:
    """Reads and parses one file.

    A file that cannot be read is ConfigurationError at once; broken TOML is a problem of the
    file, so that the other files are still looked at.
    """
    try:
        file = _File(path, path.read_bytes())
    except OSError as error:
        raise ConfigurationError(
            f"{shown_path(path)}: cannot be read ({error.strerror or error}); "
            "a readable TOML file was expected"
        ) from error
    try:
        file.tables = tomllib.loads(file.body.decode("utf-8"))
    except UnicodeDecodeError as error:
        line = file.body.count(b"\n", 0, error.start) + 1
        file.problems.append(
            f"{shown_path(path)}: line {line} is not valid UTF-8, which TOML requires"
        )
    except tomllib.TOMLDecodeError as error:
        file.problems.append(f"{shown_path(path)}: invalid TOML: {error}")
    return file


def _known(coefficients: _File, project: Path) -> dict[str, list[str]]:
    """What names can stand for, as far as seeds and coefficients tell."""
    known = {
        "group": _column(project, "groups", "group_id"),
        "role": _column(project, "roles", "score_key"),
    }
    if coefficients.tables is not None:
        known["metric"] = coefficients.tables_at("metrics.*")
        known["composite"] = coefficients.tables_at("composite_metrics.*")
    return known


def _in_words(fault: "ErrorDetails", schema: dict[str, Any]) -> tuple[Place | str, str]:
    """A fault that pydantic found, with what the schema says is valid."""
    place, found = fault["loc"], fault["input"]
    key, node, table = "", schema, schema
    for key in map(str, place):
        table, node = node, _below(node, key, schema)
    match fault["type"]:
        case "value_error":
            return place, str(fault["ctx"]["error"])
        case "missing":
            needed = node.get("required") or table["required"]
            return place, f"missing; this table needs {', '.join(needed)}"
        case "extra_forbidden":
            is_table = isinstance(found, dict) or (isinstance(found, list) and len(place) == 1)
            text = f"unknown {'table' if is_table else 'key'}; {choices(table['properties'], key)}"
            return place if is_table or len(place) > 1 else _key(key), text
        case "literal_error":
            return place, f"unknown {key} {shown(found)}; {choices(node['enum'], str(found))}"
        case "bool_type":
            return place, f"found {shown(found)}; valid: true, false"
        case "too_short":
            return place, "found an empty list; to allow every source, leave the key out"
        case "list_type" if len(place) == 1:
            return place, f"expected an array of tables; write one [[{key}]] per entry"
        case kind:
            description = "a table" if kind == "model_type" else node["description"]
            expected, comma, example = description.partition(", ")
            return place, f"found {shown(found)}; {expected} was expected{comma}{example}"


def _below(node: dict[str, Any], key: str, schema: dict[str, Any]) -> dict[str, Any]:
    """What a schema says of the value at a key."""
    inner = node.get("items") or node.get("additionalProperties") or {}
    inner = node.get("properties", {}).get(key, inner)
    inner = inner.get("anyOf", [inner])[0]
    found: dict[str, Any] = (
        schema["$defs"][inner["$ref"].removeprefix("#/$defs/")] if "$ref" in inner else inner
    )
    return found


def _written(tables: dict[str, Any], place: Place) -> str:
    """Table and key as the file has them; `place` is the keys that lead there."""
    top, *rest = map(str, place)
    value = tables.get(top)
    if top in NAMED_BY:
        table = f"[[{top}]]"
        if rest and isinstance(value, list):
            number = int(rest.pop(0))
            entry = value[number] if isinstance(value[number], dict) else {}
            joint, *keys = NAMED_BY[top]
            said = joint.join(shown(entry[key]) for key in keys if key in entry)
            table += f" {number + 1}" + (f" ({said})" if said else "")
    else:
        path = [top]
        while rest and isinstance(value, dict) and isinstance(value.get(rest[0]), dict):
            value = value[rest[0]]
            path.append(rest.pop(0))
        table = f"[{'.'.join(map(_key, path))}]"
    return " ".join([table, *map(_key, rest[:1])])


def _key(key: str) -> str:
    """A key as TOML writes it."""
    return key if re.fullmatch("[A-Za-z0-9_-]+", key) else shown(key)


def _raise_if_any(*files: _File) -> None:
    problems = list(dict.fromkeys(problem for file in files for problem in file.problems))
    if len(problems) == 1:
        raise ConfigurationError(problems[0])
    if problems:
        listed = "\n".join(f"  {problem}" for problem in problems)
        raise ConfigurationError(f"{len(problems)} problems in the configuration\n{listed}")


def _column(project: Path, seed: str, name: str) -> list[str]:
    """One column of a seed, without repeats, in file order."""
    with (project / "seeds" / f"{seed}.csv").open(encoding="utf-8", newline="") as file:
        return list(dict.fromkeys(row[name] for row in csv.DictReader(file)))
