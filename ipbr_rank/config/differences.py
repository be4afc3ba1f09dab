"""What two versions of a configuration file do not share."""

from typing import Any


def differences(earlier: Any, now: Any) -> dict[str, tuple[Any, Any]]:
    """The values that differ, by the path to their key; what one side lacks is None."""
    before, after = dict(_flat(earlier)), dict(_flat(now))
    return {
        key: (before.get(key), after.get(key))
        for key in {**before, **after}
        if before.get(key) != after.get(key)
    }


def _flat(tables: Any, path: str = "") -> list[tuple[str, Any]]:
    if not isinstance(tables, dict):
        return [(path, tables)]
    return [
        leaf
        for key, value in tables.items()
        for leaf in _flat(value, f"{path}.{key}" if path else key)
    ]
