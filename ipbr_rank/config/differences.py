"""What two versions of a configuration file do not share."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

# Of a table in a list: the texts that it is called by, such as model and metric.
NAMING_TEXTS = 2


def differences(earlier: Any, now: Any) -> dict[str, tuple[Any, Any]]:
    """The values that differ, by the path to their key; what one side lacks is None.

    Elements of lists have their names in brackets, so that one more shows as such.
    """
    return dict(_differing(earlier, now, ""))


def _differing(earlier: Any, now: Any, path: str) -> Iterator[tuple[str, tuple[Any, Any]]]:
    if isinstance(earlier, dict) and isinstance(now, dict):
        for key in {**earlier, **now}:
            where = f"{path}.{key}" if path else key
            yield from _differing(earlier.get(key), now.get(key), where)
    elif isinstance(earlier, list) and isinstance(now, list):
        before, after = _named(earlier), _named(now)
        for name in {**before, **after}:
            yield from _differing(before.get(name), after.get(name), f"{path}[{name}]")
    elif earlier != now:
        yield path, (earlier, now)


def _named(elements: list[Any]) -> dict[str, Any]:
    """Elements by their names; a second one of the same name has a number."""
    named = {}
    seen: Counter[str] = Counter()
    for element in elements:
        name = str(element)
        if isinstance(element, dict):
            texts = [text for text in element.values() if isinstance(text, str)]
            name = " ".join(texts[:NAMING_TEXTS])
        seen[name] += 1
        named[name if seen[name] == 1 else f"{name} {seen[name]}"] = element
    return named
