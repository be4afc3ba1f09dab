"""Prints the results of the queries in the documentation anew: `print_queries.py DATABASE`.

A document holds pairs of blocks: ```sql or ```python, and right after it ```text with what the
first one prints. A test uses `rewritten` to see that the documents are up to date.
"""

import re
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
DOCUMENTS = ["README.md", "docs/cookbook.md", "docs/database.md", "docs/first-five-minutes.md"]
PAIR = re.compile(r"```(sql|python)\n(.*?)```\n\n```text\n(.*?)```", flags=re.S)
# What the documents call the database; the examples run on the one that is given.
NAMED_DATABASE = '"data/ipbr.duckdb"'


def rewritten(text: str, database: Path) -> str:
    """The document with the results as `database` gives them."""

    def with_result(match: re.Match[str]) -> str:
        language, code, _ = match.groups()
        result = run_sql(code, database) if language == "sql" else run_python(code, database)
        return f"```{language}\n{code}```\n\n```text\n{result}```"

    return PAIR.sub(with_result, text)


def run_sql(statement: str, database: Path) -> str:
    """What `ipbr-rank query` prints."""
    from base.output import as_table
    from ipbr_rank.analysis.query import open_read_only, run

    with open_read_only(database) as connection:
        return as_table(*run(connection, statement))


def run_python(code: str, database: Path) -> str:
    """What the example prints; CalledProcessError if it fails."""
    code = code.replace(NAMED_DATABASE, repr(str(database)))
    return subprocess.run(
        [sys.executable, "-c", code], check=True, stdout=subprocess.PIPE, text=True
    ).stdout


if __name__ == "__main__":
    for name in DOCUMENTS:
        path = PROJECT / name
        path.write_text(
            rewritten(path.read_text(encoding="utf-8"), Path(sys.argv[1])), encoding="utf-8"
        )
