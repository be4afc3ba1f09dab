"""Numbers the decision records without gaps and lists them: `make decisions`.

Two branches may take the same number. Records keep their order, references are updated by the name
after the number (`0012-how-sure-a-score-is`), and docs/decisions/README.md is rewritten.
"""

import re
import subprocess
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
RECORDS = Path("docs/decisions")
TITLE = re.compile(r"# \d+\. (.+)")
SUPERSEDED = re.compile(r"^Superseded by .+", re.M)
INTRODUCTION = """\
# Decisions

Each file records one choice, and the reasons for it, where the method, the contract or common
practice allows several. An overturned choice keeps its file, with a line `Superseded by …` that
names the new choice and the reason. A new choice takes the next number, and is referred to by
number and name; `make decisions` closes gaps in the numbers, updates references and writes this
list.

"""


def numbered(project: Path) -> dict[str, str]:
    """The name that each record should have, by the one it has."""
    names = sorted(path.stem for path in (project / RECORDS).glob("[0-9]*.md"))
    return {name: f"{number:04}{name[4:]}" for number, name in enumerate(names, start=1)}


def referring(text: str, names: dict[str, str]) -> str:
    """A text whose references carry the right numbers, in a path as in the words of a link."""
    by_slug = {name[5:]: new for name, new in names.items()}

    def path(match: re.Match[str]) -> str:
        return by_slug.get(match[1], match[0])

    def link(match: re.Match[str]) -> str:
        return f"[{match[1]} {int(match[3])}]({match[2]}{match[3]}-"

    text = re.sub(r"\b\d{4}-([a-z][a-z0-9-]*[a-z0-9])", path, text)
    return re.sub(r"\[([Dd]ecision) \d+\]\(([\w./-]*?)(\d{4})-", link, text)


def index(project: Path) -> str:
    """The list of all records."""
    lines = []
    for path in sorted((project / RECORDS).glob("[0-9]*.md")):
        text = path.read_text(encoding="utf-8")
        title = TITLE.match(text)
        if title is None:
            raise SystemExit(f"error: {path}: expected `# NUMBER. TITLE` in the first line")
        mark = " (superseded)" if SUPERSEDED.search(text) else ""
        lines.append(f"{int(path.name[:4])}. [{title[1]}]({path.name}){mark}\n")
    return INTRODUCTION + "".join(lines)


def number(project: Path) -> None:
    """Renames the records, and rewrites what refers to them."""
    names = numbered(project)
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=project,
        capture_output=True,
        check=True,
        encoding="utf-8",
    ).stdout
    for name in filter(None, listed.split("\0")):
        path = project / name
        if path.suffix in (".md", ".py", ".yml", ".toml", ".sql") and path.is_file():
            text = path.read_text(encoding="utf-8")
            changed = referring(text, names)
            if changed != text:
                path.write_text(changed, encoding="utf-8")
    for name, new in names.items():
        path = project / RECORDS / f"{name}.md"
        text = re.sub(r"\A# \d+\.", f"# {int(new[:4])}.", path.read_text(encoding="utf-8"))
        path.write_text(text, encoding="utf-8")
        path.rename(path.with_stem(new))
    (project / RECORDS / "README.md").write_text(index(project), encoding="utf-8")


if __name__ == "__main__":
    number(PROJECT)
