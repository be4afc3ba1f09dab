"""Models and roles of a board by what people call them."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from base.errors import ConfigurationError
from ipbr_rank.analysis.query import run

if TYPE_CHECKING:
    import duckdb

SHOWN_NAMES = 5
MODELS = """
select canonical_id, display_name
from marts.dim_models
where is_active
order by canonical_id
"""
ROLES = "select role_id, display_name from marts.dim_roles order by role_order"


def find_models(
    connection: "duckdb.DuckDBPyConnection", names: Sequence[str]
) -> list[tuple[str, str]]:
    """Key and name of each ranked model; ConfigurationError for a name that none has."""
    _, models = run(connection, MODELS)
    return [find_model(dict(models), name) for name in names]


def find_model(models: Mapping[str, str], name: str) -> tuple[str, str]:
    """Key and name of the model that is called so, by key, with or without vendor, or by name.

    `models` are the names by key. ConfigurationError if it is none of them, or several.
    """
    wanted = name.strip().lower()
    hits = [
        (key, shown)
        for key, shown in models.items()
        if wanted in (key.lower(), key.lower().partition("/")[2], shown.lower())
    ]
    if len(hits) == 1:
        return hits[0]
    near = [key for key, shown in models.items() if wanted and wanted in f"{key} {shown}".lower()]
    raise ConfigurationError(
        f"no model on the board is called {name!r}; expected an id or a name"
        + (
            f" such as {', '.join(near[:SHOWN_NAMES])}"
            if near
            else "; `ipbr-rank list-models` lists the ids"
        )
    )


def find_roles(connection: "duckdb.DuckDBPyConnection", role: str | None) -> dict[str, str]:
    """Names of the roles by key: of all, or of the one that is called so."""
    _, roles = run(connection, ROLES)
    found = {
        key: name
        for key, name in roles
        if role is None or role.lower() in (key.lower(), name.lower())
    }
    if not found:
        known = ", ".join(f"{key} ({name})" for key, name in sorted(roles))
        raise ConfigurationError(f"--role: expected one of {known}, found {role!r}")
    return found
