"""Changes one operator, boundary or default at a time and sees whether a test notices.

The mutants are drawn with a fixed seed from the Python that is shipped. Each runs in a copy of the
project, up to the first failure: first the tests of its own folder, then those of its package;
what survives them runs against the whole of `make test`'s Python tests. The journal keeps every
verdict, so that an interrupted run goes on where it stopped; a mutant of a file that has changed
since is run again.
"""

import argparse
import ast
import copy
import hashlib
import json
import os
import random
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
        return source[:begin] + f"({self.after})".encode() + source[end:]


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


def chosen(count: int, seed: int) -> list[Mutant]:
    """The sample: the same for the same files, count and seed."""
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


def verdict(mutant: Mutant, copy_of: Path) -> str | None:
    """What caught the mutant, or None."""
    place = copy_of / mutant.path
    original = place.read_bytes()
    place.write_bytes(mutant.applied(original))
    package = PACKAGES[mutant.path.split("/")[0]]
    own = f"tests/unit/{Path(mutant.path).parent}"
    try:
        found = None
        if own not in package and (copy_of / own).is_dir():
            found = run_tests(copy_of, (own,))
        return found or run_tests(copy_of, package) or run_tests(copy_of, WHOLE)
    except subprocess.TimeoutExpired:
        return "the tests did not end"
    finally:
        place.write_bytes(original)


def main() -> int:
    """Runs what the journal lacks; exit code 1 if more survive than are allowed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20, help="how many mutants  [20]")
    parser.add_argument("--seed", type=int, default=1, help="of the drawing  [1]")
    parser.add_argument("--allowed", type=int, default=2, help="how many may survive  [2]")
    parser.add_argument("--folder", type=Path, default=PROJECT / "target" / "mutants")
    given = parser.parse_args()
    journal = given.folder / "journal.jsonl"
    copy_of = given.folder / "project"
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
    known = {}
    if journal.exists():
        entries = map(json.loads, journal.read_text("utf-8").splitlines())
        known = {json.dumps(entry["mutant"]): entry["caught_by"] for entry in entries}
    survivors = 0
    for number, mutant in enumerate(chosen(given.count, given.seed), start=1):
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
