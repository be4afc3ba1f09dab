"""`make backtest`: how well the 90 % intervals of the recorded board hold its scores.

Scores a folder of responses in a database of its own, hides families of benchmarks alone, all but
one, and in pairs, draws what is left, and keeps the outcome in seeds/calibration.csv, which every
board shows. Prints the tables of docs/validity.md.
"""

import argparse
import shutil
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import duckdb

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "target/backtest"
# What does not fit goes to disk: dbt itself takes as much again. Some of it cannot, so that one
# model at a time has it all.
MEMORY = "160MB"
VARIABLES = "{backtest_has_pairs: 1, backtest_draws: 200}"
BANDS = ["< 0.2", "0.2-0.4", "0.4-0.6", "0.6-0.8", ">= 0.8", "all"]
CALIBRATION = """
select
    getvariable('tested_on') as tested_on,
    (select max(cast(fetched_at as date)) from marts.dim_sources) as board_as_of,
    (select count(*) from marts.dim_models where is_active) as board_models,
    predictor,
    role_id,
    band,
    n,
    n_models,
    round(inside_share, 4) as inside_share,
    round(mean_width, 2) as mean_width
from marts.rpt_backtest
where predictor in ('v1', 'expected') and inside_share is not null
order by
    predictor = 'expected',
    array_position(['all', 'i', 'p', 'b', 'r'], role_id),
    array_position(getvariable('bands'), band)
"""
INTERVALS = """
select
    v1.band as "own evidence left",
    v1.n,
    v1.n_models as models,
    round(v1.rmse, 2) as "v1: RMSE",
    round(v1.mean_rank_error, 1) as "v1: ranks off",
    format('{:.0f} %', 100 * v1.inside_share) as "v1: inside interval",
    round(v1.mean_width, 1) as "v1: width",
    round(expected.rmse, 2) as "expected: RMSE",
    round(expected.mean_rank_error, 1) as "expected: ranks off",
    format('{:.0f} %', 100 * expected.inside_share) as "expected: inside interval",
    round(expected.mean_width, 1) as "expected: width",
    round(expected.factor_needed, 2) as "factor needed"
from marts.rpt_backtest as v1
inner join marts.rpt_backtest as expected using (role_id, band)
where v1.predictor = 'v1' and expected.predictor = 'expected' and role_id = 'all'
order by array_position(getvariable('bands'), v1.band)
"""
ROLES = """
pivot (
    select
        role_id as role,
        predictor,
        band,
        format('{:.0f} % of {}', 100 * inside_share, n) as held
    from marts.rpt_backtest
    where predictor in ('v1', 'expected')
)
on band in ('< 0.2', '0.2-0.4', '0.4-0.6', '0.6-0.8', '>= 0.8', 'all')
using coalesce(any_value(held), '–')
order by predictor = 'expected', array_position(['all', 'i', 'p', 'b', 'r'], role)
"""


def main() -> None:
    """Score, back-test, keep and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cache", type=Path, default=ROOT / "data/fixtures", metavar="DIR")
    parser.add_argument("--only", metavar="A,B", help="Only these sources.")
    parser.add_argument("--dry-run", action="store_true", help="Leave seeds/calibration.csv.")
    given = parser.parse_args()
    database = FOLDER / "backtest.duckdb"
    score = ["score", "--quiet", "--offline", "--cache", given.cache.resolve()]
    score += ["--database", database, "--out", FOLDER / "out"]
    score += ["--only", given.only] if given.only else []
    # The last board may have other responses, which this one need not follow.
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    _run([sys.executable, "-m", "ipbr_rank", *map(str, score)])
    selected = ["int_backtest_scenarios+,+rpt_backtest"]
    _run(
        [
            *(Path(sys.executable).parent / "dbt", "--quiet", "run", "--profiles-dir", ROOT),
            *("--target-path", FOLDER / "target", "--log-path", FOLDER / "logs"),
            *("--threads", "1", "--vars", VARIABLES, "--select", *selected),
        ],
        {
            "PATH": "/usr/bin:/bin",
            "HOME": str(Path.home()),
            "IPBR_DATABASE": str(database),
            "IPBR_MEMORY_LIMIT": MEMORY,
        },
    )
    with duckdb.connect(database, read_only=True) as connection:
        connection.execute("set variable tested_on = $1", [datetime.now(UTC).date()])
        connection.execute("set variable bands = $1", [BANDS])
        if not given.dry_run:
            connection.sql(CALIBRATION).write_csv(str(ROOT / "seeds/calibration.csv"))
        for query in (INTERVALS, ROLES):
            print(_markdown(connection.sql(query)))


def _run(command: Sequence[object], environment: dict[str, str] | None = None) -> None:
    """Runs a command in the project; what fails has said why, and ends this one as well."""
    process = subprocess.run([*map(str, command)], cwd=ROOT, env=environment)
    if process.returncode:
        raise SystemExit(process.returncode)


def _markdown(relation: duckdb.DuckDBPyRelation) -> str:
    rows = [relation.columns, ["---"] * len(relation.columns), *relation.fetchall()]
    return "\n".join(f"| {' | '.join(map(str, row))} |" for row in rows) + "\n"


if __name__ == "__main__":
    main()
