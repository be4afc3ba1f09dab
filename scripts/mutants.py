"""Changes one operator, boundary or default at a time and sees whether a test notices.

The mutants are drawn with a fixed seed from the Python that is shipped. Each runs in a copy of the
project, up to the first failure: first the tests of its own folder, then those of its package;
what survives them runs against the whole of `make test`'s Python tests. With `--sql` they are drawn
from models and macros, and only dbt is asked: first the unit tests of the models that have changed,
then a build of all that follows from them. The journal keeps every verdict, so that an interrupted
run goes on where it stopped; a mutant of a file that has changed since is run again.
"""

import argparse
import ast
import copy
import hashlib
import json
import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from ipbr_rank.engine.manifest import MANIFESTS  # noqa: E402

# What is mutated, and the tests that know it best.
PACKAGES = {
    "base": ("tests/unit/base", "tests/unit/ingest"),
    "ingest": ("tests/unit/ingest",),
    "render": ("tests/unit/render",),
    "ipbr_rank": ("tests/unit/ipbr_rank",),
}
WHOLE = ("tests",)
OPTIONS = ("-n", "2", "--dist", "loadfile", "-m", "not slow and not timed and not live")
SECONDS_PER_TEST_RUN = 1800
# What has changed is told by the manifest of the unchanged project.
UNCHANGED = "target/unchanged"
DBT_RUNS = (
    ("test", "--select", "state:modified+1,test_type:unit"),
    ("build", "--select", "state:modified+", "--exclude-resource-type", "unit_test", "--fail-fast"),
)

COMPARISONS = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
OPERATORS = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.And: ast.Or,
    ast.Or: ast.And,
}

# SQL that no table is built with has its tests in Python.
NOT_BUILT = (
    "build_verdicts",
    "comment_columns",
    "create_table_macros",
    "generate_schema_name",
    "relations",
    "require_landing",
    "show_failures",
)
# Comments, statements of Jinja and the halves of `between` are left as they are.
STILL = re.compile(r"--[^\n]*|\{#.*?#\}|\{%.*?%\}|\bbetween\s+\S+\s+and\b", re.DOTALL)
OPPOSITES = (
    ("<", "<="),
    (">", ">="),
    ("=", "!="),
    ("+", "-"),
    ("*", "/"),
    ("and", "or"),
    ("asc", "desc"),
    ("min", "max"),
    ("least", "greatest"),
    ("left join", "inner join"),
    ("true", "false"),
    ("is null", "is not null"),
)
SQL_CHANGES = dict([*OPPOSITES, *(pair[::-1] for pair in OPPOSITES)])
# Equality with a value alone: tables joined by what differs would take hours.
CHANGEABLE = re.compile(
    r"(?<=\s)(?:<=|>=|<|>|\+|-|/|!?=(?=\s+['\d]))(?=\s)"
    r"|(?<=\s)(?<!select )\*(?= (?!exclude|replace|from))"
    r"|\b(?:and|or|asc|desc|left join|inner join|true|false|is null|is not null)\b"
    r"|\b(?:min|max|least|greatest)(?=\()"
    r"|(?<=[\s(])\d+(?:\.\d+)?(?=[\s,)])"
)
# Staging names the columns that all sources have in common.
COLUMN = re.compile(r"(?<=\bas )\w+(?=,$)", re.MULTILINE)


@dataclass(frozen=True)
class Mutant:
    """One change: lines count from 1, columns are bytes from 0."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    before: str
    after: str
    file_hash: str

    def applied(self, source: bytes) -> bytes:
        """The file with the change."""
        lines = source.splitlines(keepends=True)
        starts = [0]
        for line in lines:
            starts.append(starts[-1] + len(line))
        begin = starts[self.line - 1] + self.column
        end = starts[self.end_line - 1] + self.end_column
        after = f"({self.after})" if self.path.endswith(".py") else self.after
        return source[:begin] + after.encode() + source[end:]


def mutants_of(path: Path) -> Iterator[Mutant]:
    """All mutants of a file, in the order of its text."""
    source = path.read_bytes()
    tree = ast.parse(source)
    # Annotations are not run, and f-strings have no places of their own for what stands in them.
    still = {
        id(inner)
        for node in ast.walk(tree)
        for part in (
            *(getattr(node, name, None) for name in ("annotation", "returns")),
            *([node] if isinstance(node, ast.JoinedStr) else []),
        )
        if part is not None
        for inner in ast.walk(part)
    }
    for node in ast.walk(tree):
        if id(node) in still:
            continue
        for target, changed in _changes(node):
            yield Mutant(
                path=path.relative_to(PROJECT).as_posix(),
                line=target.lineno,
                column=target.col_offset,
                end_line=target.end_lineno or target.lineno,
                end_column=target.end_col_offset or 0,
                before=ast.unparse(target),
                after=ast.unparse(changed),
                file_hash=hashlib.sha256(source).hexdigest(),
            )


def _changes(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Expressions of a node, and what each becomes."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in COMPARISONS:
        changed = copy.deepcopy(node)
        changed.ops[0] = COMPARISONS[type(node.ops[0])]()
        yield node, changed
    elif isinstance(node, ast.BinOp | ast.BoolOp) and type(node.op) in OPERATORS:
        other = copy.deepcopy(node)
        # The table joins an operator to one of its own kind.
        setattr(other, "op", OPERATORS[type(node.op)]())  # noqa: B010
        yield node, other
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node, node.operand
    elif isinstance(node, ast.FunctionDef):
        for default in [*node.args.defaults, *node.args.kw_defaults]:
            if isinstance(default, ast.Constant) and isinstance(default.value, bool | int):
                value = default.value
                changed_value = not value if isinstance(value, bool) else value + 1
                yield default, ast.Constant(changed_value)


def sql_mutants_of(path: Path) -> Iterator[Mutant]:
    """All mutants of a file of SQL, in the order of its text."""
    source = path.read_text("utf-8")
    still = [match.span() for match in STILL.finditer(source)]
    found = list(CHANGEABLE.finditer(source))
    if "staging" in path.parts:
        found += COLUMN.finditer(source)
    for match in sorted(found, key=lambda match: match.start()):
        if any(start <= match.start() < end for start, end in still):
            continue
        before = match[0]
        if before[0].isdigit():
            after = str(float(before) + 1 if "." in before else int(before) + 1)
        else:
            after = SQL_CHANGES.get(before, before[:-1])
        line_start = source.rfind("\n", 0, match.start()) + 1
        line = source.count("\n", 0, match.start()) + 1
        column = len(source[line_start : match.start()].encode())
        yield Mutant(
            path=path.relative_to(PROJECT).as_posix(),
            line=line,
            column=column,
            end_line=line,
            end_column=column + len(before.encode()),
            before=before,
            after=after,
            file_hash=hashlib.sha256(source.encode()).hexdigest(),
        )


def chosen(count: int, seed: int, *, sql: bool = False) -> list[Mutant]:
    """The sample: the same for the same files, count and seed."""
    if sql:
        found = [
            mutant
            for folder in ("macros", "models")
            for path in sorted((PROJECT / folder).rglob("*.sql"))
            if path.stem not in NOT_BUILT
            for mutant in sql_mutants_of(path)
        ]
    else:
        found = [
            mutant
            for package in PACKAGES
            for path in sorted((PROJECT / package).rglob("*.py"))
            for mutant in mutants_of(path)
        ]
    return random.Random(seed).sample(found, count)  # noqa: S311 no secret


def run_tests(copy_of: Path, tests: tuple[str, ...]) -> str | None:
    """The first test that failed, or None if all passed."""
    process = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *OPTIONS, *tests],
        cwd=copy_of,
        env={**os.environ, "PYTHONPATH": str(copy_of), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=SECONDS_PER_TEST_RUN,
    )
    if process.returncode == 0:
        return None
    failed = [line for line in process.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return failed[0].split(" - ")[0] if failed else f"pytest ended with {process.returncode}"


def run_dbt(copy_of: Path, *given: str) -> subprocess.CompletedProcess[str]:
    """One command of dbt on the copy's own board."""
    return subprocess.run(
        [sys.executable, "-m", "dbt.cli.main", "--no-use-colors", *given],
        cwd=copy_of,
        env={**os.environ, "IPBR_DATABASE": str(copy_of / "target" / "mutant.duckdb")},
        capture_output=True,
        text=True,
        timeout=SECONDS_PER_TEST_RUN,
    )


def prepare_dbt(copy_of: Path) -> None:
    """Scores the recorded responses with the unchanged SQL, which each mutant starts from."""
    score = ["score", "--offline", "--cache", "data/fixtures", "--quiet"]
    places = ["--database", f"{UNCHANGED}/ipbr.duckdb", "--out", f"{UNCHANGED}/out"]
    subprocess.run([sys.executable, "-m", "ipbr_rank", *score, *places], cwd=copy_of, check=True)
    run_dbt(copy_of, "parse", "--target-path", UNCHANGED).check_returncode()


def run_dbt_tests(copy_of: Path) -> str | None:
    """The first test or table of dbt that failed, or None if all passed."""
    shutil.copy2(copy_of / UNCHANGED / "ipbr.duckdb", copy_of / "target" / "mutant.duckdb")
    for given in DBT_RUNS:
        process = run_dbt(copy_of, *given, "--state", UNCHANGED)
        if process.returncode:
            failed = re.search(r"\d+ of \d+ ((?:FAIL|ERROR) .*?) \.*", process.stdout)
            return failed[1] if failed else f"dbt ended with {process.returncode}"
    return None


def verdict(mutant: Mutant, copy_of: Path) -> str | None:
    """What caught the mutant, or None."""
    place = copy_of / mutant.path
    original = place.read_bytes()
    place.write_bytes(mutant.applied(original))
    own = f"tests/unit/{Path(mutant.path).parent}"
    try:
        if mutant.path.endswith(".sql"):
            return run_dbt_tests(copy_of)
        package = PACKAGES[mutant.path.split("/")[0]]
        found = None
        if own not in package and (copy_of / own).is_dir():
            found = run_tests(copy_of, (own,))
        return found or run_tests(copy_of, package) or run_tests(copy_of, WHOLE)
    except subprocess.TimeoutExpired:
        return "the tests did not end"
    finally:
        place.write_bytes(original)


def copy_project(copy_of: Path) -> None:
    """The files that git lists, afresh."""
    shutil.rmtree(copy_of, ignore_errors=True)
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    for name in listed.stdout.split("\0")[:-1]:
        (copy_of / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(PROJECT / name, copy_of / name)
    # Else dbt would have to compile the project for every mutant.
    if (PROJECT / MANIFESTS).is_dir():
        shutil.copytree(PROJECT / MANIFESTS, copy_of / MANIFESTS)


def main() -> int:
    """Runs what the journal lacks; exit code 1 if more survive than are allowed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20, help="how many mutants  [20]")
    parser.add_argument("--seed", type=int, default=1, help="of the drawing  [1]")
    parser.add_argument("--allowed", type=int, default=2, help="how many may survive  [2]")
    parser.add_argument("--sql", action="store_true", help="of SQL, seen by dbt, not of Python")
    parser.add_argument("--folder", type=Path, default=PROJECT / "target" / "mutants")
    given = parser.parse_args()
    journal = given.folder / "journal.jsonl"
    copy_of = given.folder / "project"
    copy_project(copy_of)
    if given.sql:
        prepare_dbt(copy_of)
    known = {}
    if journal.exists():
        entries = map(json.loads, journal.read_text("utf-8").splitlines())
        known = {json.dumps(entry["mutant"]): entry["caught_by"] for entry in entries}
    survivors = 0
    for number, mutant in enumerate(chosen(given.count, given.seed, sql=given.sql), start=1):
        key = json.dumps(asdict(mutant))
        if key not in known:
            known[key] = verdict(mutant, copy_of)
            with journal.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"mutant": asdict(mutant), "caught_by": known[key]}) + "\n")
        survivors += known[key] is None
        print(
            f"{number:2} {'caught  ' if known[key] else 'SURVIVED'} {mutant.path}:{mutant.line} "
            f"{mutant.before} -> {mutant.after}{f'  ({known[key]})' if known[key] else ''}",
            flush=True,
        )
    print(f"{given.count - survivors} of {given.count} caught")
    return int(survivors > given.allowed)


if __name__ == "__main__":
    sys.exit(main())
