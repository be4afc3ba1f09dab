"""What the configuration files must be to one another and to the seeds.

The rules look at tables as they stand in the files, so that they are told beside faults of single
values. A fault is the keys to its place, or the place as it is written, and its words.
"""

import difflib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from base.sql import connected
from base.text import printable, shown

# Ids become file names and parts of web addresses.
METRIC_ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,79}", re.ASCII)
CANONICAL_ID = re.compile(r"[a-z0-9][a-z0-9._-]*/[a-z0-9][a-z0-9._-]*", re.ASCII)
SHOWN_CHOICES = 12
# Where names of a kind stand: as the last key, or as the value.
REFERENCES = (
    ("group_weights.*", "group"),
    ("final_score_weights.*", "role"),
    ("final_score_weights.*.*", "group"),
    ("metrics.*.groups.*", "group"),
    ("entries.*.canonical_id", "model"),
    ("entries.*.metric", "metric"),
    ("pair.*.target", "model"),
    ("pair.*.from", "model"),
    ("pair.*.sources.*", "source"),
    ("models.*.source_aliases.*", "source"),
)
# By which keys a table of an array is the same as an earlier one, whose number is {}.
UNIQUE = {
    "entries": (
        ("canonical_id", "metric"),
        "second value for this model and metric (the first is [[entries]] {}); "
        "give one entry per model and metric",
    ),
    "pair": (
        ("target", "from", "category", "sources"),
        "repeats [[pair]] {}; list each pair only once",
    ),
}
WITHOUT_FIGURE = (
    "has a weight, but no source or override has a value for it; add a row to "
    "seeds/source_metrics.csv or an override, or remove the weight"
)
Place = tuple[str | int, ...]
Faults = Iterator[tuple[Place | str, str]]
Known = Mapping[str, list[str]]
"""The names of each kind: group, role, metric, composite, model, source, and `supplied`, the
metrics that can have a figure. A kind whose file is broken is left out, and not checked."""


def found_at(tables: Any, pattern: str) -> Iterator[tuple[Place, Any]]:
    """Places and values where a pattern of keys leads, * for each; what is not so is left out."""
    key, _, rest = pattern.partition(".")
    keys = tables.items() if isinstance(tables, dict) else ()
    for name, value in enumerate(tables) if isinstance(tables, list) else keys:
        if key in ("*", name):
            below = found_at(value, rest) if rest else [((), value)]
            yield from (((name, *place), found) for place, found in below)


def choices(valid: Iterable[str], found: str) -> str:
    """What would have been valid: close spellings first, the whole list where it is short."""
    names = [printable(name) for name in valid]
    folded = {name.casefold(): name for name in names}
    close = [folded[match] for match in difflib.get_close_matches(found.casefold(), folded, 3, 0.7)]
    if close:
        return f"did you mean {' or '.join(close)}?"
    if len(names) <= SHOWN_CHOICES:
        return f"valid: {', '.join(names)}"
    return f"valid: {', '.join(names[:SHOWN_CHOICES])} and {len(names) - SHOWN_CHOICES} more"


def faults_of(kind: str, tables: dict[str, Any], known: Known) -> Faults:  # noqa: C901 one rule after the other
    """What is wrong with a file beyond the types of its values."""
    if kind == "coefficients":
        yield from _faults_of_coefficients(tables, known)
    if kind == "aliases" and tables.get("models", {}) == {}:
        yield "[models]", 'no model is listed; add one table [models."vendor/model"] per model'
    for place, _ in found_at(tables, "models.*"):
        if not CANONICAL_ID.fullmatch(str(place[1])):
            form = "expected vendor/model, in lower-case letters, digits, dots, _ and -"
            yield place, f"not a canonical id; {form}"
    for pattern, of in REFERENCES:
        for place, value in found_at(tables, pattern):
            is_key = pattern.endswith("*") and isinstance(place[-1], str)
            name = place[-1] if is_key else value
            if of in known and isinstance(name, str) and name not in known[of]:
                valid = choices(known[of], name)
                if of == "metric" and name in known["composite"]:
                    valid = "it is a composite and is computed from its inputs; override the inputs"
                yield place, f"unknown {of}{'' if is_key else f' {shown(name)}'}; {valid}"
    for array, (keys, text) in UNIQUE.items():
        seen: dict[str, Place] = {}
        for place, table in found_at(tables, f"{array}.*"):
            if isinstance(table, dict):
                first = seen.setdefault(repr([table.get(key) for key in keys]), place)
                if first != place:
                    yield place, text.format(int(first[1]) + 1)
    for place, pair in found_at(tables, "pair.*"):
        if isinstance(pair, dict) and "from" in pair and pair["from"] == pair.get("target"):
            yield (*place, "from"), "is the same model as target; expected another model"


def _faults_of_coefficients(tables: dict[str, Any], known: Known) -> Faults:  # noqa: C901 one rule after the other
    metrics, composites = known["metric"], known["composite"]
    if tables.get("metrics", {}) == {}:
        yield "[metrics]", "no metric is declared; add one table [metrics.X] per metric"
    for place, _ in (*found_at(tables, "metrics.*"), *found_at(tables, "composite_metrics.*")):
        if not METRIC_ID.fullmatch(str(place[1])):
            form = "expected a letter, then letters, digits, _ and -, at most 80 characters"
            yield f"[{place[0]}] {shown(place[1])}", f"not a metric id; {form}"
    for place, metric in found_at(tables, "metrics.*"):
        if place[1] in composites:
            yield place, "is also declared as a composite; an id can be only one of the two"
        keys = metric if isinstance(metric, dict) else {}
        if keys.get("transform") == "as_score" and keys.get("log_scale") is True:
            text = "found true, but the transform as_score uses the value unchanged"
            yield (*place, "log_scale"), f"{text}; expected false"
    for kind, of in (("group_weights", "group"), ("final_score_weights", "role")):
        for name in known[of]:
            if not any(found_at(tables, f"{kind}.{name}")):
                yield f"[{kind}.{name}]", f"missing; needed: {', '.join(known[of])}"
    for pattern, valid in (
        ("composite_metrics.*.*", metrics),
        ("group_weights.*.*", [*metrics, *composites]),
    ):
        for place, _ in found_at(tables, pattern):
            name = str(place[-1])
            if name in composites and name not in valid:
                yield place, "is itself a composite; the inputs of a composite must be metrics"
            elif name not in valid:
                yield place, f"unknown metric; {choices(valid, name)}"
            elif name in metrics and name not in known.get("supplied", metrics):
                yield place, WITHOUT_FIGURE


def claimed_twice(tables: Any, names_macro: Path) -> Faults:
    """Names that two models claim or that are none, compared exactly as the scoring does.

    The macros in `names_macro` are the one definition of a name's normal form: they are rendered
    here and evaluated by DuckDB.
    """
    import jinja2

    claims = [(place[1], place[1]) for place, _ in found_at(tables, "models.*")]
    for pattern in ("models.*.display_name", "models.*.aliases.*", "models.*.source_aliases.*.*"):
        claims += [(place[1], name) for place, name in found_at(tables, pattern)]
    # A name that is no text is told by its type.
    claims = [(model, name) for model, name in claims if isinstance(name, str) and name.strip()]
    macros: Any = jinja2.Environment().from_string(names_macro.read_text("utf-8")).module  # noqa: S701 SQL, no HTML
    with connected() as connection:
        rows = connection.execute(
            f"select model, name, {macros.normalise_name('name')}, {macros.compact_name('name')}"  # noqa: S608 macros of our own
            " from (select unnest($1) as model, unnest($2) as name)",
            [[model for model, _ in claims], [name for _, name in claims]],
        ).fetchall()
    for model, name, normalised, _ in rows:
        if not normalised:
            text = f"found {shown(name)}; a name needs at least one letter or digit"
            yield ("models", model, "aliases"), text
    told: set[tuple[str, ...]] = set()
    for column, how in ((2, "in the same spelling"), (3, "apart from blanks and signs")):
        claimants: dict[str, dict[str, str]] = defaultdict(dict)
        for row in rows:
            if row[column]:
                claimants[row[column]].setdefault(row[0], row[1])
        for names in claimants.values():
            # Whatever two models share as it is they also share without blanks.
            if len(names) > 1 and tuple(names) not in told:
                told.add(tuple(names))
                spelled = " and ".join(f"{shown(name)} of {model}" for model, name in names.items())
                text = f"{spelled} are the same name {how}; a name can belong to only one model"
                yield "[models] aliases", text
