"""Keep a board as the earlier one that the demo is compared with.

    python scripts/make_earlier_board.py BOARD DATABASE [--out data/demo]

BOARD is the scoreboard.toml of a run with `--now` (recorded responses are scored at any time, with
the same result), DATABASE what it built. Written are the board, and its scores as the history that
a run continues (`--prev`, `--history`). An experiment is kept as a board like any other: the files
it was scored with were the project's own then.
"""

import argparse
import re
import sys
from pathlib import Path

import duckdb

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from base.scoreboard import Scoreboard, read  # noqa: E402
from base.sql import literal  # noqa: E402
from ingest.landing.past_boards import COLUMNS, FILE  # noqa: E402

OUT = PROJECT / "data/demo"
# What fct_score_history has of a run that is no experiment.
HISTORY = f"""
select {", ".join(COLUMNS)}
from built.marts.fct_role_scores
inner join built.marts.dim_models using (canonical_id)
inner join (
    select canonical_id, role_id, status, place, own_share from built.marts.fct_role_evidence
) using (canonical_id, role_id)
left join (
    select canonical_id, role_id, p05_score as score_p05, p95_score as score_p95
    from built.marts.fct_score_intervals
) using (canonical_id, role_id)
cross join built.marts.dim_runs
cross join (
    select string_agg(source_id || ' ' || scale_version, ', ' order by source_id) as scale_versions
    from built.marts.dim_sources where scale_version is not null
)
order by all
"""  # noqa: S608 names of our own


def keep(board: Path, database: Path, out: Path) -> None:
    """Write scoreboard.toml and history.parquet into the folder."""
    text = re.sub(r"(?m)^experiment = true\n", "", board.read_text("utf-8"), count=1)
    read(text.encode(), Scoreboard)
    out.mkdir(parents=True, exist_ok=True)
    (out / "scoreboard.toml").write_text(text, encoding="utf-8")
    with duckdb.connect() as connection:
        connection.execute(f"attach {literal(str(database))} as built (read_only)")
        connection.execute(f"copy ({HISTORY}) to {literal(str(out / FILE))} (format parquet)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("board", type=Path)
    parser.add_argument("database", type=Path)
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    keep(options.board, options.database, options.out)


if __name__ == "__main__":
    main()
