"""One module per source. Each has `parse(body) -> {part: records}` and raises only SourceError.

The records are the source's own JSON objects: Python finds them, SQL reads meaning into them.
"""

import importlib
from collections.abc import Callable

Parts = dict[str, list[dict]]


def parser_of(source_id: str) -> Callable[[bytes], Parts]:
    """Return `parse` of the module that is named like the source."""
    return importlib.import_module(f"{__name__}.{source_id}").parse
