"""Keep a board as the earlier one that the demo is compared with.

    python scripts/make_earlier_board.py BOARD COEFFICIENTS --dated DATE [--out data/demo]

BOARD is a scoreboard.toml, COEFFICIENTS the file it was scored with. Written are the board itself
with DATE as its time (recorded responses are scored at any time, with the same result), and its
scores as the history that a run continues (`--prev`, `--history`).
"""

import argparse
import hashlib
import re
import sys
from pathlib import Path

import duckdb

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from base.scoreboard import ROLES, SCORE_KEYS, Scoreboard, read  # noqa: E402
from base.sql import literal  # noqa: E402
from base.times import utc  # noqa: E402
from ingest.landing.past_boards import COLUMNS, FILE  # noqa: E402
from ipbr_rank.run.settings import parse_now  # noqa: E402

OUT = PROJECT / "data/demo"


def keep(board: Path, coefficients: Path, dated: str, out: Path) -> None:
    """Write scoreboard.toml and history.parquet into the folder."""
    text = re.sub(
        r"(?m)^generated_at = .*$", f'generated_at = "{dated}"', board.read_text("utf-8"), count=1
    )
    document = read(text.encode(), Scoreboard)
    digest = hashlib.sha256(coefficients.read_bytes()).hexdigest()
    rows = []
    for model in document.models:
        for role in ROLES:
            spread = model.intervals
            rows.append(
                [
                    utc(document.generated_at),
                    document.methodology,
                    document.edition,
                    digest,
                    model.canonical_id,
                    model.display_name,
                    role,
                    getattr(model.scores, SCORE_KEYS[role]),
                    getattr(model.ranks, role),
                    spread and getattr(spread, f"{role}_p05_score"),
                    spread and getattr(spread, f"{role}_p95_score"),
                ]
            )
    out.mkdir(parents=True, exist_ok=True)
    (out / "scoreboard.toml").write_text(text, encoding="utf-8")
    with duckdb.connect() as connection:
        columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
        connection.execute(f"create table history ({columns})")
        connection.executemany("insert into history values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        connection.execute(f"copy history to {literal(out / FILE)} (format parquet)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("board", type=Path)
    parser.add_argument("coefficients", type=Path)
    parser.add_argument("--dated", metavar="ISO8601", required=True)
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()
    dated = f"{parse_now(options.dated):%Y-%m-%dT%H:%M:%SZ}"
    keep(options.board, options.coefficients, dated, options.out)


if __name__ == "__main__":
    main()
