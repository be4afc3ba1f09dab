"""The boards of earlier runs: where they come from, and that they are fit to go on with.

Two places may hold them: the database that this run replaces, and a published `history.parquet`
(`--history`). Both are checked before anything is built; a wrong one is refused as a whole.
"""

import re
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import duckdb

from base.errors import ConfigurationError, FetchError
from base.scoreboard import ROLES
from base.sql import attached, connected, first_line, literal
from base.text import is_address
from ingest.fetch.client import Client, TransportSettings

MART = "fct_score_history"
FILE = "history.parquet"
# What the database with earlier boards is attached as.
EARLIER = "earlier"
# Times are UTC. The file and the mart have the same columns in the same order; a column that was
# added later is null on the boards of before.
COLUMNS = {
    "generated_at": "TIMESTAMP",
    "methodology": "VARCHAR",
    "edition": "VARCHAR",
    "coefficients_sha256": "VARCHAR",
    "canonical_id": "VARCHAR",
    "display_name": "VARCHAR",
    "role_id": "VARCHAR",
    "score": "DOUBLE",
    "rank": "BIGINT",
    "score_p05": "DOUBLE",
    "score_p95": "DOUBLE",
    "status": "VARCHAR",
    "place": "BIGINT",
    "own_share": "DOUBLE",
    "scale_versions": "VARCHAR",
}
ADDED = ("status", "place", "own_share", "scale_versions")
MAY_BE_NULL = ("score_p05", "score_p95", *ADDED)
LONGEST_TEXT = 1000
# What every row must be, in words and in SQL.
RULES = {
    "a score from 0 to 100": "isfinite(score) and score between 0 and 100",
    "an interval within 0 and 100": (
        "(score_p05 is null) = (score_p95 is null) "
        "and coalesce(0 <= score_p05 and score_p05 <= score_p95 and score_p95 <= 100, true)"
    ),
    f"one of the roles {', '.join(ROLES)}": f"role_id in {ROLES}",
    "a SHA-256 as coefficients_sha256": ("regexp_full_match(coefficients_sha256, '[0-9a-f]{64}')"),
    "short names without control characters": " and ".join(
        f"length({name}) between 1 and {LONGEST_TEXT} "
        f"and not regexp_matches({name}, '[\\x00-\\x1f\\x7f]')"
        for name in ("canonical_id", "display_name")
    ),
    "every model once per role and board": (
        "count(*) over (partition by generated_at, role_id, canonical_id) = 1"
    ),
    "a place for what is ranked, and for nothing else": (
        "coalesce(status in ('ranked', 'provisional'), true) "
        "and (place is not null) = (coalesce(status, '') = 'ranked') and coalesce(place >= 1, true)"
    ),
    "a share of own evidence from 0 to 1": "coalesce(own_share between 0 and 1 + 1e-9, true)",
    "short versions of scales without control characters": (
        f"coalesce(length(scale_versions) <= {LONGEST_TEXT} "
        "and not regexp_matches(scale_versions, '[\\x00-\\x1f\\x7f]'), true)"
    ),
    "ranks in the order of the scores": (
        "rank = rank() over (partition by generated_at, role_id order by round(score, 6) desc)"
    ),
}


@dataclass(frozen=True)
class EarlierHistory:
    """Checked places of earlier boards; None where there is none."""

    database: Path | None = None
    file: Path | None = None


def find_history(
    project: Path,
    database: Path,
    given: str | None,
    folder: Path,
    settings: TransportSettings,
    *,
    edition: str,
) -> EarlierHistory:
    """The history in `database` if it has one, and in the file or address `given`.

    A download goes into `folder`. Raises ConfigurationError for what is no history of this
    methodology and edition, FetchError if the address gives nothing.
    """
    rules = {"methodology": methodology_of(project), "edition": edition}
    earlier = EarlierHistory(
        database=database if _holds_history(database) and not is_experiment(database) else None,
        file=_brought_back(given, folder, settings) if given else None,
    )
    if earlier == EarlierHistory():
        return earlier
    if earlier.database:
        with connected(earlier.database, EARLIER, "read_only") as connection:
            _check(
                connection,
                f"marts.{MART}",
                rules,
                f"the history in --database {earlier.database}",
                "move that file to another folder to begin a new history, or choose another "
                "database",
            )
    if earlier.file:
        with connected() as connection:
            _check(
                connection,
                f"read_parquet({literal(earlier.file)})",
                rules,
                f"--history {given}",
                f"give the {FILE} of a site made with this version",
            )
    return earlier


def land_history(connection: duckdb.DuckDBPyConnection, earlier: EarlierHistory) -> None:
    """Fill raw.previous_history; of a moment that both places know, the database's board counts."""
    if earlier.database:
        connection.execute(f"insert into raw.previous_history by name from {EARLIER}.marts.{MART}")
    if earlier.file:
        connection.execute(
            "insert into raw.previous_history by name "  # noqa: S608 paths quoted
            f"from read_parquet({literal(earlier.file)}) where generated_at not in "
            "(select generated_at from raw.previous_history)"
        )


def attached_earlier(
    connection: duckdb.DuckDBPyConnection, earlier: EarlierHistory
) -> AbstractContextManager[None]:
    """The earlier database attached, if there is one; not possible within a transaction."""
    if earlier.database:
        return attached(connection, earlier.database, EARLIER, "read_only")
    return nullcontext()


def methodology_of(project: Path) -> str:
    """The version of the scoring rules, as dbt_project.yml says."""
    text = (project / "dbt_project.yml").read_text(encoding="utf-8")
    found = re.search(r"^  methodology: (\S+)$", text, re.MULTILINE)
    if not found:
        raise ConfigurationError("dbt_project.yml: expected a line `methodology:` under vars")
    return found[1]


def _holds_history(database: Path) -> bool:
    """False for no file, and for a database of before there was a history."""
    if not database.exists():
        return False
    try:
        with connected(database, EARLIER, "read_only") as connection:
            return bool(
                connection.execute(
                    "select 1 from duckdb_tables() where database_name = ? "
                    "and schema_name = 'marts' and table_name = ?",
                    [EARLIER, MART],
                ).fetchall()
            )
    except duckdb.Error as error:
        raise ConfigurationError(
            f"--database {database}: the history of earlier boards cannot be read from it: "
            f"{first_line(error)}; move the file to another folder (and restore the published "
            "history with --history) or choose another database"
        ) from error


def is_experiment(database: Path) -> bool | None:
    """Whether the board of a database is an experiment; None if it holds no board.

    A database of before there were experiments holds none. ConfigurationError if it does not read.
    """
    if not database.exists():
        return None
    try:
        with connected(database, EARLIER, "read_only") as connection:
            columns = connection.execute(
                "select column_name from duckdb_columns() where database_name = ? "
                "and schema_name = 'marts' and table_name = 'dim_runs'",
                [EARLIER],
            ).fetchall()
            if ("is_experiment",) not in columns:
                return False if columns else None
            row = connection.execute("select is_experiment from marts.dim_runs").fetchone()
    except duckdb.Error as error:
        raise ConfigurationError(
            f"--database {database}: the board in it cannot be read: {first_line(error)}; move the "
            "file to another folder or choose another database"
        ) from error
    return bool(row[0]) if row else None


def _brought_back(given: str, folder: Path, settings: TransportSettings) -> Path:
    if not is_address(given):
        return Path(given)
    path = folder / FILE
    try:
        path.write_bytes(Client("--history", settings).get(given))
    except FetchError as error:
        raise FetchError(
            "--history",
            given,
            "the published history",
            error.found,
            "nothing was scored, because a new history would replace the published one; "
            "leave out --history only if none was ever published",
            status=error.status,
        ) from error
    return path


def _check(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    same: dict[str, str],
    what: str,
    remedy: str,
) -> None:
    """ConfigurationError unless `relation` is a whole history, with `same` in every row."""

    def refuse(expected: str, found: str) -> ConfigurationError:
        return ConfigurationError(
            f"{what}: expected {expected}, found {found}; nothing was merged; {remedy}"
        )

    try:
        columns = connection.execute(f"describe select * from {relation}").fetchall()  # noqa: S608 names of our own, paths quoted
        found = {name: kind for name, kind, *_ in columns}
        missing = [name for name in ADDED if name not in found]
        wanted = {name: kind for name, kind in COLUMNS.items() if name not in missing}
        if found != wanted:
            wrong = [name for name in {**wanted, **found} if wanted.get(name) != found.get(name)]
            raise refuse("the columns of a score history", f"a difference in {', '.join(wrong)}")
        if missing:
            nulls = ", ".join(f"cast(null as {COLUMNS[name]}) as {name}" for name in missing)
            relation = f"(select *, {nulls} from {relation})"  # noqa: S608 names of our own, paths quoted
        for column, expected in same.items():
            others = connection.execute(
                f"select distinct coalesce({column}, 'none') from {relation} "  # noqa: S608 names of our own, paths quoted
                f"where {column} is distinct from ? order by all",
                [expected],
            ).fetchall()
            if others:
                names = ", ".join(repr(name[:40]) for (name,) in others[:5])
                raise refuse(f"boards of {column} {expected!r}", f"{column} {names}")
        rules = {f"a value in every {n}": f"{n} is not null" for n in COLUMNS
                 if n not in MAY_BE_NULL} | RULES  # fmt: skip
        flags = ", ".join(f"({rule}) as r{number}" for number, rule in enumerate(rules.values()))
        counts = ", ".join(f"count(*) filter (where r{n} is not true)" for n in range(len(rules)))
        n_rows, *broken = connection.execute(
            f"select count(*), {counts} from (select {flags} from {relation})"  # noqa: S608 names of our own, paths quoted
        ).fetchone() or (0,)
    except duckdb.Error as error:
        raise refuse("a whole Parquet file of boards", first_line(error)) from error
    if not n_rows:
        raise refuse("at least one board", "none")
    for rule, count in zip(rules, broken, strict=True):
        if count:
            raise refuse(rule, f"{count:,} of {n_rows:,} rows that break this rule")
