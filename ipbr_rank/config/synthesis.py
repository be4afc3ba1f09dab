"""Check of synthesis_aliases.toml: which model may stand in for which."""

from collections.abc import Collection

from ipbr_rank.config.problems import (
    Document,
    array_of_tables,
    check_keys,
    check_top_level,
    choices,
    list_of_text,
)
from ipbr_rank.words import shown

CATEGORIES = ("conservative", "same_series_forward")


def check_synthesis(
    document: Document, *, models: Collection[str], sources: Collection[str]
) -> None:
    """Reports everything wrong with the pairs. A from B beside B from A is legitimate."""
    check_top_level(document, ("pair",))
    seen: dict[str, int] = {}
    for number, pair in enumerate(array_of_tables(document, "pair"), start=1):
        target, donor = pair.get("target"), pair.get("from")
        said = [shown(value) for value in (target, donor) if value is not None]
        table = f"[[pair]] {number}" + (f" ({' from '.join(said)})" if said else "")
        check_keys(document, table, pair, ("target", "from", "category"), ("sources",))
        for key in ("target", "from"):
            if key in pair and pair[key] not in models:
                document.report(
                    table, key, f"unknown model {shown(pair[key])}", choices(models, str(pair[key]))
                )
        if target is not None and target == donor:
            document.report(table, "from", "the same model as target", "another model was expected")
        if "category" in pair and pair["category"] not in CATEGORIES:
            document.report(
                table,
                "category",
                f"unknown category {shown(pair['category'])}",
                choices(CATEGORIES, str(pair["category"])),
            )
        for source in list_of_text(document, table, "sources", pair.get("sources", [])):
            if source not in sources:
                document.report(
                    table, "sources", f"unknown source {shown(source)}", choices(sources, source)
                )
        if pair.get("sources") == []:
            document.report(
                table, "sources", "found an empty list", "leave it out to allow every source"
            )
        first = seen.setdefault(repr(sorted(pair.items())), number)
        if first != number:
            document.report(table, "", f"repeats [[pair]] {first}", "each pair once")
