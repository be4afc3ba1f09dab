"""The expected board, `tests/golden/`: scoreboard.toml cut into a file for each vendor.

So a difference is read vendor by vendor, and no file grows with the whole board. Joined again, the
parts are the file byte for byte. `python -m tests.support.golden SCOREBOARD` writes them.
"""

import re
import sys
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "golden"
# What stands before the models.
HEAD = "board.toml"
MODEL = re.compile(r'(?m)^\[\[models\]\]\ncanonical_id = "([^/"]+)/')


def text() -> str:
    """The whole expected scoreboard.toml."""
    # By the key of a model: `meta-llama/` comes before `meta/`, as in the board.
    vendors = sorted(
        (path for path in FOLDER.glob("*.toml") if path.name != HEAD),
        key=lambda path: f"{path.stem}/",
    )
    return "\n".join(path.read_text("utf-8") for path in (FOLDER / HEAD, *vendors))


def write(scoreboard: Path) -> None:
    """Replace the parts by those of a scoreboard.toml."""
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
    if text() != whole:
        sys.exit(f"error: {scoreboard} cut into a file for each vendor is not the same when joined")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
