"""dbt's manifest.json as what DuckDB is to execute, kept for the runs to come.

It is a documented artefact (schema v12): compiled code, graph, materialisation, contracts,
descriptions, tests. One file holds it for every database and every place of the project.
"""

import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from importlib.metadata import version
from pathlib import Path
from typing import Any

from base.files import hash_of, replace_file
from base.sql import literal, quoted
from ingest.landing.land import SCHEMA

# One manifest for each state of the project that was worked with lately, below the project or in
# the folder that the environment names.
MANIFESTS, ELSEWHERE, MANIFESTS_KEPT = Path("target", "manifests"), "IPBR_MANIFESTS", 5
# Everything in a project that dbt reads, as dbt_project.yml names it; a test compares them.
FOLDERS = ("models", "macros", "seeds", "tests/dbt")
DISTRIBUTIONS = ("dbt-core", "dbt-adapters", "dbt-common", "dbt-duckdb", "duckdb")
# In the statements of macros/build_verdicts.sql.
VERDICTS = "ops.build_verdicts"
# What dbt does to a node that is not done here.
UNSUPPORTED = ("pre-hook", "post-hook", "sql_header", "limit", "indexes", "store_failures")

# The name, kind, relation, parents and statement of a node, and more of a test.
Node = dict[str, Any]


@dataclass(frozen=True)
class Manifest:
    """What dbt-duckdb executes, by the unique id of the node, each after all that it reads."""

    key: str
    nodes: dict[str, Node]
    schemas: list[str]
    at_end: list[str]
    """What follows when all nodes are made."""


def key_of(project: Path) -> str:
    """A hash of all that dbt's manifest follows from, and of what reads it."""
    parts = [sys.version, *(f"{name} {version(name)}" for name in DISTRIBUTIONS), SCHEMA]
    files = [path for path in project.glob("*.yml") if path.is_file()]
    for name in FOLDERS:
        files += [path for path in (project / name).rglob("*") if path.is_file()]
    read = {str(path.relative_to(project)): path for path in sorted(files)}
    engine = sorted(Path(__file__).parent.glob("*.py"))
    return hash_of(parts, read | {f"engine {path.name}": path for path in engine})


def manifest_file(project: Path, key: str) -> Path:
    """Where the manifest of that key is, if there is one."""
    return Path(os.environ.get(ELSEWHERE) or project / MANIFESTS) / f"{key[:16]}.json"


def read_manifest(project: Path, key: str) -> Manifest | None:
    """The manifest of that key; None if there is none or it does not read."""
    try:
        return Manifest(**json.loads(manifest_file(project, key).read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


def keep_manifest(project: Path, manifest: Manifest, on_message: Callable[[str], None]) -> None:
    """Keeps a manifest, and no more of the others than the latest."""
    path = manifest_file(project, manifest.key)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, json.dumps(vars(manifest)).encode())
        kept = sorted(path.parent.glob("*.json"), key=lambda file: file.stat().st_mtime)
        for old in kept[:-MANIFESTS_KEPT]:
            old.unlink()
    except OSError as error:
        # A project that may only be read: dbt runs each time.
        on_message(f"dbt's manifest could not be kept for the next run: {error}")


def manifest_of(
    folder: Path, key: str, variables: Mapping[str, str], connection: Any
) -> Manifest | None:
    """The manifest of dbt's last run in `folder`; None if dbt does what is not done here.

    It does not say which types dbt finds for the columns of a seed: the built database does.
    """
    content = json.loads((folder / "target" / "manifest.json").read_text("utf-8"))
    definitions = {
        f"{quoted(schema)}.{quoted(name)}": sql.replace("CREATE", "create or replace", 1)
        for schema, name, sql in connection.execute(
            "select schema_name, table_name, sql from duckdb_tables() "
            "where database_name = current_database()"
        ).fetchall()
    }
    nodes = {
        node: _node_of(about, definitions)
        for node, about in (content["sources"] | content["nodes"]).items()
    }
    # Only a model in Python can be given other variables, which are paths.
    if any(
        about["sql"] is None or (about["kind"] != "python" and value in about["sql"])
        for about in nodes.values()
        for value in variables.values()
    ):
        return None
    hooks = sorted(node for node in nodes if nodes[node]["kind"] == "on-run-end")
    graph = {node: one["parents"] for node, one in nodes.items() if "on-run" not in one["kind"]}
    return Manifest(
        key,
        {node: nodes[node] for node in TopologicalSorter(graph).static_order()},
        sorted({nodes[node]["schema"] for node in graph if nodes[node]["kind"] != "test"}),
        [nodes[node]["sql"] for node in hooks],
    )


def _node_of(about: dict[str, Any], definitions: Mapping[str, str]) -> Node:
    """What dbt-duckdb does for a node of its manifest; "sql" is None for what is not done here."""
    config = about["config"]
    relation = f"{quoted(about['schema'])}.{quoted(about.get('alias') or about['identifier'])}"
    made, comment = config.get("materialized") or "source", ""
    if (config.get("persist_docs") or {}).get("relation") and about["description"]:
        comment = f"comment on {made} {relation} is {literal(about['description'])}"
    kind = _kind_of(about, made)
    sql = _statement(about, kind, relation, comment, definitions)
    return {
        "name": about["name"],
        "kind": kind,
        "schema": about["schema"],
        "relation": relation,
        "parents": about.get("depends_on", {}).get("nodes", []),
        "sql": sql,
        "comment": comment,
        "description": about["description"],
        "severity": config.get("severity", ""),
    }


def _kind_of(about: dict[str, Any], made: str) -> str:
    """How a node is made: as it is materialised, if nothing about it is another way."""
    if any(about["config"].get(name) for name in UNSUPPORTED) or any(
        one.get("constraints") for one in (about, *about["columns"].values())
    ):
        return "unsupported"
    if about["resource_type"] == "operation":
        # The verdict on a build is that build's alone: whoever runs the manifest writes its own.
        is_verdict = VERDICTS in (about.get("compiled_code") or "")
        return "on-run-verdict" if is_verdict else str(about["tags"][0])
    return "python" if about.get("language") == "python" else made


def _statement(
    about: dict[str, Any], kind: str, relation: str, comment: str, definitions: Mapping[str, str]
) -> str | None:
    """The SQL that makes a node; None for what is not done here."""
    config, columns = about["config"], about["columns"]
    sql: str | None = about.get("compiled_code", "")
    calc, names = config.get("fail_calc"), ", ".join(columns)
    match kind:
        case "seed":
            path = literal(about["original_file_path"])
            return f"{definitions[relation]} copy {relation} from {path} (format csv, header true)"
        case "table" if config["contract"]["enforced"]:
            typed = ", ".join(f"{name} {one['data_type']}" for name, one in columns.items())
            return (
                f"create or replace table {relation} ({typed});\n"
                f"insert into {relation} ({names}) select {names} from (\n{sql}\n);\n{comment}"
            )
        case "table" | "view":
            return f"create or replace {kind} {relation} as (\n{sql}\n);\n{comment}"
        case "test":
            return (
                f"select {calc}, {calc} {config['warn_if']}, {calc} {config['error_if']}\n"
                f"from (\n{sql}\n) as dbt_internal_test"
            )
        # A check before all nodes that has passed is not repeated; anything else is not done here.
        case "on-run-start" if sql != "select 1":
            return None
        case "python" | "source" | "on-run-start" | "on-run-end" | "on-run-verdict":
            return sql
    return None
