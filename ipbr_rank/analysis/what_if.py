"""`what-if`: what other configuration files would change of the built board. Writes nothing."""

import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from base.errors import IpbrError
from base.output import DECIMALS, WRITERS, as_json, line_of, signed, widths_of
from base.text import printable, shown
from ingest.registry import load_sources
from ipbr_rank.analysis.find import find_model, find_roles
from ipbr_rank.analysis.query import open_read_only, run
from ipbr_rank.config import ConfigurationFiles, read_configuration
from ipbr_rank.config.differences import differences
from ipbr_rank.engine.overlay import Overlay
from ipbr_rank.engine.rebuild import Failure

RUN = "select generated_at from marts.dim_runs"
# By the table that is made again for it. A place is the rank among those with enough evidence.
QUERIES = {
    "fct_role_scores": """
        select role_id, canonical_id, score, rank,
            case when status = 'ranked' then
                rank() over (partition by role_id, status order by round(score, 6) desc)
            end as place,
            own_share
        from marts.fct_role_scores
        inner join intermediate.int_role_evidence using (canonical_id, role_id)
    """,
    "dim_models": "select canonical_id, display_name from marts.dim_models",
    "stg_config__files": "select file_id, content from staging.stg_config__files",
    "int_role_evidence": "select count(*) from intermediate.int_role_evidence",
}
QUESTION = "is a number in the configuration too large to be scored?"
HEADER = ["role_id", "canonical_id"]
WHAT = ("score", "rank", "place", "own_share")
HEADER += [f"{what}_{when}" for what in WHAT for when in ("before", "after")]
# Of the keys that are not the same, in words.
SHOWN_KEYS = 12

Row = Sequence[Any]


def what_if(
    project: Path,
    database: Path,
    files: ConfigurationFiles,
    model: str | None,
    role: str | None,
    form: str,
    out: IO[str] | None = None,
) -> None:
    """Writes scores and places of the built board, and what they would be under other files.

    JSON and CSV tell of every model, the text of those whose place would be another, or of `model`
    alone. ConfigurationError for a fault in a file and for a model or role that there is not,
    IpbrError where the files make no board.
    """
    out = out or sys.stdout
    database = database.resolve()
    configuration = read_configuration(files, project, load_sources(project))
    with open_read_only(database) as connection:
        ((generated_at,),) = run(connection, RUN)[1]
        roles = find_roles(connection, role)
    with Overlay(project, database, QUESTION) as board, tempfile.TemporaryDirectory() as folder:
        before = [board.connection.execute(query).fetchall() for query in QUERIES.values()]
        after = _scored(board, configuration.write(Path(folder)))
    names: dict[str, str] = dict([*before[1], *after[1]])
    scored = {key for _, key, *_ in [*before[0], *after[0]]}
    only = None
    if model is not None:
        only, _ = find_model({key: names[key] for key in sorted(scored)}, model)
    changed = _changed_keys(*(dict(tables[2]) for tables in (before, after)))
    rows = [
        row
        for row in _compared(before[0], after[0])
        if row[0] in roles and (only is None or row[1] == only)
    ]
    if form == "json":
        told = {
            "board": generated_at.isoformat(),
            "changed": [
                dict(zip(("file", "key", "before", "after"), one, strict=True)) for one in changed
            ],
            "scores": json.loads(as_json(HEADER, rows)),
        }
        out.write(json.dumps(told, indent=2, ensure_ascii=False) + "\n")
    elif form == "csv":
        WRITERS[form](HEADER, rows, out)
    else:
        board_name = f"the board of {generated_at:%Y-%m-%d %H:%M} UTC"
        if changed:
            out.write(f"Changes from {board_name}:\n{_told_keys(changed)}")
        else:
            out.write(f"Nothing would change: {board_name} was scored with these files.\n")
        for role_id, role_name in roles.items() if changed or only else ():
            of_role = [row for row in rows if row[0] == role_id]
            out.write(_told_role(role_name, of_role, names, only))


def _scored(board: Overlay, variables: dict[str, str]) -> list[list[tuple[Any, ...]]]:
    """The rows of each query on the board that these files make."""
    try:
        return board.score(QUERIES, variables=variables)
    except Failure as failure:
        raise IpbrError(
            "no board can be built from these files, so `ipbr-rank score` would publish nothing:\n"
            f"  {failure}"
        ) from failure


def _changed_keys(before: dict[str, str], after: dict[str, str]) -> list[tuple[str, str, Any, Any]]:
    """File, key and both values of what the files do not share."""
    return [
        (file, key, *values)
        for file in after
        for key, values in differences(json.loads(before[file]), json.loads(after[file])).items()
    ]


def _compared(before: Sequence[Row], after: Sequence[Row]) -> list[Row]:
    """A row of HEADER for each role and model, by rank afterwards; what one side lacks is None."""
    was, is_now = ({row[:2]: row[2:] for row in map(tuple, rows)} for rows in (before, after))
    nothing = (None,) * len(WHAT)
    rows = [
        (*key, *(pair[at] for at in range(len(WHAT)) for pair in pairs))
        for key in was.keys() | is_now.keys()
        for pairs in [(was.get(key, nothing), is_now.get(key, nothing))]
    ]
    return sorted(rows, key=lambda row: (row[0], row[5] is None, row[5] or row[4], row[1]))


def _told_keys(changed: list[tuple[str, str, Any, Any]]) -> str:
    lines = [
        f"  {file}: {printable(key)} {_change(key, before, after)}\n"
        for file, key, before, after in changed[:SHOWN_KEYS]
    ]
    if len(changed) > SHOWN_KEYS:
        lines.append(f"  and {len(changed) - SHOWN_KEYS} more\n")
    return "".join(lines)


def _told_role(name: str, rows: list[Row], names: dict[str, str], only: str | None) -> str:
    """The rows of a role whose place would be another, or of one model."""
    named = [dict(zip(HEADER, row, strict=True)) for row in rows]
    moved = [row for row in named if row["place_before"] != row["place_after"]]
    shown_rows = named if only else moved
    if not shown_rows:
        return f"\n{name}: no place changes\n"
    n_placed = sum(row["place_before"] is not None for row in named)
    count = f": {len(moved)} places change; {n_placed} models have a place" if only is None else ""
    lines = [("model", "place", "score", "", "own evidence")]
    lines += [
        (
            printable(names[row["canonical_id"]]),
            _pair(row["place_before"], row["place_after"], "d"),
            _pair(row["score_before"], row["score_after"], f".{DECIMALS}f"),
            ""
            if None in (row["score_before"], row["score_after"])
            else signed(row["score_after"] - row["score_before"]),
            _pair(row["own_share_before"], row["own_share_after"], ".0%"),
        )
        for row in sorted(
            shown_rows, key=lambda row: row["place_after"] or row["place_before"] or len(named)
        )
    ]
    widths = widths_of(lines)
    return f"\n{name}{count}\n" + "".join(line_of(line, widths) for line in lines)


def _pair(before: float | None, after: float | None, form: str) -> str:
    told = ["–" if value is None else format(value, form) for value in (before, after)]
    return " → ".join(told)


def _change(key: str, before: Any, after: Any) -> str:
    """Both values, or what became of an element of a list or of a whole table."""
    is_thing = key.endswith("]") or isinstance(before or after, dict)
    if is_thing and before is None:
        return "is new"
    if is_thing and after is None:
        return "is gone"
    return f"{_value(before)} → {_value(after)}"


def _value(value: Any) -> str:
    return "none" if value is None else printable(shown(value))
