"""The expected board, `tests/golden/`: what is read of a difference, and every digit.

A reviewer reads `scores.txt`, one line per model with rank, score and place in each role, and
`names.txt`, one line per name of a source that is resolved. The digits are scoreboard.toml cut into
a file for each vendor, which GitHub folds away (.gitattributes); joined again, the parts are the
file byte for byte. `python -m tests.support.golden SCOREBOARD DATABASE` writes all of them.
"""

import re
import sys
import tomllib
from pathlib import Path

import duckdb

from ipbr_rank.analysis.triage.apply import NAMES

FOLDER = Path(__file__).parents[1] / "golden"
# What stands before the models.
HEAD = "board.toml"
SCORES, RESOLVED = FOLDER / "scores.txt", FOLDER / "names.txt"
ROLES = {"i": "Idea", "p": "Planning", "b": "Building", "r": "Reviewing"}
# The keys of a role's score: what is adjusted for coverage has no raw one in R.
KEYS = {"i": "i_raw", "p": "p_raw", "b": "b_raw", "r": "r"}
MODEL = re.compile(r'(?m)^\[\[models\]\]\ncanonical_id = "([^/"]+)/')


def text() -> str:
    """The whole expected scoreboard.toml."""
    # By the key of a model: `meta-llama/` comes before `meta/`, as in the board.
    vendors = sorted(
        (path for path in FOLDER.glob("*.toml") if path.name != HEAD),
        key=lambda path: f"{path.stem}/",
    )
    return "\n".join(path.read_text("utf-8") for path in (FOLDER / HEAD, *vendors))


def scores(scoreboard: str) -> str:
    """One line per model: rank, score and, with enough own evidence, place in each role."""
    lines = [f"{'':40}" + "".join(f"{name:<22}" for name in ROLES.values())]
    for model in tomllib.loads(scoreboard)["models"]:
        cells = [f"{model['canonical_id']:<40}"]
        for role, key in KEYS.items():
            rank, evidence = model["ranks"].get(role), model["roles"][role]
            place = f"({evidence['place']})" if "place" in evidence else ""
            score = model["scores"].get(key)
            cells.append(
                f"{rank or '–':>3} {'–' if score is None else f'{score:.2f}':>6} {place:<11}"
            )
        lines.append("".join(cells))
    return "".join(f"{line.rstrip()}\n" for line in lines)


def names(database: Path) -> str:
    """One line per name that is a ranked model's: source, name, model, and by which step."""
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = connection.execute(NAMES).fetchall()
    lines = [
        # Some names come with blanks and line breaks.
        f"{source_id}: {' '.join(name.split())} → {canonical_id} "
        f"({', '.join(filter(None, (step, words)))})\n"
        for source_id, name, canonical_id, step, words in rows
    ]
    return "".join(dict.fromkeys(lines))


def write(scoreboard: Path, database: Path) -> None:
    """Replace everything by what a board says."""
    whole = scoreboard.read_text("utf-8")
    models = list(MODEL.finditer(whole))
    ends = [match.start() for match in models[1:]] + [len(whole)]
    parts = {HEAD: whole[: models[0].start()]}
    for match, end in zip(models, ends, strict=True):
        name = f"{match[1]}.toml"
        parts[name] = parts.get(name, "") + whole[match.start() : end]
    FOLDER.mkdir(exist_ok=True)
    for path in FOLDER.glob("*.toml"):
        path.unlink()
    for name, part in parts.items():
        # An empty line stands between two tables, and none at the end of a file.
        (FOLDER / name).write_text(part.rstrip("\n") + "\n", encoding="utf-8")
    SCORES.write_text(scores(whole), encoding="utf-8")
    RESOLVED.write_text(names(database), encoding="utf-8")
    if text() != whole:
        sys.exit(f"error: {scoreboard} cut into a file for each vendor is not the same when joined")


if __name__ == "__main__":
    write(Path(sys.argv[1]), Path(sys.argv[2]))
