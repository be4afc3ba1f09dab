"""Check of required_aliases.toml: the ranked models and the names they go by."""

import datetime
import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ingest.database import connected
from ipbr_rank.config.problems import (
    Document,
    check_keys,
    check_top_level,
    list_of_text,
    nonempty_text,
    subtables,
)
from ipbr_rank.words import shown

# The id becomes a file name and part of a web address.
CANONICAL_ID = re.compile(r"[a-z0-9][a-z0-9._-]*/[a-z0-9][a-z0-9._-]*", re.ASCII)
# As names carry them: 20260813, 2026-08-13, 260813, 0813.
STAMP = re.compile(
    r"(?:20[0-9]{2}-?|2[0-9])?(?:0[1-9]|1[0-2])-?(?:0[1-9]|[12][0-9]|3[01])", re.ASCII
)


def check_models(document: Document) -> dict[str, dict[str, Any]]:
    """Reports everything wrong with single models; returns the tables by canonical id."""
    check_top_level(document, ("models",))
    models = subtables(document, "models", "model")
    if not models:
        document.report(
            "[models]", "", "no model is listed", 'one [models."vendor/model"] per model'
        )
    for canonical_id, keys in models.items():
        table = f"[models.{shown(canonical_id)}]"
        if not CANONICAL_ID.fullmatch(canonical_id):
            document.report(
                table,
                "",
                "not a canonical id",
                "vendor/model was expected, of lower-case letters, digits, dots, _ and -",
            )
        check_keys(
            document,
            table,
            keys,
            ("vendor", "aliases"),
            ("display_name", "release_date", "stamps", "open_weights"),
        )
        for key in ("vendor", "display_name"):
            if key in keys:
                nonempty_text(document, table, key, keys[key])
        list_of_text(document, table, "aliases", keys.get("aliases", []))
        for stamp in list_of_text(document, table, "stamps", keys.get("stamps", [])):
            if not STAMP.fullmatch(stamp):
                document.report(
                    table,
                    "stamps",
                    f"found {shown(stamp)}",
                    "a date as names carry it was expected, such as 20260423, 260423 or 0423",
                )
        if not isinstance(keys.get("open_weights", True), bool):
            document.report(
                table, "open_weights", f"found {shown(keys['open_weights'])}", "valid: true, false"
            )
        if "release_date" in keys and not is_date(keys["release_date"]):
            document.report(
                table,
                "release_date",
                f"found {shown(keys['release_date'])}",
                "a date such as 2026-04-23 was expected",
            )
    return models


def check_names_are_claimed_once(
    document: Document, models: dict[str, dict[str, Any]], names_macro: Path
) -> None:
    """Reports names that two models claim, compared exactly as the scoring compares them.

    The macros in `names_macro` are the one definition of a name's normal form: they are rendered
    here and evaluated by DuckDB.
    """
    claims = [
        (canonical_id, name)
        for canonical_id, keys in models.items()
        for name in _names(canonical_id, keys)
    ]
    forms = _normal_forms(names_macro, {name for _, name in claims})
    told: set[tuple[str, ...]] = set()
    for position, how in ((0, "in the same spelling"), (1, "apart from blanks and signs")):
        claimants: dict[str, dict[str, str]] = defaultdict(dict)
        for canonical_id, name in claims:
            form = forms[name][position]
            if form:
                claimants[form].setdefault(canonical_id, name)
            elif position == 0:
                document.report(
                    f"[models.{shown(canonical_id)}]",
                    "aliases",
                    f"found {shown(name)}",
                    "a name needs a letter or a digit",
                )
        for names in claimants.values():
            # Whatever two models share as it is they also share without blanks.
            if len(names) > 1 and tuple(names) not in told:
                told.add(tuple(names))
                spelled = " and ".join(
                    f"{shown(name)} of {canonical_id}" for canonical_id, name in names.items()
                )
                document.report(
                    "[models]",
                    "aliases",
                    f"{spelled} are the same name {how}",
                    "a name belongs to one model",
                )


def is_date(value: object) -> bool:
    """True for a TOML date and for a text in the same form."""
    if isinstance(value, str):
        try:
            datetime.date.fromisoformat(value)
        except ValueError:
            return False
        return True
    return isinstance(value, datetime.date) and not isinstance(value, datetime.datetime)


def _names(canonical_id: str, keys: dict[str, Any]) -> Iterable[str]:
    yield canonical_id
    display_name, aliases = keys.get("display_name"), keys.get("aliases")
    if isinstance(display_name, str):
        yield display_name
    if isinstance(aliases, list):
        yield from (alias for alias in aliases if isinstance(alias, str))


def _normal_forms(names_macro: Path, names: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Each name's normalised and compact form."""
    import jinja2

    macros: Any = jinja2.Environment().from_string(names_macro.read_text("utf-8")).module
    with connected() as connection:
        rows = connection.execute(
            f"select name, {macros.normalise_name('name')}, {macros.compact_name('name')} "
            "from (select unnest(?) as name)",
            [sorted(names)],
        ).fetchall()
    return {name: (normalised, compact) for name, normalised, compact in rows}
